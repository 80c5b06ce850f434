// How much backlog each edge may have on its way (PROTOCOL.md rule 14): together no more than finds room in the
// broker's queue of the bulk connection and in the inbox of telemetry, in equal parts for those that have a backlog.
// Pure.
#pragma once

#include <cstddef>
#include <map>

#include "collector/ingest/registry.hpp"
#include "common/model/protocol.hpp"

namespace anlan::collector {

class CreditDesk {
 public:
  static constexpr std::uint64_t kLeastBytes = 8 * 1024;
  static constexpr Millis kForgottenAfter{45'000};  // an edge speaks every 30 s, of a backlog every 5

  /// `queue`: messages that the broker keeps for one subscriber; half of it is left to live telemetry and to edges that
  /// know no credit. `inbox`: bytes that wait for the store at most; a quarter of what is free is given away at once.
  CreditDesk(std::uint64_t queue, std::uint64_t inbox) : queue_(queue), inbox_(inbox) {}

  /// What an edge says of its backlog.
  void waits(const Origin& edge, const Waiting& waiting, MonoTime now);

  /// A frame of backlog came from it.
  void sends(const Origin& edge, MonoTime now) { draining_[edge] = now; }

  bool draining(const Origin& edge) const { return draining_.contains(edge); }

  /// For an edge that greets or drains. `in_inbox`: bytes that wait for the store. `held`: no telemetry is taken in.
  Credit grant(std::uint64_t in_inbox, bool held, MonoTime now);

  std::size_t edges() const { return draining_.size(); }

 private:
  const std::uint64_t queue_, inbox_;
  std::map<Origin, MonoTime> draining_;  // when it last showed that it has a backlog
  MonoTime looked_at_ = MonoTime::min();
};

}  // namespace anlan::collector
