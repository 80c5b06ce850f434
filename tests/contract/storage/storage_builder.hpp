// Ledgers and changes for the tests of a Storage, built row by row as the buffer builds them.
#pragma once

#include "edge/buffer/storage.hpp"
#include "tests/support/wire_examples.hpp"

namespace anlan::edge {

inline constexpr Place kEvents{test::kExampleEpoch, Stream::event}, kTelemetry{test::kExampleEpoch, Stream::telemetry};

/// A ledger and the changes that lead to it from what was applied last.
struct Draft {
  Ledger ledger;
  Changes changes;

  Draft& epoch(const Epoch& id, std::uint64_t ordinal) {
    ledger.epochs.push_back({id, ordinal});
    for (const Stream stream : kStreams) {
      ledger.places[{id, stream}];
      changes.places.insert({id, stream});
    }
    changes.epochs = true;
    return *this;
  }

  Draft& add(const Place& place, std::string payload, Kind kind = Kind::alert) {
    PlaceState& state = ledger.places[place];
    Record record = test::example_record(kind, state.next, std::move(payload));
    record.id.place = place;
    record.checksum = checksum(test::kExampleEdge, record);
    state.held.add(state.next++);
    state.bytes += row_bytes(record.payload.size());
    changes.places.insert(place);
    changes.added.push_back(std::move(record));
    return *this;
  }

  Draft& remove(const Place& place, const RangeSet& ranges) {
    ledger.places[place].held.remove(ranges);
    changes.places.insert(place);
    changes.removed[place].add(ranges);
    return *this;
  }

  Result<void> apply(Storage& storage) {
    auto done = storage.apply(ledger, changes);
    if (done) changes = {};
    return done;
  }
};

inline Draft with_one_epoch() {
  Draft draft;
  draft.epoch(test::kExampleEpoch, 1);
  return draft;
}

}  // namespace anlan::edge
