// Receipts of telemetry on their way to the edges: those of an edge that is up to date wait a moment for the next ones
// of the same edge, so that a frame each second is not a receipt each second. The edge keeps its records a little
// longer, and nothing else (docs/decisions/0074-receipts-wait-for-company.md). Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "collector/ingest/registry.hpp"
#include "common/model/protocol.hpp"

namespace anlan::collector {

class ReceiptDesk {
 public:
  static constexpr Millis kWait{1'250};                 // for the frame of the next second
  static constexpr std::uint64_t kMostRecords = 16;     // of an edge that wait for company: its window is 64 frames
  static constexpr std::size_t kLargeFrame = 8 * 1024;  // an edge that sends such a one gets its receipts at once …
  static constexpr Millis kLargeFor{10'000};            // … for so long: its window in bytes is soon full
  static constexpr Millis kImpatientFor{600'000};       // one that sends again meanwhile waits for none so long

  using Out = std::vector<std::pair<Origin, Receipt>>;

  /// A frame of telemetry came, `bytes` long.
  void heard(const Origin& edge, std::size_t bytes, MonoTime now);

  /// Its records are durable. `at_once`: it must not wait. Returns what is to be sent now.
  Out take(const Origin& edge, Receipt receipt, bool at_once, MonoTime now);

  /// What has waited long enough.
  Out due(MonoTime now);

  /// When due() may have something; nullopt: nothing waits.
  std::optional<MonoTime> next() const;

  /// The line is gone: the edges greet and are answered with everything.
  void clear();

 private:
  struct Held {
    MonoTime since{};
    std::map<Place, Receipt> receipts;
    std::uint64_t records = 0;
  };
  bool in_a_hurry(const Origin& edge, MonoTime now) const;
  void hurry(const Origin& edge, MonoTime until);
  static void release(std::map<Origin, Held>::iterator held, Out& out);

  std::map<Origin, Held> held_;                    // with receipts or without: an edge comes back each second
  std::deque<std::pair<MonoTime, Origin>> order_;  // of those that wait, by their beginning; some have gone since
  std::map<Origin, MonoTime> hurried_;             // until when
};

}  // namespace anlan::collector
