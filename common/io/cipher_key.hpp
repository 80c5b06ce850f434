// Authenticated encryption with a key in a file: AES-256 in GCM (NIST SP 800-38D), by OpenSSL. Any thread.
//
// Every message has a nonce of 96 bits from the operating system's generator. SP 800-38D section 8.3 allows 2^32
// messages under one key with such nonces; whoever encrypts says beside its setting why it stays below
// (edge/app/config: the buffer of an edge encrypts at most some 30 values a second, 2^30 a year).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan {

class CipherKey {
 public:
  /// A file with 64 hexadecimal digits and nothing else but one line end, as `openssl rand -hex 32` writes it. Errors:
  /// unavailable (not readable), malformed. Messages name the file, never its content.
  static Result<CipherKey> load(const std::string& file);

  /// Names the key and says nothing about it: the first 64 bits of HMAC-SHA-256 of a fixed text under the key.
  std::uint64_t id() const { return id_; }

  static constexpr std::size_t kNonce = 12, kTag = 16, kOverhead = kNonce + kTag;

  /// Nonce, cipher text, tag: kOverhead bytes more than `plain`. `bound` is not in it, and decrypt() must be given the
  /// same. Throws std::runtime_error where OpenSSL or the kernel's generator fails.
  std::string encrypt(std::string_view plain, std::string_view bound) const;

  /// What encrypt() was given; nullopt where anything of it, of `bound` or the key is another.
  std::optional<std::string> decrypt(std::string_view encrypted, std::string_view bound) const;

 private:
  struct Secret;                          // wiped when its last holder goes
  std::shared_ptr<const Secret> secret_;  // never null
  std::uint64_t id_ = 0;
};

}  // namespace anlan
