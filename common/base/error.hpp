// What went wrong, in few categories, with a sentence for a person. Says whether trying again can help.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace anlan {

enum class Errc {
  invalid_argument,  // the caller's input breaks a stated rule
  malformed,         // bytes or text that do not parse
  not_found,
  conflict,         // the thing changed since the caller looked, or the step is not allowed in its state
  refused,          // understood and not permitted
  unsupported,      // newer or other than this program knows
  too_large,        // above a stated limit; checked before memory is taken
  timeout,          // no answer in the stated time (retry helps)
  unavailable,      // the other side is not there now (retry helps)
  storage_full,     // the disk (retry helps once there is room)
  cap_reached,      // a byte cap of ours (retry helps once something has left)
  storage_corrupt,  // a checksum or the database's own check failed
  storage_failed,   // any other failure of a disk or database (retry may help)
  closed,           // this object was stopped
  internal,         // a bug
};

std::string_view to_string(Errc code);

/// True where the same call may succeed later without anybody changing anything.
bool retryable(Errc code);

struct Error {
  Errc code = Errc::internal;
  std::string message;  // what happened, where; no trailing period

  /// The same error with context in front: "reading tank-3: timeout after 500 ms".
  [[nodiscard]] Error within(std::string_view context) && {
    message.insert(0, std::string(context) + ": ");
    return std::move(*this);
  }
};

}  // namespace anlan
