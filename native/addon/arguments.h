// SPDX-License-Identifier: MIT
// Checked reading of JavaScript arguments. Wrong types throw TypeError, wrong sizes RangeError.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>

namespace lvn {

/// A file descriptor: an integer from 0 to 2^31-1.
int FdArgument(const Napi::CallbackInfo& info, size_t index);
int32_t IntArgument(const Napi::CallbackInfo& info, size_t index);
uint32_t UintArgument(const Napi::CallbackInfo& info, size_t index);
/// Text without NUL bytes.
std::string StringArgument(const Napi::CallbackInfo& info, size_t index);
Napi::Buffer<uint8_t> BufferArgument(const Napi::CallbackInfo& info, size_t index);
/// A buffer of exactly `size` bytes; `what` names it in the RangeError.
Napi::Buffer<uint8_t> SizedBuffer(const Napi::CallbackInfo& info, size_t index, size_t size, const char* what);

/// Closes its descriptor unless it was released.
class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  ~UniqueFd();
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  int Get() const { return fd_; }
  int Release() {
    int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

}  // namespace lvn
