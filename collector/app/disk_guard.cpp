#include "collector/app/disk_guard.hpp"

#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace anlan::collector {
namespace {

constexpr off_t kReserveBytes = 64 << 20;  // tens of thousands of alerts with their histories
constexpr double kFull = 16 << 20;         // below it a commit may fail at any time

}  // namespace

DiskGuard::DiskGuard(std::string data_dir, std::uint64_t keep_free, std::function<std::optional<double>()> free)
    : file_(std::move(data_dir) + "/reserve"), keep_free_(keep_free), ask_(std::move(free)) {}

bool DiskGuard::reserved() const {
  std::error_code unasked;
  return std::filesystem::exists(file_, unasked);
}

/// Blocks that are really there: a file with a hole reserves nothing.
bool DiskGuard::reserve() {
  const int fd = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return false;
  const bool made = ::posix_fallocate(fd, 0, kReserveBytes) == 0;
  ::close(fd);
  if (!made) ::unlink(file_.c_str());
  return made;
}

DiskState DiskGuard::look() {
  const auto free = ask_();
  if (!free) return state_;
  left_ = *free;
  const auto keep = static_cast<double>(keep_free_);
  const double enough = state_ == DiskState::enough ? keep : keep + keep / 8;
  if (left_ >= enough && !reserved() && left_ >= enough + static_cast<double>(kReserveBytes)) reserve();
  if (left_ < kFull && reserved()) ::unlink(file_.c_str());
  if (left_ >= enough)
    state_ = DiskState::enough;
  else
    state_ = reserved() || left_ >= kFull ? DiskState::low : DiskState::full;
  return state_;
}

}  // namespace anlan::collector
