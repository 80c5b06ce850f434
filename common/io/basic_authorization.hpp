// A user and a password for HTTP.
#pragma once

#include <string>
#include <string_view>

namespace anlan {

/// The Authorization header's value (RFC 7617).
std::string basic_authorization(std::string_view user, std::string_view password);

}  // namespace anlan
