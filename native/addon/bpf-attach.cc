// SPDX-License-Identifier: MIT
// Programs at an interface's tcx hooks. Raw bpf(2): the fields are newer (6.6) than the headers of Debian 12.
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "arguments.h"
#include "errors.h"
#include "parts.h"

namespace lvn {

namespace {

/// The part of `union bpf_attr` for BPF_PROG_ATTACH and BPF_PROG_DETACH (include/uapi/linux/bpf.h, 6.6).
struct AttachAttr {
  uint32_t target_ifindex;
  uint32_t attach_bpf_fd;
  uint32_t attach_type;
  uint32_t attach_flags;
  uint32_t replace_bpf_fd;
  uint32_t relative_fd;
  uint64_t expected_revision;
};
static_assert(sizeof(AttachAttr) == 32);

/// The part for BPF_PROG_QUERY.
struct QueryAttr {
  uint32_t target_ifindex;
  uint32_t attach_type;
  uint32_t query_flags;
  uint32_t attach_flags;
  uint64_t prog_ids;
  uint32_t prog_cnt;
  uint32_t pad;
  uint64_t prog_attach_flags;
  uint64_t link_ids;
  uint64_t link_attach_flags;
  uint64_t revision;
};
static_assert(sizeof(QueryAttr) == 64);

// BPF_MPROG_MAX (include/linux/bpf_mprog.h): no hook holds more.
constexpr size_t kMostPrograms = 64;

template <typename Attr>
int Bpf(int command, Attr& attr) {
  return static_cast<int>(syscall(SYS_bpf, command, &attr, sizeof(attr)));
}

Napi::Value Attach(const Napi::CallbackInfo& info) {
  AttachAttr attr{};
  attr.attach_bpf_fd = FdArgument(info, 0);
  attr.target_ifindex = UintArgument(info, 1);
  attr.attach_type = UintArgument(info, 2);
  attr.attach_flags = UintArgument(info, 3);
  if (!info[4].IsNull() && !info[4].IsUndefined()) {
    attr.replace_bpf_fd = FdArgument(info, 4);
    attr.attach_flags |= BPF_F_REPLACE;
  }
  if (Bpf(BPF_PROG_ATTACH, attr) < 0) ThrowErrno(info.Env(), "bpf", errno, "BPF_PROG_ATTACH");
  return info.Env().Undefined();
}

Napi::Value Detach(const Napi::CallbackInfo& info) {
  AttachAttr attr{};
  attr.attach_bpf_fd = FdArgument(info, 0);
  attr.target_ifindex = UintArgument(info, 1);
  attr.attach_type = UintArgument(info, 2);
  if (Bpf(BPF_PROG_DETACH, attr) < 0) ThrowErrno(info.Env(), "bpf", errno, "BPF_PROG_DETACH");
  return info.Env().Undefined();
}

Napi::Value Query(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  uint32_t programs[kMostPrograms] = {};
  QueryAttr attr{};
  attr.target_ifindex = UintArgument(info, 0);
  attr.attach_type = UintArgument(info, 1);
  attr.prog_ids = reinterpret_cast<uintptr_t>(programs);
  attr.prog_cnt = kMostPrograms;
  if (Bpf(BPF_PROG_QUERY, attr) < 0) {
    // Early kernels with tcx say ENOENT for a hook that nothing was ever attached to.
    if (errno == ENOENT) return Napi::Array::New(env);
    ThrowErrno(env, "bpf", errno, "BPF_PROG_QUERY");
  }
  Napi::Array ids = Napi::Array::New(env, attr.prog_cnt);
  for (uint32_t i = 0; i < attr.prog_cnt; i++) ids.Set(i, programs[i]);
  return ids;
}

}  // namespace

void AddBpfAttach(Napi::Env env, Napi::Object exports) {
  Add<Attach>(env, exports, "bpfAttach");
  Add<Detach>(env, exports, "bpfDetach");
  Add<Query>(env, exports, "bpfQuery");
}

}  // namespace lvn
