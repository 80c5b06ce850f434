// What the edges say of how far behind they are: newest word of each in memory, written into the records every few
// seconds, many in one transaction, so that a word costs no sync of its own. On the loop.
#pragma once

#include <map>
#include <optional>

#include <boost/asio/awaitable.hpp>

#include "collector/ingest/registry.hpp"
#include "collector/store/records.hpp"
#include "common/async/clock.hpp"

namespace anlan::collector {

class WaitingBook {
 public:
  static constexpr Millis kWriteEvery{3'000};

  WaitingBook(Clock& clock, Records& records) : clock_(clock), records_(records) {}

  /// By a hello or between two; nullopt: a hello that does not say it, so nobody knows.
  void take(const Origin& origin, const std::optional<Waiting>& waiting);

  /// Writes what is new, until cancelled. What cannot be written is dropped: the edges say it again.
  boost::asio::awaitable<void> run();

  /// The same at once.
  boost::asio::awaitable<void> write();

 private:
  struct Word {
    std::optional<Waiting> waiting;
    WallTime heard_at{};
  };

  Clock& clock_;
  Records& records_;
  std::map<Origin, Word> unwritten_;
};

}  // namespace anlan::collector
