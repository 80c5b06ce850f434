#include "common/io/signature.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include "common/base/hex.hpp"

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

std::shared_ptr<void> owned(EVP_PKEY* key) {
  return {key, [](void* k) { EVP_PKEY_free(static_cast<EVP_PKEY*>(k)); }};
}

std::string public_part(void* key) {
  std::array<unsigned char, 32> raw{};
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(static_cast<EVP_PKEY*>(key), raw.data(), &size) != 1 || size != raw.size())
    throw std::runtime_error("OpenSSL gives no public Ed25519 key");
  return to_hex(std::string_view(reinterpret_cast<const char*>(raw.data()), raw.size()));
}

}  // namespace

Result<SigningKey> SigningKey::make(const std::string& file) {
  SigningKey made;
  made.key_ = owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!made.key_) throw std::runtime_error("OpenSSL makes no Ed25519 key");
  // Never over another key, and nobody else's from the first byte on.
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return fail(errno == EEXIST ? Errc::conflict : Errc::storage_failed, "cannot make the key file " + file);
  std::FILE* out = ::fdopen(descriptor, "w");
  if (out == nullptr) ::close(descriptor);
  bool good = out != nullptr && PEM_write_PrivateKey(out, static_cast<EVP_PKEY*>(made.key_.get()), nullptr, nullptr, 0,
                                                     nullptr, nullptr) == 1;
  good = good && std::fflush(out) == 0 && ::fsync(descriptor) == 0;
  if (out != nullptr) good = std::fclose(out) == 0 && good;
  if (good) return made;
  ::unlink(file.c_str());
  return fail(Errc::storage_failed, "cannot write the key file " + file);
}

std::string SigningKey::public_hex() const { return public_part(key_.get()); }

Result<VerifyingKey> VerifyingKey::from_hex(std::string_view digits) {
  const auto raw = anlan::from_hex(digits);
  VerifyingKey made;
  if (raw && raw->size() == 32)
    made.key_ = owned(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*raw), raw->size()));
  if (!made.key_) return fail(Errc::malformed, "no public Ed25519 key");
  return made;
}

std::string VerifyingKey::public_hex() const { return public_part(key_.get()); }

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
