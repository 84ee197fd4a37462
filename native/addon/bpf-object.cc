// SPDX-License-Identifier: MIT
// Loading of a BPF object file with libbpf: descriptors out, or an error that holds libbpf's and the verifier's words.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "bpf.h"
#include "errors.h"
#include "parts.h"

namespace lvn {

namespace {

// libbpf prints on the thread that called it.
thread_local std::string* capture = nullptr;

int Print(enum libbpf_print_level level, const char* format, va_list arguments) {
  if (capture == nullptr || level == LIBBPF_DEBUG) return 0;
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(nullptr, 0, format, arguments);
  if (length > 0) {
    size_t old = capture->size();
    capture->resize(old + length + 1);
    vsnprintf(capture->data() + old, length + 1, format, again);
    capture->pop_back();
  }
  va_end(again);
  return length;
}

/// libbpf's messages of one call go to `text`, not to standard error.
class Captured {
 public:
  Captured() { capture = &text; }
  ~Captured() { capture = nullptr; }
  std::string text;
};

struct CloseObject {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
using Object = std::unique_ptr<bpf_object, CloseObject>;

[[noreturn]] void ThrowLoad(Napi::Env env, const char* step, int error, const std::string& path,
                            const Captured& captured) {
  Napi::Error thrown = SystemError(env, step, error, path);
  thrown.Set("log", Napi::String::New(env, captured.text));
  throw thrown;
}

bpf_map* FindMap(Napi::Env env, bpf_object* object, const std::string& name) {
  bpf_map* map = bpf_object__find_map_by_name(object, name.c_str());
  if (map == nullptr) throw Napi::RangeError::New(env, "the object has no map " + name);
  return map;
}

/// Calls `each(map, number)` for every property of `options[property]`.
template <typename Each>
void ForEachMap(Napi::Env env, bpf_object* object, const Napi::Object& options, const char* property, Each each) {
  Napi::Value value = options.Get(property);
  if (!value.IsObject()) return;
  Napi::Object byName = value.As<Napi::Object>();
  Napi::Array names = byName.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); i++) {
    std::string name = names.Get(i).As<Napi::String>().Utf8Value();
    Napi::Value number = byName.Get(name);
    if (!number.IsNumber()) throw Napi::TypeError::New(env, std::string(property) + "." + name + " is not a number");
    each(FindMap(env, object, name), number.As<Napi::Number>().Int64Value());
  }
}

void ChoosePrograms(Napi::Env env, bpf_object* object, const Napi::Object& options) {
  Napi::Value value = options.Get("programs");
  if (!value.IsArray()) throw Napi::TypeError::New(env, "`programs` is not an array");
  Napi::Array list = value.As<Napi::Array>();
  std::set<std::string> wanted;
  for (uint32_t i = 0; i < list.Length(); i++) wanted.insert(list.Get(i).ToString().Utf8Value());
  bpf_program* program;
  bpf_object__for_each_program(program, object) {
    bpf_program__set_autoload(program, wanted.erase(bpf_program__name(program)) > 0);
  }
  if (!wanted.empty()) throw Napi::RangeError::New(env, "the object has no program " + *wanted.begin());
}

void SetRodata(Napi::Env env, bpf_object* object, const Napi::Object& options) {
  Napi::Value value = options.Get("rodata");
  if (value.IsUndefined()) return;
  if (!value.IsBuffer()) throw Napi::TypeError::New(env, "`rodata` is not a buffer");
  auto bytes = value.As<Napi::Buffer<uint8_t>>();
  bpf_map* map = FindMap(env, object, ".rodata");
  if (bytes.Length() != bpf_map__value_size(map)) {
    throw Napi::RangeError::New(env, "`rodata` has " + std::to_string(bytes.Length()) + " bytes instead of " +
                                         std::to_string(bpf_map__value_size(map)));
  }
  int result = bpf_map__set_initial_value(map, bytes.Data(), bytes.Length());
  if (result < 0) ThrowErrno(env, "bpf_map__set_initial_value", -result);
}

void Configure(Napi::Env env, bpf_object* object, const Napi::Object& options) {
  ChoosePrograms(env, object, options);
  SetRodata(env, object, options);
  ForEachMap(env, object, options, "maxEntries", [&](bpf_map* map, int64_t entries) {
    if (entries < 1 || entries > UINT32_MAX) throw Napi::RangeError::New(env, "`maxEntries` is out of range");
    int result = bpf_map__set_max_entries(map, static_cast<uint32_t>(entries));
    if (result < 0) ThrowErrno(env, "bpf_map__set_max_entries", -result);
  });
  ForEachMap(env, object, options, "reuse", [&](bpf_map* map, int64_t fd) {
    if (fd < 0 || fd > INT32_MAX) throw Napi::RangeError::New(env, "`reuse` holds no file descriptor");
    int result = bpf_map__reuse_fd(map, static_cast<int>(fd));
    if (result < 0) ThrowErrno(env, "bpf_map__reuse_fd", -result);
  });
}

/// Makes every program hold every map, those too that it does not use itself (BPF_PROG_BIND_MAP): whoever
/// finds one attached program then finds the whole state.
void BindMaps(Napi::Env env, bpf_object* object) {
  bpf_program* program;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__autoload(program)) continue;
    bpf_map* map;
    bpf_object__for_each_map(map, object) {
      int result = bpf_prog_bind_map(bpf_program__fd(program), bpf_map__fd(map), nullptr);
      if (result < 0) ThrowErrno(env, "bpf_prog_bind_map", -result, bpf_map__name(map));
    }
  }
}

using NamedFds = std::vector<std::pair<std::string, UniqueFd>>;

void Duplicate(Napi::Env env, NamedFds& into, std::string name, int fd) {
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) ThrowErrno(env, "fcntl", errno, name);
  into.emplace_back(std::move(name), UniqueFd(copy));
}

Napi::Object Released(Napi::Env env, NamedFds& fds) {
  Napi::Object result = Napi::Object::New(env);
  for (auto& [name, fd] : fds) {
    result.Set(name, fd.Get());
    fd.Release();
  }
  return result;
}

Napi::Value Load(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string path = StringArgument(info, 0);
  if (!info[1].IsObject()) throw Napi::TypeError::New(env, "argument 2 is not an object");
  Napi::Object options = info[1].As<Napi::Object>();

  Captured captured;
  Object object(bpf_object__open_file(path.c_str(), nullptr));
  if (!object) ThrowLoad(env, "bpf_object__open_file", errno, path, captured);
  Configure(env, object.get(), options);
  int result = bpf_object__load(object.get());
  if (result < 0) ThrowLoad(env, "bpf_object__load", -result, path, captured);

  BindMaps(env, object.get());

  NamedFds programs;
  NamedFds maps;
  bpf_program* program;
  bpf_object__for_each_program(program, object.get()) {
    if (bpf_program__autoload(program)) {
      Duplicate(env, programs, bpf_program__name(program), bpf_program__fd(program));
    }
  }
  bpf_map* map;
  bpf_object__for_each_map(map, object.get()) {
    if (bpf_map__fd(map) >= 0) Duplicate(env, maps, MapName(bpf_map__name(map)), bpf_map__fd(map));
  }
  Napi::Object loaded = Napi::Object::New(env);
  loaded.Set("programs", Released(env, programs));
  loaded.Set("maps", Released(env, maps));
  return loaded;
}

}  // namespace

void AddBpfObject(Napi::Env env, Napi::Object exports) {
  libbpf_set_print(Print);
  Add<Load>(env, exports, "bpfLoad");
}

}  // namespace lvn
