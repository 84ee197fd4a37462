// SPDX-License-Identifier: MIT
// Entry of the addon: puts the parts together. Thin on purpose: no codecs, no decisions, one system call a function.
#include <unistd.h>

#include <cerrno>

#include "arguments.h"
#include "errors.h"
#include "parts.h"

namespace lvn {

namespace {

Napi::Value Close(const Napi::CallbackInfo& info) {
  // After EINTR Linux has closed the descriptor all the same (close(2)).
  if (close(FdArgument(info, 0)) < 0 && errno != EINTR) ThrowErrno(info.Env(), "close", errno);
  return info.Env().Undefined();
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  Add<Close>(env, exports, "close");
  AddNetns(env, exports);
  AddNetlink(env, exports);
  AddWatch(env, exports);
  AddTun(env, exports);
  AddLockFile(env, exports);
  AddLockSocket(env, exports);
  AddBpfObject(env, exports);
  AddBpfInfo(env, exports);
  AddBpfMap(env, exports);
  AddBpfAttach(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(lvn, Init)

}  // namespace lvn
