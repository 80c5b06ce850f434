// Ed25519 signatures (RFC 8032) by keys in PEM files, as `openssl genpkey -algorithm ed25519` and `openssl pkey
// -pubout` make them. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan {

class SigningKey {
 public:
  /// Errors: unavailable (not readable), malformed (no private Ed25519 key). Messages name the file, never its content.
  static Result<SigningKey> load(const std::string& file);

  /// A new one, durable in a new file of mode 0600 when this returns. Errors: conflict (the file exists already),
  /// storage_failed.
  static Result<SigningKey> make(const std::string& file);

  /// 64 bytes.
  std::string sign(std::string_view message) const;

  /// The public key that belongs to it: 32 bytes as 64 hexadecimal digits.
  std::string public_hex() const;

 private:
  std::shared_ptr<void> key_;
};

class VerifyingKey {
 public:
  /// Errors: as SigningKey, for a public one.
  static Result<VerifyingKey> load(const std::string& file);

  /// From 64 hexadecimal digits, as public_hex() gives them. Errors: malformed.
  static Result<VerifyingKey> from_hex(std::string_view digits);

  std::string public_hex() const;

  /// False for any signature that is not this key's over exactly this message.
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  std::shared_ptr<void> key_;
};

}  // namespace anlan
