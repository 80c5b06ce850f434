// How a receiver can tell that a notification is ours and whole. Sole OpenSSL include of notify: signature.cpp.
#pragma once

#include <string>
#include <string_view>

namespace anlan::collector {

/// "sha256=" and the HMAC-SHA256 (RFC 2104) of `body` under `secret`, in lower-case hex.
std::string sign(std::string_view secret, std::string_view body);

}  // namespace anlan::collector
