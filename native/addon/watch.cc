// SPDX-License-Identifier: MIT
// Readiness of a descriptor on Node's event loop.
#include <uv.h>

#include "arguments.h"
#include "errors.h"
#include "parts.h"

namespace lvn {

namespace {

/// Lives from `watchReadable` until its handle has closed: stopped by the caller or by the end of the environment.
struct Watcher {
  uv_poll_t handle;
  Napi::Env env;
  Napi::FunctionReference callback;
  Napi::AsyncContext context;
  napi_async_cleanup_hook_handle cleanup = nullptr;
  bool closing = false;

  Watcher(Napi::Env env_, Napi::Function function)
      : env(env_), callback(Napi::Persistent(function)), context(env_, "lvn:watchReadable") {
    handle.data = this;
  }
};

void OnReadable(uv_poll_t* handle, int, int) {
  auto* watcher = static_cast<Watcher*>(handle->data);
  Napi::HandleScope scope(watcher->env);
  try {
    watcher->callback.MakeCallback(Napi::Object::New(watcher->env), {}, watcher->context);
  } catch (const Napi::Error& error) {
    // As an exception in any other event handler.
    napi_fatal_exception(watcher->env, error.Value());
  }
}

void Stop(Watcher* watcher) {
  if (watcher->closing) return;
  watcher->closing = true;
  uv_poll_stop(&watcher->handle);
  uv_close(reinterpret_cast<uv_handle_t*>(&watcher->handle), [](uv_handle_t* handle) {
    auto* closed = static_cast<Watcher*>(handle->data);
    Napi::HandleScope scope(closed->env);
    napi_async_cleanup_hook_handle cleanup = closed->cleanup;
    delete closed;
    napi_remove_async_cleanup_hook(cleanup);
  });
}

Napi::Value WatchReadable(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int fd = FdArgument(info, 0);
  if (!info[1].IsFunction()) throw Napi::TypeError::New(env, "argument 2 is not a function");
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) throw Napi::Error::New(env, "no event loop");

  auto* watcher = new Watcher(env, info[1].As<Napi::Function>());
  int result = uv_poll_init(loop, &watcher->handle, fd);
  if (result < 0) {
    delete watcher;
    ThrowErrno(env, "uv_poll_init", -result);
  }
  napi_add_async_cleanup_hook(
      env, [](napi_async_cleanup_hook_handle, void* data) { Stop(static_cast<Watcher*>(data)); }, watcher,
      &watcher->cleanup);
  result = uv_poll_start(&watcher->handle, UV_READABLE, OnReadable);
  if (result < 0) {
    Stop(watcher);
    ThrowErrno(env, "uv_poll_start", -result);
  }
  // The watcher is gone once its handle has closed, so the function must forget it after the first call.
  return Napi::Function::New(env, [watcher](const Napi::CallbackInfo&) mutable {
    if (watcher != nullptr) Stop(watcher);
    watcher = nullptr;
  });
}

}  // namespace

void AddWatch(Napi::Env env, Napi::Object exports) { Add<WatchReadable>(env, exports, "watchReadable"); }

}  // namespace lvn
