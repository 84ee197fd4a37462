// SPDX-License-Identifier: MIT
// One holder at a time: a listening abstract UNIX socket (unix(7)). The kernel frees it with its process.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "arguments.h"
#include "errors.h"
#include "parts.h"

namespace lvn {

namespace {

// A holder that is just binding or just leaving refuses the connection: try again, 100 times 2 ms at most.
constexpr int kTries = 100;
constexpr int kPauseMs = 2;
// Nobody accepts, so everyone who ever asked for the holder stays in the queue.
constexpr int kBacklog = 4096;

int NewSocket(Napi::Env env) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) ThrowErrno(env, "socket", errno);
  return fd;
}

Napi::Value Lock(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string name = StringArgument(info, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || name.size() > sizeof(address.sun_path) - 1) {
    throw Napi::RangeError::New(env, "a lock's name has 1 to 107 bytes");
  }
  memcpy(address.sun_path + 1, name.data(), name.size());
  auto* where = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = offsetof(sockaddr_un, sun_path) + 1 + name.size();

  Napi::Object result = Napi::Object::New(env);
  for (int tries = 0; tries < kTries; tries++) {
    UniqueFd own(NewSocket(env));
    if (bind(own.Get(), where, length) == 0) {
      if (listen(own.Get(), kBacklog) < 0) ThrowErrno(env, "listen", errno);
      result.Set("fd", own.Release());
      return result;
    }
    if (errno != EADDRINUSE) ThrowErrno(env, "bind", errno, name);

    UniqueFd asking(NewSocket(env));
    if (connect(asking.Get(), where, length) == 0) {
      ucred credentials{};
      socklen_t size = sizeof(credentials);
      if (getsockopt(asking.Get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0) {
        ThrowErrno(env, "getsockopt", errno, "SO_PEERCRED");
      }
      Napi::Object holder = Napi::Object::New(env);
      holder.Set("pid", credentials.pid);
      result.Set("holder", holder);
      return result;
    }
    if (errno != ECONNREFUSED && errno != EAGAIN) ThrowErrno(env, "connect", errno, name);
    poll(nullptr, 0, kPauseMs);
  }
  ThrowErrno(env, "connect", EBUSY, name);
}

}  // namespace

void AddLock(Napi::Env env, Napi::Object exports) { Add<Lock>(env, exports, "lock"); }

}  // namespace lvn
