#include "common/config/secret.hpp"

#include <filesystem>

#include "common/config/file.hpp"

namespace anlan {
namespace {

constexpr std::size_t kMostSecret = 16 * 1024;  // a key with its chain

}  // namespace

Result<std::string> read_secret(const std::string& file) {
  auto text = read_file(file, kMostSecret);
  if (!text) return fail(text.error().code, file + " " + text.error().message);
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (text->empty()) return fail(Errc::malformed, file + " is empty");
  if (text->contains('\0')) return fail(Errc::malformed, file + " has a NUL byte in it");
  return text;
}

bool readable_by_all(const std::string& file) {
  std::error_code error;
  const auto permissions = std::filesystem::status(file, error).permissions();
  return !error && (permissions & std::filesystem::perms::others_read) != std::filesystem::perms::none &&
         permissions != std::filesystem::perms::unknown;
}

}  // namespace anlan
