// SPDX-License-Identifier: MIT
// Netlink sockets: bytes in, bytes out. Message formats are TypeScript's.
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "arguments.h"
#include "errors.h"
#include "parts.h"

namespace lvn {

namespace {

// Room for the acks of a whole batch and for bursts of events.
constexpr int kReceiveBuffer = 16 << 20;
constexpr int kSendBuffer = 2 << 20;
// Dumps come in datagrams of at most 32 KiB (net/netlink/af_netlink.c); larger ones are read into a buffer of their size.
constexpr size_t kUsualDatagram = 64 << 10;

void EnlargeBuffer(int fd, int forced, int plain, int size) {
  // Without CAP_NET_ADMIN the system's limit stays; reading then still works, only with less slack.
  if (setsockopt(fd, SOL_SOCKET, forced, &size, sizeof(size)) < 0) {
    setsockopt(fd, SOL_SOCKET, plain, &size, sizeof(size));
  }
}

Napi::Value NetlinkOpen(const Napi::CallbackInfo& info) {
  int protocol = IntArgument(info, 0);
  if (!info[1].IsArray()) throw Napi::TypeError::New(info.Env(), "argument 2 is not an array");
  Napi::Array groups = info[1].As<Napi::Array>();

  UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (fd.Get() < 0) ThrowErrno(info.Env(), "socket", errno);
  const int on = 1;
  for (int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK}) {
    if (setsockopt(fd.Get(), SOL_NETLINK, option, &on, sizeof(on)) < 0 && errno != ENOPROTOOPT) {
      ThrowErrno(info.Env(), "setsockopt", errno);
    }
  }
  EnlargeBuffer(fd.Get(), SO_RCVBUFFORCE, SO_RCVBUF, kReceiveBuffer);
  EnlargeBuffer(fd.Get(), SO_SNDBUFFORCE, SO_SNDBUF, kSendBuffer);

  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  if (bind(fd.Get(), reinterpret_cast<sockaddr*>(&self), sizeof(self)) < 0) ThrowErrno(info.Env(), "bind", errno);
  for (uint32_t i = 0; i < groups.Length(); i++) {
    Napi::Value element = groups.Get(i);
    if (!element.IsNumber()) throw Napi::TypeError::New(info.Env(), "a group is not a number");
    int group = element.As<Napi::Number>().Int32Value();
    if (setsockopt(fd.Get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0) {
      ThrowErrno(info.Env(), "setsockopt", errno, "group " + std::to_string(group));
    }
  }
  return Napi::Number::New(info.Env(), fd.Release());
}

Napi::Value NetlinkSend(const Napi::CallbackInfo& info) {
  int fd = FdArgument(info, 0);
  Napi::Buffer<uint8_t> message = BufferArgument(info, 1);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  for (;;) {
    ssize_t sent = sendto(fd, message.Data(), message.Length(), 0, reinterpret_cast<sockaddr*>(&kernel),
                          sizeof(kernel));
    if (sent >= 0) return info.Env().Undefined();
    if (errno != EINTR) ThrowErrno(info.Env(), "sendto", errno);
  }
}

int64_t NowMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

/// Waits until the socket has something or `deadline` (CLOCK_MONOTONIC; negative: none) is over.
bool WaitReadable(Napi::Env env, int fd, int64_t deadline) {
  for (;;) {
    int64_t left = deadline < 0 ? -1 : std::max<int64_t>(0, deadline - NowMs());
    pollfd waited{fd, POLLIN, 0};
    int ready = poll(&waited, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) ThrowErrno(env, "poll", errno);
  }
}

Napi::Value NetlinkReceive(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int fd = FdArgument(info, 0);
  int timeoutMs = IntArgument(info, 1);
  int64_t deadline = timeoutMs < 0 ? -1 : NowMs() + timeoutMs;
  static thread_local std::vector<uint8_t> usual(kUsualDatagram);

  for (;;) {
    sockaddr_nl sender{};
    socklen_t length = sizeof(sender);
    ssize_t size = recvfrom(fd, usual.data(), usual.size(), MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT,
                            reinterpret_cast<sockaddr*>(&sender), &length);
    if (size < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) ThrowErrno(env, "recvfrom", errno);
      if (!WaitReadable(env, fd, deadline)) return env.Null();
      continue;
    }
    bool whole = static_cast<size_t>(size) <= usual.size();
    std::vector<uint8_t> large(whole ? 0 : size);
    // The peeked datagram is still the first in the queue: nobody else reads this socket.
    ssize_t taken = recv(fd, large.data(), large.size(), MSG_TRUNC | MSG_DONTWAIT);
    if (taken < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      ThrowErrno(env, "recv", errno);
    }
    // Another process may send to our port; only the kernel's word counts.
    if (sender.nl_pid != 0) continue;
    return Napi::Buffer<uint8_t>::Copy(env, whole ? usual.data() : large.data(), size);
  }
}

}  // namespace

void AddNetlink(Napi::Env env, Napi::Object exports) {
  Add<NetlinkOpen>(env, exports, "netlinkOpen");
  Add<NetlinkSend>(env, exports, "netlinkSend");
  Add<NetlinkReceive>(env, exports, "netlinkReceive");
}

}  // namespace lvn
