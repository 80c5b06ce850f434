#include "common/config/file.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace anlan {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

Result<std::string> read_file(const std::string& file, std::size_t most) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rbe"), &std::fclose);
  if (!in) return fail(Errc::unavailable, "cannot be opened: " + reason(errno));
  std::string text(most + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), in.get()));
  if (std::ferror(in.get())) return fail(Errc::unavailable, "cannot be read: " + reason(errno));
  if (text.size() > most) return fail(Errc::too_large, "is larger than " + std::to_string(most) + " bytes");
  return text;
}

}  // namespace anlan
