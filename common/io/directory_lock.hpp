// One process for one data directory: a second daemon, or a restore under a running one, would write over the first.
#pragma once

#include <string>
#include <utility>

#include "common/base/result.hpp"

namespace anlan {

/// Holds flock(2) on DIRECTORY/lock; the kernel lets it go with the process, however that ends.
class DirectoryLock {
 public:
  /// The directory must exist. Errors: conflict (another process has it; the message names its number), storage_failed.
  static Result<DirectoryLock> take(const std::string& directory);

  DirectoryLock() = default;
  DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace anlan
