// SPDX-License-Identifier: MIT
// One holder at a time: a record lock over the whole of a file (fcntl(2), F_SETLK). The kernel frees it with its process
// and tells who holds it. Two properties of record locks are dealt with here: a process never meets its own, and loses
// them when it closes any descriptor of the file. So what this process holds, in whichever thread, stands in a table,
// and such a file is not opened a second time. The holder removes the file when it lets the lock go. So a process
// that has locked a file checks that the path still leads to it: else another process could lock the next file, and
// both would hold the lock.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <set>
#include <string>

#include "arguments.h"
#include "errors.h"
#include "parts.h"

namespace lvn {

namespace {

std::mutex table_mutex;
std::set<std::string>& HeldHere() {
  static auto* paths = new std::set<std::string>();
  return *paths;
}

int OpenFile(Napi::Env env, const std::string& path, int more) {
  int fd = open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | more, 0600);
  if (fd < 0 && !(errno == ENOENT && more == 0)) ThrowErrno(env, "open", errno, path);
  return fd;
}

struct flock WholeFile() {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return whole;
}

// The holder's pid, 0 where it is of a PID namespace that is not to be seen from here; -1: nobody.
pid_t Holder(Napi::Env env, int fd, const std::string& path) {
  struct flock found = WholeFile();
  if (fcntl(fd, F_GETLK, &found) < 0) ThrowErrno(env, "fcntl", errno, path);
  return found.l_type == F_UNLCK ? -1 : found.l_pid;
}

// Does the path lead to the file that is open here?
bool IsAt(const std::string& path, int fd) {
  struct stat open_file{};
  struct stat there{};
  return fstat(fd, &open_file) == 0 && lstat(path.c_str(), &there) == 0 && open_file.st_dev == there.st_dev &&
         open_file.st_ino == there.st_ino;
}

// path → { fd } or { holder }
Napi::Value LockFile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string path = StringArgument(info, 0);
  Napi::Object result = Napi::Object::New(env);
  std::lock_guard<std::mutex> guard(table_mutex);
  if (HeldHere().count(path) > 0) {
    result.Set("holder", static_cast<double>(getpid()));
    return result;
  }
  for (;;) {
    UniqueFd file(OpenFile(env, path, O_CREAT));
    struct flock whole = WholeFile();
    if (fcntl(file.Get(), F_SETLK, &whole) == 0) {
      if (!IsAt(path, file.Get())) continue;  // Its holder has just taken it away.
      HeldHere().insert(path);
      result.Set("fd", file.Release());
      return result;
    }
    if (errno != EAGAIN && errno != EACCES) ThrowErrno(env, "fcntl", errno, path);
    pid_t pid = Holder(env, file.Get(), path);
    if (pid < 0) continue;  // It has just been let go.
    result.Set("holder", static_cast<double>(pid));
    return result;
  }
}

Napi::Value FileHolder(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string path = StringArgument(info, 0);
  std::lock_guard<std::mutex> guard(table_mutex);
  if (HeldHere().count(path) > 0) return Napi::Number::New(env, getpid());
  UniqueFd file(OpenFile(env, path, 0));
  pid_t pid = file.Get() < 0 ? -1 : Holder(env, file.Get(), path);
  return pid < 0 ? env.Null() : Napi::Number::New(env, pid);
}

Napi::Value UnlockFile(const Napi::CallbackInfo& info) {
  std::string path = StringArgument(info, 0);
  std::lock_guard<std::mutex> guard(table_mutex);
  int fd = FdArgument(info, 1);
  // Before it is let go. One that cannot be taken away stays, and is locked again the next time.
  if (IsAt(path, fd)) unlink(path.c_str());
  if (close(fd) < 0 && errno != EINTR) ThrowErrno(info.Env(), "close", errno, path);
  HeldHere().erase(path);
  return info.Env().Undefined();
}

}  // namespace

void AddLockFile(Napi::Env env, Napi::Object exports) {
  Add<LockFile>(env, exports, "lockFile");
  Add<FileHolder>(env, exports, "fileHolder");
  Add<UnlockFile>(env, exports, "unlockFile");
}

}  // namespace lvn
