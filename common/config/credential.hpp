// How a configuration names a secret that the service manager hands over: "credential:NAME".
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan {

inline constexpr std::string_view kCredential = "credential:";

/// Where the credential NAME lies. In a service (CREDENTIALS_DIRECTORY is set; the unit says
/// `LoadCredential=anlan:FOLDER`) that is the copy which only the service reads; anywhere else, as for `check` by root,
/// the original: edge.toml's are in edge.credentials/ beside it. Errors: malformed, where NAME is no file name of
/// letters, digits, '.', '_' and '-'.
Result<std::string> credential_path(std::string_view name, const std::string& configuration_file);

}  // namespace anlan
