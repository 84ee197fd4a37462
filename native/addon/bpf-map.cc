// SPDX-License-Identifier: MIT
// Elements of BPF maps, one by one and in batches. What keys and values mean is TypeScript's.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "arguments.h"
#include "bpf.h"
#include "errors.h"
#include "parts.h"

namespace lvn {

namespace {

constexpr int kENOTSUPP = 524;
// Elements asked for at once. A hash bucket must fit whole, so the batch grows on ENOSPC.
constexpr size_t kBatch = 4096;
// A generic batch read gives up with EINTR or EAGAIN when its place vanishes under it: read again, but not for ever.
constexpr int kRereads = 16;

bool BatchUnsupported(int error) { return error == kENOTSUPP || error == EOPNOTSUPP || error == EINVAL; }

bool MapFull(int error) { return error == E2BIG || error == ENOSPC || error == ENOMEM; }

Napi::Value MapLookup(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int fd = FdArgument(info, 0);
  MapShape shape = ShapeOf(env, fd);
  auto key = SizedBuffer(info, 1, shape.keySize, "the key");
  auto value = Napi::Buffer<uint8_t>::New(env, shape.valueSize);
  if (bpf_map_lookup_elem(fd, key.Data(), value.Data()) == 0) return value;
  if (errno == ENOENT) return env.Null();
  ThrowErrno(env, "bpf", errno, "BPF_MAP_LOOKUP_ELEM");
}

Napi::Value MapUpdate(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int fd = FdArgument(info, 0);
  MapShape shape = ShapeOf(env, fd);
  auto key = SizedBuffer(info, 1, shape.keySize, "the key");
  auto value = SizedBuffer(info, 2, shape.valueSize, "the value");
  if (bpf_map_update_elem(fd, key.Data(), value.Data(), BPF_ANY) < 0) {
    ThrowErrno(env, "bpf", errno, "BPF_MAP_UPDATE_ELEM");
  }
  return env.Undefined();
}

Napi::Value MapDelete(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int fd = FdArgument(info, 0);
  MapShape shape = ShapeOf(env, fd);
  auto key = SizedBuffer(info, 1, shape.keySize, "the key");
  if (bpf_map_delete_elem(fd, key.Data()) == 0) return Napi::Boolean::New(env, true);
  if (errno == ENOENT) return Napi::Boolean::New(env, false);
  ThrowErrno(env, "bpf", errno, "BPF_MAP_DELETE_ELEM");
}

struct Entries {
  size_t count = 0;
  std::vector<uint8_t> keys;
  std::vector<uint8_t> values;
};

/// 0, or the errno that ended the reading before the last element.
int ReadBatches(int fd, const MapShape& shape, Entries& entries) {
  // The place in the map: a bucket number for hashes, a key for the others.
  std::vector<uint8_t> place(std::max<size_t>(shape.keySize, sizeof(uint32_t)));
  bool started = false;
  size_t batch = std::min(kBatch, std::max<size_t>(shape.maxEntries, 1));
  for (;;) {
    entries.keys.resize((entries.count + batch) * shape.keySize);
    entries.values.resize((entries.count + batch) * shape.valueSize);
    uint32_t count = batch;
    int result = bpf_map_lookup_batch(fd, started ? place.data() : nullptr, place.data(),
                                      entries.keys.data() + entries.count * shape.keySize,
                                      entries.values.data() + entries.count * shape.valueSize, &count, nullptr);
    int error = result < 0 ? errno : 0;
    if (error == ENOSPC) {
      batch *= 2;
      continue;
    }
    if (error != 0 && error != ENOENT) return error;
    entries.count += count;
    started = true;
    if (error == ENOENT) break;
  }
  entries.keys.resize(entries.count * shape.keySize);
  entries.values.resize(entries.count * shape.valueSize);
  return 0;
}

/// For maps without batch operations. An element deleted under the reader makes it start again.
int ReadSingly(int fd, const MapShape& shape, Entries& entries) {
  std::vector<uint8_t> next(shape.keySize);
  std::vector<uint8_t> value(shape.valueSize);
  std::vector<uint8_t> previous;
  // get_next_key begins anew after a deleted key, so the size of the map bounds the walk.
  for (size_t steps = 0; steps <= 2 * shape.maxEntries; steps++) {
    if (bpf_map_get_next_key(fd, previous.empty() ? nullptr : previous.data(), next.data()) < 0) {
      return errno == ENOENT ? 0 : errno;
    }
    previous = next;
    if (bpf_map_lookup_elem(fd, next.data(), value.data()) < 0) {
      if (errno != ENOENT) return errno;
      continue;
    }
    entries.count++;
    entries.keys.insert(entries.keys.end(), next.begin(), next.end());
    entries.values.insert(entries.values.end(), value.begin(), value.end());
  }
  return EAGAIN;
}

Napi::Value MapEntries(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int fd = FdArgument(info, 0);
  MapShape shape = ShapeOf(env, fd);
  Entries entries;
  int error = EAGAIN;
  for (int tries = 0; tries < kRereads && (error == EAGAIN || error == EINTR); tries++) {
    entries = {};
    error = ReadBatches(fd, shape, entries);
    if (!BatchUnsupported(error)) continue;
    entries = {};
    error = ReadSingly(fd, shape, entries);
  }
  if (error != 0) ThrowErrno(env, "bpf", error, "reading a map");
  Napi::Object result = Napi::Object::New(env);
  result.Set("count", static_cast<double>(entries.count));
  result.Set("keys", Napi::Buffer<uint8_t>::Copy(env, entries.keys.data(), entries.keys.size()));
  result.Set("values", Napi::Buffer<uint8_t>::Copy(env, entries.values.data(), entries.values.size()));
  return result;
}

Napi::Value MapUpdateBatch(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int fd = FdArgument(info, 0);
  MapShape shape = ShapeOf(env, fd);
  uint32_t total = UintArgument(info, 3);
  auto keys = SizedBuffer(info, 1, total * shape.keySize, "the buffer of keys");
  auto values = SizedBuffer(info, 2, total * shape.valueSize, "the buffer of values");
  if (total == 0) return Napi::Number::New(env, 0);

  uint32_t written = total;
  if (bpf_map_update_batch(fd, keys.Data(), values.Data(), &written, nullptr) == 0) {
    return Napi::Number::New(env, written);
  }
  int error = errno;
  if (!BatchUnsupported(error)) {
    // A kernel that fails before its first element leaves the count as it was.
    if (MapFull(error)) return Napi::Number::New(env, written == total ? 0 : written);
    ThrowErrno(env, "bpf", error, "BPF_MAP_UPDATE_BATCH");
  }
  for (written = 0; written < total; written++) {
    const uint8_t* key = keys.Data() + written * shape.keySize;
    const uint8_t* value = values.Data() + written * shape.valueSize;
    if (bpf_map_update_elem(fd, key, value, BPF_ANY) == 0) continue;
    if (MapFull(errno)) break;
    ThrowErrno(env, "bpf", errno, "BPF_MAP_UPDATE_ELEM");
  }
  return Napi::Number::New(env, written);
}

}  // namespace

void AddBpfMap(Napi::Env env, Napi::Object exports) {
  Add<MapLookup>(env, exports, "bpfMapLookup");
  Add<MapUpdate>(env, exports, "bpfMapUpdate");
  Add<MapDelete>(env, exports, "bpfMapDelete");
  Add<MapEntries>(env, exports, "bpfMapEntries");
  Add<MapUpdateBatch>(env, exports, "bpfMapUpdateBatch");
}

}  // namespace lvn
