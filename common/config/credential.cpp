#include "common/config/credential.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace anlan {
namespace {

bool file_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

Result<std::string> credential_path(std::string_view name, const std::string& configuration_file) {
  if (name.empty() || name.size() > 100 || name.front() == '.' || !std::ranges::all_of(name, file_name_character))
    return fail(Errc::malformed, "is no name of a credential");
  if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY"))
    return std::string(folder) + "/anlan_" + std::string(name);
  auto folder = std::filesystem::path(configuration_file).replace_extension("credentials");
  return (folder / name).lexically_normal().string();
}

}  // namespace anlan
