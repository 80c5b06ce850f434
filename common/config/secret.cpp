#include "common/config/secret.hpp"

#include "common/config/file.hpp"

namespace anlan {

Result<std::string> read_secret(const std::string& file) {
  auto text = read_file(file, 4096);
  if (!text) return fail(text.error().code, file + " " + text.error().message);
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (text->empty()) return fail(Errc::malformed, file + " is empty");
  if (text->contains('\0')) return fail(Errc::malformed, file + " has a NUL byte in it");
  return text;
}

}  // namespace anlan
