// An order of the centre to one edge: signed, for a short time, once (docs/decisions/0030-reset-from-the-centre.md).
#pragma once

#include <string>

#include "common/base/time.hpp"
#include "common/model/ids.hpp"

namespace anlan {

using CommandId = Id<struct CommandTag>;

inline constexpr std::string_view kCommandReset = "reset";  // of a latched red alert

/// The words (EdgeEvent::what) by which an edge tells what became of an order; `alert` says of which.
inline constexpr std::string_view kCommandObeyed = "command-obeyed", kCommandRefused = "command-refused";

inline constexpr Millis kLongestCommand{10 * 60'000};  // between issue and expiry

struct Command {
  CommandId id;
  std::string edge;
  std::string what;  // a stable word
  AlertId alert;
  std::string actor;  // who gave it, in the centre
  std::string reason;
  Incarnation incarnation;  // the process it is for: the one whose newest hello …
  std::uint64_t hello = 0;  // … with this counter the centre had heard when it gave the order
  WallTime issued{}, expires{};
  bool operator==(const Command&) const = default;
};

/// The command's bytes as they were signed, and the signature over kCommandDomain and them.
struct SignedCommand {
  std::string command, signature;
};
inline constexpr std::string_view kCommandDomain{"anlan-command-v1\0", 17};

}  // namespace anlan
