#include "common/io/cipher_key.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include "common/base/hex.hpp"

namespace anlan {
namespace {

constexpr std::size_t kKey = 32;
constexpr std::string_view kIdText = "anlan cipher key id";

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

/// Looked up once: a look-up costs more than a row.
const EVP_CIPHER* aes_256_gcm() {
  static const std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> cipher(
      EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr), EVP_CIPHER_free);
  return cipher.get();
}

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL does not encrypt with AES-256-GCM");
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// getrandom(2) gives so few bytes whole or not at all.
std::string random_nonce() {
  std::string nonce(CipherKey::kNonce, '\0');
  while (getrandom(nonce.data(), nonce.size(), 0) != static_cast<ssize_t>(nonce.size()))
    if (errno != EINTR) throw std::runtime_error("the kernel gives no random bytes");
  return nonce;
}

}  // namespace

struct CipherKey::Secret {
  std::array<unsigned char, kKey> key{};
  ~Secret() { OPENSSL_cleanse(key.data(), key.size()); }
};

Result<CipherKey> CipherKey::load(const std::string& file) {
  std::array<char, 2 * kKey + 2> text{};  // one more than may be there
  std::ifstream in;
  in.rdbuf()->pubsetbuf(nullptr, 0);  // no second copy of the key in a stream's memory
  in.open(file, std::ios::binary);
  if (!in) return fail(Errc::unavailable, "cannot read " + file);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  const auto size = static_cast<std::size_t>(in.gcount());
  auto secret = std::make_shared<Secret>();
  const bool long_enough = size == 2 * kKey || (size == 2 * kKey + 1 && text[2 * kKey] == '\n');
  auto bytes = long_enough ? from_hex({text.data(), 2 * kKey}) : std::nullopt;
  OPENSSL_cleanse(text.data(), text.size());
  if (bytes) {
    std::ranges::copy(*bytes, secret->key.begin());
    OPENSSL_cleanse(bytes->data(), bytes->size());
  }
  if (!bytes) return fail(Errc::malformed, file + " holds no key of 64 hexadecimal digits (openssl rand -hex 32)");
  CipherKey made;
  std::array<unsigned char, 32> mac{};
  require(HMAC(EVP_sha256(), secret->key.data(), kKey, bytes_of(kIdText), kIdText.size(), mac.data(), nullptr) !=
          nullptr);
  for (std::size_t i = 0; i < 8; ++i) made.id_ = made.id_ << 8 | mac[i];
  made.secret_ = std::move(secret);
  return made;
}

std::string CipherKey::encrypt(std::string_view plain, std::string_view bound) const {
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string out = random_nonce();
  require(EVP_EncryptInit_ex2(context.get(), aes_256_gcm(), secret_->key.data(), bytes_of(out), nullptr) == 1);
  int size = 0;
  require(EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(bound), static_cast<int>(bound.size())) == 1);
  out.resize(kNonce + plain.size() + kTag);
  require(EVP_EncryptUpdate(context.get(), bytes_of(out) + kNonce, &size, bytes_of(plain),
                            static_cast<int>(plain.size())) == 1 &&
          static_cast<std::size_t>(size) == plain.size());
  require(EVP_EncryptFinal_ex(context.get(), bytes_of(out) + kNonce + size, &size) == 1 && size == 0);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTag, bytes_of(out) + kNonce + plain.size()) == 1);
  return out;
}

std::optional<std::string> CipherKey::decrypt(std::string_view encrypted, std::string_view bound) const {
  if (encrypted.size() < kOverhead) return std::nullopt;
  std::string tag(encrypted.substr(encrypted.size() - kTag));
  const std::string_view text = encrypted.substr(kNonce, encrypted.size() - kOverhead);
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  require(EVP_DecryptInit_ex2(context.get(), aes_256_gcm(), secret_->key.data(), bytes_of(encrypted), nullptr) == 1);
  int size = 0;
  require(EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(bound), static_cast<int>(bound.size())) == 1);
  std::string plain(text.size(), '\0');
  require(EVP_DecryptUpdate(context.get(), bytes_of(plain), &size, bytes_of(text), static_cast<int>(text.size())) == 1);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTag, bytes_of(tag)) == 1);
  if (EVP_DecryptFinal_ex(context.get(), bytes_of(plain) + size, &size) != 1) return std::nullopt;
  return plain;
}

}  // namespace anlan
