// SPDX-License-Identifier: MIT
// A lock for places where no file can be one: a listening abstract UNIX socket (unix(7)), of the network namespace. The
// kernel frees it with its process. Every process in the namespace may take the name; lock.ts says where that does no harm.
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

struct Address {
  sockaddr_un un{};
  socklen_t length = 0;
  const sockaddr* Get() const { return reinterpret_cast<const sockaddr*>(&un); }
};

Address AddressOf(Napi::Env env, const std::string& name) {
  Address address;
  if (name.empty() || name.size() > sizeof(address.un.sun_path) - 1) {
    throw Napi::RangeError::New(env, "a lock's name has 1 to 107 bytes");
  }
  address.un.sun_family = AF_UNIX;
  memcpy(address.un.sun_path + 1, name.data(), name.size());
  address.length = offsetof(sockaddr_un, sun_path) + 1 + name.size();
  return address;
}

int NewSocket(Napi::Env env) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) ThrowErrno(env, "socket", errno);
  return fd;
}

// The listener's pid; -1: nobody listens.
pid_t Listener(Napi::Env env, const Address& address, const std::string& name) {
  UniqueFd asking(NewSocket(env));
  if (connect(asking.Get(), address.Get(), address.length) < 0) {
    if (errno != ECONNREFUSED && errno != EAGAIN) ThrowErrno(env, "connect", errno, name);
    return -1;
  }
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (getsockopt(asking.Get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0) {
    ThrowErrno(env, "getsockopt", errno, "SO_PEERCRED");
  }
  return credentials.pid;
}

Napi::Value LockSocket(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string name = StringArgument(info, 0);
  Address address = AddressOf(env, name);
  Napi::Object result = Napi::Object::New(env);
  for (int tries = 0; tries < kTries; tries++) {
    UniqueFd own(NewSocket(env));
    if (bind(own.Get(), address.Get(), address.length) == 0) {
      if (listen(own.Get(), kBacklog) < 0) ThrowErrno(env, "listen", errno);
      result.Set("fd", own.Release());
      return result;
    }
    if (errno != EADDRINUSE) ThrowErrno(env, "bind", errno, name);
    pid_t pid = Listener(env, address, name);
    if (pid >= 0) {
      result.Set("holder", static_cast<double>(pid));
      return result;
    }
    poll(nullptr, 0, kPauseMs);
  }
  ThrowErrno(env, "connect", EBUSY, name);
}

Napi::Value SocketHolder(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string name = StringArgument(info, 0);
  pid_t pid = Listener(env, AddressOf(env, name), name);
  return pid < 0 ? env.Null() : Napi::Number::New(env, pid);
}

}  // namespace

void AddLockSocket(Napi::Env env, Napi::Object exports) {
  Add<LockSocket>(env, exports, "lockSocket");
  Add<SocketHolder>(env, exports, "socketHolder");
}

}  // namespace lvn
