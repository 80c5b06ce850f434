#include "collector/api/cursor.hpp"

#include <array>
#include <optional>
#include <stdexcept>

#include <openssl/evp.h>

#include "common/io/http_target.hpp"

namespace anlan::collector {
namespace {

// A cursor is hex("<16 digits of SHA-256(scope)><place>").
constexpr std::size_t kDigest = 16;
constexpr std::size_t kLongest = 4096;

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0 || text.size() > kLongest) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digit(text[i]), low = digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high << 4 | *low);
  }
  return bytes;
}

}  // namespace

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1 || size != digest.size())
    throw std::runtime_error("OpenSSL computes no SHA-256");
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string make_cursor(std::string_view scope, std::string_view place) {
  return to_hex(sha256_hex(scope).substr(0, kDigest) + std::string(place));
}

Result<std::string> open_cursor(std::string_view scope, std::string_view cursor) {
  const auto bytes = from_hex(cursor);
  if (!bytes || bytes->size() < kDigest || !plain_text(*bytes))
    return fail(Errc::malformed, "cursor is none that this list has given out");
  if (bytes->substr(0, kDigest) != sha256_hex(scope).substr(0, kDigest))
    return fail(Errc::malformed, "cursor belongs to a query with other filters; start again without it");
  return bytes->substr(kDigest);
}

}  // namespace anlan::collector
