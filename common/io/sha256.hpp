// SHA-256 (FIPS 180-4) by OpenSSL. Any thread.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace anlan {

using Sha256 = std::array<unsigned char, 32>;

/// Of the parts one after the other.
Sha256 sha256(std::initializer_list<std::string_view> parts);
inline Sha256 sha256(std::string_view bytes) { return sha256({bytes}); }

inline std::string_view as_bytes(const Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

/// 64 lower-case hexadecimal digits.
std::string to_hex(const Sha256& hash);
/// nullopt where `text` is not exactly that.
std::optional<Sha256> sha256_from_hex(std::string_view text);

}  // namespace anlan
