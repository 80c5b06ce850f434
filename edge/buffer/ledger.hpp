// What the edge's buffer knows about its records, apart from the records: a value, copied at each commit, never changed
// after it. The functions are the buffer's half of PROTOCOL.md rules 2, 5 and 8; they touch no disk.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "common/model/protocol.hpp"

namespace anlan::edge {

/// One stream of one epoch.
struct PlaceState {
  std::uint64_t next = 0;     // sequence of the next record
  RangeSet received;          // the store `Ledger::store` holds these as data
  RangeSet held;              // rows that are in the buffer
  std::uint64_t bytes = 0;    // of the rows held
  std::uint64_t samples = 0;  // committed in all, also those freed since
  bool operator==(const PlaceState&) const = default;

  /// Held and not received: what is still to be sent.
  RangeSet due() const;
};

/// The lowest `most` numbers of a set.
RangeSet lowest(const RangeSet& set, std::uint64_t most);

struct Ledger {
  struct EpochEntry {
    Epoch epoch;
    std::uint64_t ordinal = 0;
    bool operator==(const EpochEntry&) const = default;
  };

  std::vector<EpochEntry> epochs;  // every epoch of this buffer, oldest first; kept after its rows are freed
  std::map<Place, PlaceState> places;
  std::optional<StoreRef> store;              // that `received` speaks of
  bool gone_due = false;                      // rule 8: `gone` is still to be said for this generation
  std::optional<Token> token;                 // rule 6: of the last answer
  std::map<AlertId, AlertTransition> active;  // newest transition of every active alert
  bool operator==(const Ledger&) const = default;

  bool knows(const Epoch& epoch) const;
  std::uint64_t next_ordinal() const;
  std::uint64_t bytes() const;
  std::vector<EpochEnd> ends() const;
  /// The state of a place, empty where nothing was committed there.
  const PlaceState& at(const Place& place) const;
};

/// Rules 5, 8: takes over what an answer says. What the store lacks is due again; what neither side holds, and no void
/// covers, is returned to be voided as `gone`. `pending` are the voids of gap and start records still held here.
std::vector<Void> agree(Ledger& ledger, const Answer& answer, const RangesByPlace& pending);

/// Rule 10: what the marks of the side file show that the ledger has not: lost from there without end.
std::vector<Void> lost_since(const Ledger& ledger, const std::vector<EpochEnd>& marks);

/// Rule 10, of a salvaged buffer: every epoch is lost without end, as far as anybody can tell; data wins.
std::vector<Void> lost_in_all(const Ledger& ledger);

/// The ledger of a buffer that begins anew with what is known of its predecessor: its epochs with their ends and what
/// was received, its active alerts; no rows yet. `marks` may know more.
Ledger successor(const Ledger& known, const std::vector<EpochEnd>& marks);

}  // namespace anlan::edge
