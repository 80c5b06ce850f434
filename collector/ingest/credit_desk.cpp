#include "collector/ingest/credit_desk.hpp"

#include <algorithm>

namespace anlan::collector {
namespace {

constexpr Millis kLookEvery{1'000};

// Of the room a quarter: an edge is told of it once in a round, and meanwhile what the others have on their way arrives
// (x' = c (1 - x) with a delay of one round comes to 1 without going beyond it where c < 1/e).
constexpr std::uint64_t kPart = 4;

}  // namespace

void CreditDesk::waits(const Origin& edge, const Waiting& waiting, MonoTime now) {
  if (waiting.backlog.records > 0)
    draining_[edge] = now;
  else
    draining_.erase(edge);
}

Credit CreditDesk::grant(std::uint64_t in_inbox, bool held, MonoTime now) {
  if (looked_at_ == MonoTime::min() || now - looked_at_ >= kLookEvery) {
    looked_at_ = now;
    std::erase_if(draining_, [&](const auto& edge) { return now - edge.second >= kForgottenAfter; });
  }
  if (held) return {};
  const std::uint64_t edges = std::max<std::uint64_t>(draining_.size(), 1);
  const std::uint64_t room = inbox_ - std::min(in_inbox, inbox_);
  return {std::max<std::uint64_t>(queue_ / 2 / edges, 1), std::max(room / kPart / edges, kLeastBytes)};
}

}  // namespace anlan::collector
