#include "common/io/directory_lock.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace anlan {
namespace {

std::string holder(int fd) {
  char text[32] = {};
  return ::pread(fd, text, sizeof text - 1, 0) > 0 ? " (process " + std::string(text, std::strcspn(text, "\n")) + ")"
                                                   : std::string();
}

void sign(int fd) {  // for the message of whoever comes second; the lock itself does not need it
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, text.data(), text.size(), 0);
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
  const std::string file = directory + "/lock";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return fail(Errc::storage_failed, "opening " + file + ": " + std::strerror(errno));
  DirectoryLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
    sign(fd);
    return lock;
  }
  if (errno == EWOULDBLOCK) return fail(Errc::conflict, directory + " is in use by another process" + holder(fd));
  return fail(Errc::storage_failed, "locking " + file + ": " + std::strerror(errno));
}

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace anlan
