// What the centre knows of one edge's records: received, void, lost, how far each epoch reaches, and who greeted. A
// value: copied for each batch, kept where the batch's commit succeeds. The collector's half of PROTOCOL.md rules 4
// to 9.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/model/protocol.hpp"

namespace anlan::collector {

struct EdgeLedger {
  struct Issued {
    Token token;
    std::optional<WallTime> suspicion;  // of a hello that looked like a restored buffer or a second box
    bool operator==(const Issued&) const = default;
  };
  struct Greeted {
    std::uint64_t counter = 0;  // of the newest hello
    Token token;
    std::uint64_t order = 0;  // for forgetting the oldest
    bool operator==(const Greeted&) const = default;
  };

  RangesByPlace data;                       // durable in the store that holds them
  RangesByPlace voided;                     // named by gaps; data wins
  RangesByPlace lost;                       // voids whose content nobody can tell
  std::map<Place, std::uint64_t> ends;      // the furthest end that any hello or record has shown
  std::map<Epoch, std::uint64_t> ordinals;  // rule 13
  std::optional<Token> confirmed;           // rule 6
  std::map<Incarnation, Issued> issued;
  std::map<Incarnation, Greeted> greeted;
  std::optional<WallTime> unknown_until;  // losses on the edge up to here are unknown
  bool operator==(const EdgeLedger&) const = default;

  /// Rule 11: events may be missing whose content nobody knows.
  bool losses_unknown() const;
};

/// Rule 4 and 5: what becomes of one record.
enum class Fate { fresh, duplicate, damaged };

/// Checks the checksum over (edge, identity, payload) and takes the record into the ranges. A duplicate is receipted
/// again by the caller, a damaged one is not.
Fate take_record(EdgeLedger& ledger, const std::string& edge, const Record& record);

/// Rule 9: the voids of a gap or start record that arrived at `now`.
void take_voids(EdgeLedger& ledger, const std::vector<Void>& voids, WallTime now);

struct HelloOutcome {
  bool old = false;        // a lower counter: nothing was changed, nothing is answered
  bool stale = false;      // a restored buffer or a second box, as far as the centre can tell
  bool overtaken = false;  // a younger process has greeted between two hellos of this one: two boxes run
};

/// Rules 5, 6. `first_store`: this store was never restored. `fresh`: the token to issue if one is needed. `now`: when
/// it arrived, by the centre's clock (an edge's may lie).
HelloOutcome take_hello(EdgeLedger& ledger, const Hello& hello, const Generation& generation, bool first_store,
                        const Token& fresh, WallTime now);

/// Rule 6. Returns the time of the suspicion that this confirmation makes known, if any: the edge's losses are unknown
/// up to it.
std::optional<WallTime> take_confirm(EdgeLedger& ledger, const Token& token);

/// The answer to a hello just taken; to be sent once the ledger is durable.
Answer answer_to(const EdgeLedger& ledger, const Hello& hello, const StoreRef& store,
                 std::vector<DefinitionHash> wanted, bool stale);

}  // namespace anlan::collector
