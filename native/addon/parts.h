// SPDX-License-Identifier: MIT
// What each part adds to the addon's exports; the functions are documented in index.ts.
#pragma once

#include <napi.h>

namespace lvn {

void AddNetns(Napi::Env env, Napi::Object exports);
void AddNetlink(Napi::Env env, Napi::Object exports);
void AddWatch(Napi::Env env, Napi::Object exports);
void AddTun(Napi::Env env, Napi::Object exports);
void AddLockFile(Napi::Env env, Napi::Object exports);
void AddLockSocket(Napi::Env env, Napi::Object exports);
void AddBpfObject(Napi::Env env, Napi::Object exports);
void AddBpfInfo(Napi::Env env, Napi::Object exports);
void AddBpfMap(Napi::Env env, Napi::Object exports);
void AddBpfAttach(Napi::Env env, Napi::Object exports);

/// One exported function under its JavaScript name.
template <Napi::Value (*callback)(const Napi::CallbackInfo&)>
void Add(Napi::Env env, Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<callback>(env, name));
}

}  // namespace lvn
