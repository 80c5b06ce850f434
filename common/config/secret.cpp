#include "common/config/secret.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace anlan {

Result<std::string> read_secret(const std::string& file) {
  constexpr std::size_t kMost = 4096;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rbe"), &std::fclose);
  if (!in) return fail(Errc::unavailable, "cannot open " + file + ": " + std::strerror(errno));
  std::string text(kMost + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), in.get()));
  if (std::ferror(in.get())) return fail(Errc::unavailable, "cannot read " + file + ": " + std::strerror(errno));
  if (text.size() > kMost) return fail(Errc::too_large, file + " is larger than 4096 bytes");
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return fail(Errc::malformed, file + " is empty");
  if (text.contains('\0')) return fail(Errc::malformed, file + " has a NUL byte in it");
  return text;
}

}  // namespace anlan
