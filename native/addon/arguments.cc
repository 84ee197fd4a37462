// SPDX-License-Identifier: MIT
#include "arguments.h"

#include <unistd.h>

#include <cmath>
#include <limits>

namespace lvn {

namespace {

[[noreturn]] void ThrowType(const Napi::CallbackInfo& info, size_t index, const char* wanted) {
  throw Napi::TypeError::New(info.Env(), "argument " + std::to_string(index + 1) + " is not " + wanted);
}

double IntegerBetween(const Napi::CallbackInfo& info, size_t index, double low, double high, const char* wanted) {
  if (!info[index].IsNumber()) ThrowType(info, index, wanted);
  double value = info[index].As<Napi::Number>().DoubleValue();
  if (!(value >= low && value <= high) || std::floor(value) != value) ThrowType(info, index, wanted);
  return value;
}

}  // namespace

int FdArgument(const Napi::CallbackInfo& info, size_t index) {
  constexpr double high = std::numeric_limits<int>::max();
  return static_cast<int>(IntegerBetween(info, index, 0, high, "a file descriptor"));
}

int32_t IntArgument(const Napi::CallbackInfo& info, size_t index) {
  constexpr double low = std::numeric_limits<int32_t>::min();
  constexpr double high = std::numeric_limits<int32_t>::max();
  return static_cast<int32_t>(IntegerBetween(info, index, low, high, "a 32-bit integer"));
}

uint32_t UintArgument(const Napi::CallbackInfo& info, size_t index) {
  constexpr double high = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(IntegerBetween(info, index, 0, high, "an unsigned 32-bit integer"));
}

std::string StringArgument(const Napi::CallbackInfo& info, size_t index) {
  if (!info[index].IsString()) ThrowType(info, index, "a string");
  std::string text = info[index].As<Napi::String>().Utf8Value();
  if (text.find('\0') != std::string::npos) ThrowType(info, index, "a string without NUL bytes");
  return text;
}

Napi::Buffer<uint8_t> BufferArgument(const Napi::CallbackInfo& info, size_t index) {
  if (!info[index].IsBuffer()) ThrowType(info, index, "a buffer");
  return info[index].As<Napi::Buffer<uint8_t>>();
}

Napi::Buffer<uint8_t> SizedBuffer(const Napi::CallbackInfo& info, size_t index, size_t size, const char* what) {
  Napi::Buffer<uint8_t> buffer = BufferArgument(info, index);
  if (buffer.Length() != size) {
    throw Napi::RangeError::New(info.Env(), std::string(what) + " has " + std::to_string(buffer.Length()) +
                                                " bytes instead of " + std::to_string(size));
  }
  return buffer;
}

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace lvn
