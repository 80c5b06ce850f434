#include "common/io/file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "common/base/hex.hpp"

namespace anlan {
namespace {

std::unexpected<Error> failed(const char* doing, const std::filesystem::path& path) {
  const int system = errno;
  const Errc code = system == ENOENT                       ? Errc::not_found
                    : system == ENOSPC || system == EDQUOT ? Errc::storage_full
                                                           : Errc::storage_failed;
  return fail(code, std::string(doing) + " " + path.string() + ": " + std::strerror(system));
}

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags, mode_t mode = 0600)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<void> sync_path(const std::filesystem::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (file.get() < 0) return failed("opening", path);
  if (::fsync(file.get()) != 0) return failed("syncing", path);
  return {};
}

Result<void> write_durably(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path fresh = path.string() + ".new";
  {
    const Descriptor file(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    if (file.get() < 0) return failed("opening", fresh);
    if (!write_all(file.get(), text)) return failed("writing", fresh);
    if (::fsync(file.get()) != 0) return failed("syncing", fresh);
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return failed("putting in place", path);
  return sync_path(path.has_parent_path() ? path.parent_path() : ".");
}

Result<void> append_durably(const std::filesystem::path& path, std::string_view text) {
  std::error_code error;
  const bool fresh = !std::filesystem::exists(path, error);
  {
    const Descriptor file(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0640);
    if (file.get() < 0) return failed("opening", path);
    if (!write_all(file.get(), text)) return failed("writing", path);
    if (::fsync(file.get()) != 0) return failed("syncing", path);
  }
  return fresh ? sync_path(path.has_parent_path() ? path.parent_path() : ".") : Result<void>{};
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (file.get() < 0) return failed("opening", path);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!digest || EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) != 1)
    return fail(Errc::storage_failed, "SHA-256 is not to be had");
  std::array<char, 1 << 16> block;
  ssize_t got = 0;
  while ((got = ::read(file.get(), block.data(), block.size())) > 0)
    EVP_DigestUpdate(digest.get(), block.data(), static_cast<std::size_t>(got));
  if (got < 0) return failed("reading", path);
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum;
  unsigned size = 0;
  EVP_DigestFinal_ex(digest.get(), sum.data(), &size);
  return to_hex({reinterpret_cast<const char*>(sum.data()), size});
}

}  // namespace anlan
