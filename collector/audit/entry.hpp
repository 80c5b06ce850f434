// One entry of the log, and its one canonical form (docs/formats/audit-log.md): a line of JSON, the same to the byte
// whoever writes it. The line is what is hashed, stored, exported and served. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "collector/people/actor.hpp"
#include "common/base/time.hpp"
#include "common/io/sha256.hpp"

namespace anlan::collector {

// The acts that the log needs itself.
inline constexpr std::string_view kLogBegan = "log.began";                // entry 0; data: log, format
inline constexpr std::string_view kGenerationBegan = "store.generation";  // data: store, generation, why, …
inline constexpr std::string_view kStoreSubject = "store";
inline constexpr std::string_view kKeyNamed = "log.key";  // heads are signed with it from here on; data: key
inline constexpr std::string_view kKeySubject = "log-key";

/// What somebody, or the system, did. Texts that are not UTF-8 are entered with U+FFFD in place of the wrong bytes.
struct Deed {
  WallTime at{};  // the centre's time
  Actor actor;
  std::string act;      // stable words: "hazard.graded", "alert.acknowledged", "notification.delivered", …
  std::string subject;  // what was changed: "hazard/ID", "alert/ID", "edge/ID", "store", …
  std::string reason{};
  std::map<std::string, std::string> data{};  // what else is to be known of it
  bool operator==(const Deed&) const = default;
};

struct AuditEntry {
  std::uint64_t number = 0;  // from 0, without a hole
  Deed deed;
  Sha256 previous{};  // leaf hash of the entry before; zeros in the first
  bool operator==(const AuditEntry&) const = default;
};

/// The canonical line, without a line end; it holds no control character.
std::string to_line(const AuditEntry& entry);

/// Only what to_line() writes. Errors: malformed.
Result<AuditEntry> parse_entry(std::string_view line);

}  // namespace anlan::collector
