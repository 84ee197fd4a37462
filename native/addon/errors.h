// SPDX-License-Identifier: MIT
// How failures reach JavaScript: an Error with `code` (EPERM), `errno` (positive) and `syscall`.
#pragma once

#include <napi.h>

#include <string>

namespace lvn {

/// The symbolic name of a positive errno, the kernel's own ENOTSUPP (524) included.
std::string ErrnoName(int error);

/// The error object, for callers that add properties before they throw it.
Napi::Error SystemError(Napi::Env env, const char* syscall, int error, const std::string& detail = "");

[[noreturn]] void ThrowErrno(Napi::Env env, const char* syscall, int error, const std::string& detail = "");

}  // namespace lvn
