// One-time codes of six digits by the clock (TOTP, RFC 6238: SHA-1, 30 s), as every authenticator app shows them. The
// only liboath. The seed has to be kept as it is: who reads the database can make codes, and still needs the password.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.hpp"

namespace anlan::collector {

inline constexpr int kCodeStepSeconds = 30;

/// 160 random bits in base32.
std::string new_code_seed();

/// What a QR code holds: otpauth://totp/Anlan:NAME?secret=…&issuer=Anlan.
std::string code_uri(std::string_view seed, std::string_view name);

/// The code at a moment; "" for a seed that is none.
std::string code_at(const std::string& seed, WallTime when);

/// The time step of which `code` is: that of `now`, or one before or after it (a phone's clock). Only steps after
/// `last`, the one of the code that was taken last: no code is taken twice, nor an older one after it. nullopt: none.
std::optional<std::int64_t> matching_step(const std::string& seed, std::string_view code, WallTime now,
                                          std::int64_t last);

}  // namespace anlan::collector
