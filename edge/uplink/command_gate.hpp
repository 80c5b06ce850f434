// Whether an order of the centre is to be carried out: signed, for this process, fresh, and not carried out before.
// Pure; docs/decisions/0030-reset-from-the-centre.md says why each rule is there.
//
//   1. The signature is the centre's. What is not signed is noise: refused without a record.
//   2. It names this edge and this process (incarnation): nothing that was recorded before a restart counts.
//   3. It names a hello of this process. The order was given after that hello was sent, so by monotonic time it is at
//   most
//      so old; older than its own lifetime and one greeting interval is refused, whatever any wall clock says.
//   4. Where this box's wall clock is synchronised, it must stand between issue and expiry, too.
//   5. Its id was not admitted before.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/model/command.hpp"

namespace anlan::edge {

class CommandGate {
 public:
  using Verify = std::function<bool(std::string_view message, std::string_view signature)>;

  /// `hello_every`: the greeting interval.
  CommandGate(std::string edge, Incarnation incarnation, Millis hello_every, Verify verify)
      : edge_(std::move(edge)), incarnation_(incarnation), hello_every_(hello_every), verify_(std::move(verify)) {}

  /// A hello with this counter goes out. Counters rise.
  void greeted(std::uint64_t counter, MonoTime now);

  struct Refusal {
    std::string why;
    std::optional<Command> command;  // where it is the centre's own: then it is worth a record
  };
  std::expected<Command, Refusal> admit(std::string_view payload, WallTime wall, MonoTime now, bool synced);

 private:
  std::optional<std::string> wrong(const Command& command, WallTime wall, MonoTime now, bool synced) const;
  std::optional<MonoTime> sent(std::uint64_t counter) const;

  std::string edge_;
  Incarnation incarnation_;
  Millis hello_every_;
  Verify verify_;
  std::deque<std::pair<std::uint64_t, MonoTime>> hellos_;  // those whose orders may still be fresh
  std::map<CommandId, MonoTime> admitted_;                 // until when the id could pass the other rules
};

}  // namespace anlan::edge
