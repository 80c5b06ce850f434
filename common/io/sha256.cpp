#include "common/io/sha256.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

#include "common/base/hex.hpp"

namespace anlan {

Sha256 sha256(std::initializer_list<std::string_view> parts) {
  // One context for a thread: an allocation for each hash would cost more than the hash.
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  static const EVP_MD* const algorithm = EVP_sha256();
  Sha256 hash{};
  bool good = context && EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1;
  for (const std::string_view part : parts)
    good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  if (!good || EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) != 1)
    throw std::runtime_error("OpenSSL computes no SHA-256");
  return hash;
}

std::string to_hex(const Sha256& hash) { return to_hex(as_bytes(hash)); }

std::optional<Sha256> sha256_from_hex(std::string_view text) {
  Sha256 hash;
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (const char c : text)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return std::nullopt;
  const auto bytes = from_hex(text);
  if (!bytes) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

}  // namespace anlan
