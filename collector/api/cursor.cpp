#include "collector/api/cursor.hpp"

#include <array>
#include <optional>
#include <stdexcept>

#include <openssl/evp.h>

#include "common/base/hex.hpp"
#include "common/io/http_target.hpp"

namespace anlan::collector {
namespace {

// A cursor is hex("<16 digits of SHA-256(scope)><place>").
constexpr std::size_t kDigest = 16;
constexpr std::size_t kLongest = 4096;

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
  const auto bytes = cursor.size() > kLongest ? std::nullopt : from_hex(cursor);
  if (!bytes || bytes->size() < kDigest || !plain_text(*bytes))
    return fail(Errc::malformed, "cursor is none that this list has given out");
  if (bytes->substr(0, kDigest) != sha256_hex(scope).substr(0, kDigest))
    return fail(Errc::malformed, "cursor belongs to a query with other filters; start again without it");
  return bytes->substr(kDigest);
}

}  // namespace anlan::collector
