// Passwords, tokens and codes: how they are made, and what is kept of them. What is stored is never the secret itself
// (a one-time code's seed excepted: one_time_code.hpp). The only libsodium.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace anlan::collector {

/// What one Argon2id hash costs. The default (64 MiB, three passes) takes about a tenth of a second of one core.
struct HashCost {
  std::uint64_t passes = 3;             // at least 1
  std::size_t memory_bytes = 64 << 20;  // at least 8 KiB
};

/// Argon2id in its usual text form, with salt and cost in it. Blocks for as long as it costs: call it on a worker
/// (password_worker.hpp). Any thread. Errors: unavailable (no memory for it).
Result<std::string> hash_password(std::string_view password, HashCost cost);

/// As costly as making `hash`. False for a hash that is none.
bool password_matches(const std::string& hash, std::string_view password);

/// Whether `hash` was made at another cost: it is made anew at the next log-in.
bool other_cost(const std::string& hash, HashCost cost);

/// 256 random bits as 43 characters of base64url: sessions, invitations, programs' secrets.
std::string random_token();

/// 78 random bits for people to write down: "K7QF-2MZD-9XWB-H3RT", without letters that look like digits.
std::string random_recovery_code();

/// What is kept of a random secret: 64 hexadecimal digits of BLAKE2b. Not for passwords, which people choose.
std::string fingerprint(std::string_view secret);

/// Compares in a time that depends on the lengths only.
bool same_secret(std::string_view a, std::string_view b);

/// nullopt where it is none (RFC 4648, with padding): the credentials of HTTP's Basic scheme.
std::optional<std::string> from_base64(std::string_view text);

/// Overwrites what `secret` holds and empties it.
void wipe(std::string& secret);

}  // namespace anlan::collector
