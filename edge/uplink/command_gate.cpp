#include "edge/uplink/command_gate.hpp"

#include <algorithm>

#include "common/base/utf8.hpp"
#include "common/wire/command.hpp"

namespace anlan::edge {
namespace {

constexpr Millis kClocksDiffer{60'000};  // two synchronised clocks, at most

}  // namespace

void CommandGate::greeted(std::uint64_t counter, MonoTime now) {
  hellos_.emplace_back(counter, now);
  while (now - hellos_.front().second > kLongestCommand + hello_every_) hellos_.pop_front();
}

std::optional<MonoTime> CommandGate::sent(std::uint64_t counter) const {
  const auto found = std::ranges::find(hellos_, counter, [](const auto& hello) { return hello.first; });
  return found == hellos_.end() ? std::nullopt : std::optional(found->second);
}

std::expected<Command, CommandGate::Refusal> CommandGate::admit(std::string_view payload, WallTime wall, MonoTime now,
                                                                bool synced) {
  const auto packed = unpack_command(payload);
  if (!packed) return std::unexpected(Refusal{packed.error().message, std::nullopt});
  if (!verify_(std::string(kCommandDomain) + packed->command, packed->signature))
    return std::unexpected(Refusal{"its signature is not the centre's", std::nullopt});
  auto command = decode_command(packed->command);
  if (!command) return std::unexpected(Refusal{command.error().message, std::nullopt});
  std::erase_if(admitted_, [now](const auto& entry) { return entry.second < now; });
  if (auto why = wrong(*command, wall, now, synced)) return std::unexpected(Refusal{std::move(*why), *command});
  admitted_[command->id] = now + kLongestCommand + hello_every_;
  return std::move(*command);
}

std::optional<std::string> CommandGate::wrong(const Command& command, WallTime wall, MonoTime now, bool synced) const {
  if (command.edge != edge_) return "it is for edge " + command.edge;
  if (command.incarnation != incarnation_) return "it is for another run of this edge: the edge was started since";
  if (command.actor.empty() || !valid_utf8(command.actor)) return "it names nobody";
  const Millis life = command.expires - command.issued;
  if (life <= Millis{0} || life > kLongestCommand) return "it says that it is valid for " + to_words(life);
  const auto greeted = sent(command.hello);
  if (!greeted || now - *greeted > life + hello_every_) return "it came too late: give it again";
  if (synced && (wall > command.expires || wall + kClocksDiffer < command.issued))
    return "it is valid from " + to_rfc3339(command.issued) + " to " + to_rfc3339(command.expires) +
           ", and here it is " + to_rfc3339(wall);
  if (admitted_.contains(command.id)) return "it was carried out before";
  return std::nullopt;
}

}  // namespace anlan::edge
