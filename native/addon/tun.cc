// SPDX-License-Identifier: MIT
// TUN devices (Documentation/networking/tuntap.rst).
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "arguments.h"
#include "errors.h"
#include "parts.h"

namespace lvn {

namespace {

ifreq RequestFor(Napi::Env env, const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) {
    throw Napi::RangeError::New(env, "an interface name has 1 to 15 bytes");
  }
  ifreq request{};
  memcpy(request.ifr_name, name.data(), name.size());
  return request;
}

// A layer 3 TUN device that leaves checksums to whoever sends a packet at last: only from such a device can frames of
// UDP_SEGMENT be encapsulated (they are CHECKSUM_PARTIAL then). It gets an owner: to a persistent device without one,
// every user may attach (tun_not_capable() of drivers/net/tun.c), since everybody may open /dev/net/tun. `more`: flags of
// TUNSETIFF. `index`: of a new device, where it is not 0.
UniqueFd OpenTun(Napi::Env env, const std::string& name, int more, unsigned index) {
  ifreq request = RequestFor(env, name);
  UniqueFd fd(open("/dev/net/tun", O_RDWR | O_CLOEXEC));
  if (fd.Get() < 0) ThrowErrno(env, "open", errno, "/dev/net/tun");
  if (index != 0 && ioctl(fd.Get(), TUNSETIFINDEX, &index) < 0) ThrowErrno(env, "ioctl", errno, "TUNSETIFINDEX " + name);
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | more);
  if (ioctl(fd.Get(), TUNSETIFF, &request) < 0) ThrowErrno(env, "ioctl", errno, "TUNSETIFF " + name);
  if (ioctl(fd.Get(), TUNSETOFFLOAD, TUN_F_CSUM) < 0) ThrowErrno(env, "ioctl", errno, "TUNSETOFFLOAD " + name);
  if (ioctl(fd.Get(), TUNSETOWNER, static_cast<unsigned long>(geteuid())) < 0) {
    ThrowErrno(env, "ioctl", errno, "TUNSETOWNER " + name);
  }
  return fd;
}

// ethtool(8)'s switch for checksums of packets that are sent; the kernel's answer is in `value`.
void SwitchChecksums(Napi::Env env, const std::string& name, ethtool_value* value) {
  ifreq request = RequestFor(env, name);
  request.ifr_data = reinterpret_cast<char*>(value);
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd.Get() < 0) ThrowErrno(env, "socket", errno, "AF_INET");
  if (ioctl(fd.Get(), SIOCETHTOOL, &request) < 0) ThrowErrno(env, "ioctl", errno, "SIOCETHTOOL " + name);
}

Napi::Value TunCreate(const Napi::CallbackInfo& info) {
  unsigned index = UintArgument(info, 1);
  // EXCL: never take over a TUN device that is already there.
  return Napi::Number::New(info.Env(), OpenTun(info.Env(), StringArgument(info, 0), IFF_TUN_EXCL, index).Release());
}

Napi::Value TunOffersChecksums(const Napi::CallbackInfo& info) {
  ethtool_value value{ETHTOOL_GTXCSUM, 0};
  SwitchChecksums(info.Env(), StringArgument(info, 0), &value);
  return Napi::Boolean::New(info.Env(), value.data != 0);
}

Napi::Value TunMend(const Napi::CallbackInfo& info) {
  std::string name = StringArgument(info, 0);
  OpenTun(info.Env(), name, 0, 0);
  // Somebody may have switched them off.
  ethtool_value value{ETHTOOL_STXCSUM, 1};
  SwitchChecksums(info.Env(), name, &value);
  return info.Env().Undefined();
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
  Add<TunOffersChecksums>(env, exports, "tunOffersChecksums");
  Add<TunMend>(env, exports, "tunMend");
}

}  // namespace lvn
