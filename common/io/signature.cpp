#include "common/io/signature.hpp"

#include <cstdio>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>

namespace anlan {
namespace {

using Read = EVP_PKEY* (*)(std::FILE*, EVP_PKEY**, pem_password_cb*, void*);

/// Asks nobody: a daemon has no terminal.
int no_password(char*, int, int, void*) { return -1; }

Result<std::shared_ptr<void>> load_key(const std::string& file, Read read, const char* kind) {
  std::FILE* in = std::fopen(file.c_str(), "re");
  if (in == nullptr) return fail(Errc::unavailable, "cannot read " + file);
  EVP_PKEY* key = read(in, nullptr, no_password, nullptr);
  std::fclose(in);
  const std::shared_ptr<void> owned(key, [](void* k) { EVP_PKEY_free(static_cast<EVP_PKEY*>(k)); });
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519)
    return fail(Errc::malformed, file + " holds no " + kind + " Ed25519 key in PEM");
  return owned;
}

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

Result<SigningKey> SigningKey::load(const std::string& file) {
  auto key = load_key(file, PEM_read_PrivateKey, "private");
  if (!key) return fail(std::move(key.error()));
  SigningKey made;
  made.key_ = std::move(*key);
  return made;
}

std::string SigningKey::sign(std::string_view message) const {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, static_cast<EVP_PKEY*>(key_.get())) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes_of(message),
                     message.size()) != 1 ||
      size != signature.size())
    throw std::runtime_error("OpenSSL does not sign with Ed25519");
  return signature;
}

Result<VerifyingKey> VerifyingKey::load(const std::string& file) {
  auto key = load_key(file, PEM_read_PUBKEY, "public");
  if (!key) return fail(std::move(key.error()));
  VerifyingKey made;
  made.key_ = std::move(*key);
  return made;
}

bool VerifyingKey::verify(std::string_view message, std::string_view signature) const {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, static_cast<EVP_PKEY*>(key_.get())) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

}  // namespace anlan
