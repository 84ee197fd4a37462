// SPDX-License-Identifier: MIT
// Network namespaces: open, enter, create, bind to a path. Which names and folders are used is TypeScript's.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

#include "arguments.h"
#include "errors.h"
#include "parts.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

namespace lvn {

namespace {

Napi::Value NetnsOpen(const Napi::CallbackInfo& info) {
  std::string path = StringArgument(info, 0);
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) ThrowErrno(info.Env(), "open", errno, path);
  return Napi::Number::New(info.Env(), fd);
}

Napi::Value NetnsEnter(const Napi::CallbackInfo& info) {
  if (setns(FdArgument(info, 0), CLONE_NEWNET) < 0) ThrowErrno(info.Env(), "setns", errno);
  return info.Env().Undefined();
}

Napi::Value NetnsCreate(const Napi::CallbackInfo& info) {
  std::string path = StringArgument(info, 0);
  const char* failed = nullptr;
  int error = 0;
  // A thread of its own: the caller's namespace is never left, so there is nothing to come back to.
  std::thread([&] {
    if (unshare(CLONE_NEWNET) < 0) {
      failed = "unshare";
      error = errno;
    } else if (mount("/proc/thread-self/ns/net", path.c_str(), "none", MS_BIND, nullptr) < 0) {
      failed = "mount";
      error = errno;
    }
  }).join();
  if (failed != nullptr) ThrowErrno(info.Env(), failed, error, path);
  return info.Env().Undefined();
}

Napi::Value NetnsUnmount(const Napi::CallbackInfo& info) {
  std::string path = StringArgument(info, 0);
  if (umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) < 0) ThrowErrno(info.Env(), "umount2", errno, path);
  return info.Env().Undefined();
}

Napi::Value MountShared(const Napi::CallbackInfo& info) {
  std::string path = StringArgument(info, 0);
  const char* folder = path.c_str();
  if (mount("", folder, "none", MS_SHARED | MS_REC, nullptr) == 0) return info.Env().Undefined();
  // EINVAL: not a mount point yet.
  if (errno != EINVAL) ThrowErrno(info.Env(), "mount", errno, path);
  if (mount(folder, folder, "none", MS_BIND | MS_REC, nullptr) < 0) ThrowErrno(info.Env(), "mount", errno, path);
  if (mount("", folder, "none", MS_SHARED | MS_REC, nullptr) < 0) ThrowErrno(info.Env(), "mount", errno, path);
  return info.Env().Undefined();
}

Napi::Value NetnsCookie(const Napi::CallbackInfo& info) {
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd.Get() < 0) ThrowErrno(info.Env(), "socket", errno);
  uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  if (getsockopt(fd.Get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) < 0) {
    ThrowErrno(info.Env(), "getsockopt", errno, "SO_NETNS_COOKIE");
  }
  return Napi::String::New(info.Env(), std::to_string(cookie));
}

}  // namespace

void AddNetns(Napi::Env env, Napi::Object exports) {
  Add<NetnsOpen>(env, exports, "netnsOpen");
  Add<NetnsEnter>(env, exports, "netnsEnter");
  Add<NetnsCreate>(env, exports, "netnsCreate");
  Add<NetnsUnmount>(env, exports, "netnsUnmount");
  Add<NetnsCookie>(env, exports, "netnsCookie");
  Add<MountShared>(env, exports, "mountShared");
}

}  // namespace lvn
