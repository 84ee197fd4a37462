// SPDX-License-Identifier: MIT
#include "errors.h"

#include <cstring>

namespace lvn {

namespace {
// Internal to the kernel (include/linux/errno.h), yet bpf(2) lets it out for batch operations.
constexpr int kENOTSUPP = 524;
}  // namespace

std::string ErrnoName(int error) {
  if (error == kENOTSUPP) return "ENOTSUPP";
  const char* name = strerrorname_np(error);
  return name != nullptr ? name : "E" + std::to_string(error);
}

Napi::Error SystemError(Napi::Env env, const char* syscall, int error, const std::string& detail) {
  const char* text = error == kENOTSUPP ? "Operation not supported" : strerror(error);
  std::string message = ErrnoName(error) + ": " + text + ", " + syscall;
  if (!detail.empty()) message += " (" + detail + ")";
  Napi::Error thrown = Napi::Error::New(env, message);
  thrown.Set("code", Napi::String::New(env, ErrnoName(error)));
  thrown.Set("errno", Napi::Number::New(env, error));
  thrown.Set("syscall", Napi::String::New(env, syscall));
  return thrown;
}

void ThrowErrno(Napi::Env env, const char* syscall, int error, const std::string& detail) {
  throw SystemError(env, syscall, error, detail);
}

}  // namespace lvn
