// SPDX-License-Identifier: MIT
// TUN devices (Documentation/networking/tuntap.rst).
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

#include "arguments.h"
#include "errors.h"
#include "parts.h"

namespace lvn {

namespace {

Napi::Value TunCreate(const Napi::CallbackInfo& info) {
  std::string name = StringArgument(info, 0);
  if (name.empty() || name.size() >= IFNAMSIZ) {
    throw Napi::RangeError::New(info.Env(), "an interface name has 1 to 15 bytes");
  }
  UniqueFd fd(open("/dev/net/tun", O_RDWR | O_CLOEXEC));
  if (fd.Get() < 0) ThrowErrno(info.Env(), "open", errno, "/dev/net/tun");
  ifreq request{};
  memcpy(request.ifr_name, name.data(), name.size());
  // EXCL: never take over a TUN device that is already there.
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL);
  if (ioctl(fd.Get(), TUNSETIFF, &request) < 0) ThrowErrno(info.Env(), "ioctl", errno, "TUNSETIFF " + name);
  return Napi::Number::New(info.Env(), fd.Release());
}

Napi::Value TunPersist(const Napi::CallbackInfo& info) {
  int fd = FdArgument(info, 0);
  if (!info[1].IsBoolean()) throw Napi::TypeError::New(info.Env(), "argument 2 is not a boolean");
  int on = info[1].As<Napi::Boolean>().Value() ? 1 : 0;
  if (ioctl(fd, TUNSETPERSIST, on) < 0) ThrowErrno(info.Env(), "ioctl", errno, "TUNSETPERSIST");
  return info.Env().Undefined();
}

}  // namespace

void AddTun(Napi::Env env, Napi::Object exports) {
  Add<TunCreate>(env, exports, "tunCreate");
  Add<TunPersist>(env, exports, "tunPersist");
}

}  // namespace lvn
