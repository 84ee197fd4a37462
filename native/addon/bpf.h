// SPDX-License-Identifier: MIT
// Shared by the BPF parts.
#pragma once

#include <bpf/bpf.h>
#include <napi.h>

#include <string>

namespace lvn {

/// What a map's system calls need to know.
struct MapShape {
  size_t keySize;
  /// Bytes that one look-up copies: for per-CPU maps the padded values of all possible CPUs.
  size_t valueSize;
  size_t maxEntries;
};

/// From BPF_OBJ_GET_INFO_BY_FD; throws EBADF or EINVAL when `fd` is no map.
bpf_map_info MapInfo(Napi::Env env, int fd);
MapShape ShapeOf(Napi::Env env, int fd);

/// libbpf names global-data maps `OBJECT.rodata`; the section name alone is stable.
std::string MapName(const std::string& name);

/// The CPUs that a per-CPU value has room for; throws when /sys does not tell.
int PossibleCpus(Napi::Env env);

}  // namespace lvn
