#include "common/io/sqlite_file.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

namespace anlan {
namespace {

std::unexpected<Error> failed(const std::string& doing, int error) {
  return fail(error == ENOSPC || error == EDQUOT ? Errc::storage_full : Errc::storage_failed,
              doing + ": " + std::generic_category().message(error));
}

}  // namespace

Result<void> sync_directory_of(const std::string& file) {
  const auto parent = std::filesystem::path(file).parent_path();
  const std::string directory = parent.empty() ? "." : parent.string();
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int synced = fd < 0 ? -1 : ::fsync(fd);
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (synced != 0) return failed("syncing directory " + directory, error);
  return {};
}

Result<void> write_synced(const std::string& file, std::string_view content) {
  const bool fresh = !std::filesystem::exists(file);
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return failed("opening " + file, errno);
  std::size_t done = 0;
  while (done < content.size()) {
    const auto wrote = ::pwrite(fd, content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  const bool synced = done == content.size() && ::ftruncate(fd, static_cast<off_t>(done)) == 0 && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!synced) return failed("writing " + file, error);
  if (fresh) return sync_directory_of(file);
  return {};
}

Result<void> create_sqlite_file(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return {};
  if (fd < 0) return failed("creating " + file, errno);
  ::close(fd);
  return sync_directory_of(file);
}

Errc sqlite_errc(int code, int system) {
  if (code == SQLITE_IOERR_SHMSIZE) return Errc::storage_full;  // growing the -shm file failed: only for want of room
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Errc::storage_full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::storage_corrupt;
    case SQLITE_IOERR:
      return system == ENOSPC || system == EDQUOT ? Errc::storage_full : Errc::storage_failed;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Errc::unavailable;
    case SQLITE_CONSTRAINT:
      return Errc::conflict;
    case SQLITE_TOOBIG:
      return Errc::too_large;
    default:
      return Errc::storage_failed;
  }
}

}  // namespace anlan
