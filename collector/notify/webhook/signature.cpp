#include "collector/notify/webhook/signature.hpp"

#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/hex.hpp"

namespace anlan::collector {

std::string sign(std::string_view secret, std::string_view body) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(body.data());
  if (!HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, body.size(), digest, &length))
    throw std::runtime_error("OpenSSL has no HMAC-SHA256");
  return "sha256=" + to_hex({reinterpret_cast<const char*>(digest), length});
}

}  // namespace anlan::collector
