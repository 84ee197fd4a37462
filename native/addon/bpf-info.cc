// SPDX-License-Identifier: MIT
// BPF programs and maps by id, and what the kernel says about them (bpf(2)).
#include <bpf/libbpf.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "arguments.h"
#include "bpf.h"
#include "errors.h"
#include "parts.h"

namespace lvn {

std::string MapName(const std::string& name) {
  size_t dot = name.find('.');
  return dot == std::string::npos ? name : name.substr(dot);
}

bpf_map_info MapInfo(Napi::Env env, int fd) {
  bpf_map_info map{};
  uint32_t length = sizeof(map);
  if (bpf_obj_get_info_by_fd(fd, &map, &length) < 0) ThrowErrno(env, "bpf", errno, "BPF_OBJ_GET_INFO_BY_FD");
  return map;
}

int PossibleCpus(Napi::Env env) {
  int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) ThrowErrno(env, "libbpf_num_possible_cpus", -cpus);
  return cpus;
}

MapShape ShapeOf(Napi::Env env, int fd) {
  bpf_map_info map = MapInfo(env, fd);
  size_t value = map.value_size;
  switch (map.type) {
    case BPF_MAP_TYPE_PERCPU_HASH:
    case BPF_MAP_TYPE_LRU_PERCPU_HASH:
    case BPF_MAP_TYPE_PERCPU_ARRAY:
    case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
      value = (value + 7) / 8 * 8 * PossibleCpus(env);
      break;
    default:
      break;
  }
  return {map.key_size, value, map.max_entries};
}

namespace {

Napi::Value ProgramById(const Napi::CallbackInfo& info) {
  int fd = bpf_prog_get_fd_by_id(UintArgument(info, 0));
  if (fd < 0) ThrowErrno(info.Env(), "bpf", errno, "BPF_PROG_GET_FD_BY_ID");
  return Napi::Number::New(info.Env(), fd);
}

Napi::Value MapById(const Napi::CallbackInfo& info) {
  int fd = bpf_map_get_fd_by_id(UintArgument(info, 0));
  if (fd < 0) ThrowErrno(info.Env(), "bpf", errno, "BPF_MAP_GET_FD_BY_ID");
  return Napi::Number::New(info.Env(), fd);
}

Napi::Value ProgramInfo(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int fd = FdArgument(info, 0);
  bpf_prog_info program{};
  uint32_t length = sizeof(program);
  if (bpf_obj_get_info_by_fd(fd, &program, &length) < 0) {
    ThrowErrno(env, "bpf", errno, "BPF_OBJ_GET_INFO_BY_FD");
  }
  std::vector<uint32_t> maps(program.nr_map_ids);
  if (!maps.empty()) {
    program = {};
    program.nr_map_ids = maps.size();
    program.map_ids = reinterpret_cast<uintptr_t>(maps.data());
    length = sizeof(program);
    if (bpf_obj_get_info_by_fd(fd, &program, &length) < 0) {
      ThrowErrno(env, "bpf", errno, "BPF_OBJ_GET_INFO_BY_FD");
    }
  }
  Napi::Array ids = Napi::Array::New(env, maps.size());
  for (size_t i = 0; i < maps.size(); i++) ids.Set(i, maps[i]);
  Napi::Object result = Napi::Object::New(env);
  result.Set("id", program.id);
  result.Set("name", program.name);
  result.Set("mapIds", ids);
  return result;
}

Napi::Value MapInfoOf(const Napi::CallbackInfo& info) {
  bpf_map_info map = MapInfo(info.Env(), FdArgument(info, 0));
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("id", map.id);
  result.Set("name", MapName(map.name));
  result.Set("keySize", map.key_size);
  result.Set("valueSize", map.value_size);
  result.Set("maxEntries", map.max_entries);
  return result;
}

Napi::Value PossibleCpuCount(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), PossibleCpus(info.Env()));
}

}  // namespace

void AddBpfInfo(Napi::Env env, Napi::Object exports) {
  Add<ProgramById>(env, exports, "bpfProgramById");
  Add<ProgramInfo>(env, exports, "bpfProgramInfo");
  Add<MapById>(env, exports, "bpfMapById");
  Add<MapInfoOf>(env, exports, "bpfMapInfo");
  Add<PossibleCpuCount>(env, exports, "bpfPossibleCpus");
}

}  // namespace lvn
