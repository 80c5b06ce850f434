#include "edge/buffer/ledger.hpp"

#include <algorithm>

namespace anlan::edge {

RangeSet PlaceState::due() const {
  RangeSet rest = held;
  rest.remove(received);
  return rest;
}

bool Ledger::knows(const Epoch& epoch) const {
  return std::ranges::find(epochs, epoch, &EpochEntry::epoch) != epochs.end();
}

std::uint64_t Ledger::next_ordinal() const {
  std::uint64_t most = 0;
  for (const auto& entry : epochs) most = std::max(most, entry.ordinal);
  return most + 1;
}

std::uint64_t Ledger::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [place, state] : places) sum += state.bytes;
  return sum;
}

std::vector<EpochEnd> Ledger::ends() const {
  std::vector<EpochEnd> ends;
  ends.reserve(epochs.size());
  for (const auto& entry : epochs)
    ends.push_back(
        {entry.epoch, entry.ordinal, at({entry.epoch, Stream::event}).next, at({entry.epoch, Stream::telemetry}).next});
  return ends;
}

const PlaceState& Ledger::at(const Place& place) const {
  static const PlaceState none;
  const auto found = places.find(place);
  return found == places.end() ? none : found->second;
}

namespace {

const RangeSet& ranges_at(const RangesByPlace& ranges, const Place& place) {
  static const RangeSet none;
  const auto found = ranges.find(place);
  return found == ranges.end() ? none : found->second;
}

}  // namespace

std::vector<Void> lost_since(const Ledger& ledger, const std::vector<EpochEnd>& marks) {
  std::vector<Void> lost;
  for (const EpochEnd& mark : marks)
    for (const Stream stream : kStreams) {
      const Place place{mark.epoch, stream};
      const std::uint64_t have = ledger.at(place).next;
      if (!ledger.knows(mark.epoch) || have < mark.end(stream))
        lost.push_back({place, LossReason::lost, RangeSet(have, RangeSet::kEnd)});
    }
  return lost;
}

std::vector<Void> lost_in_all(const Ledger& ledger) {
  std::vector<Void> lost;
  for (const auto& entry : ledger.epochs)
    for (const Stream stream : kStreams)
      lost.push_back({{entry.epoch, stream}, LossReason::lost, RangeSet(0, RangeSet::kEnd)});
  return lost;
}

Ledger successor(const Ledger& known, const std::vector<EpochEnd>& marks) {
  Ledger fresh = known;
  for (const EpochEnd& mark : marks) {
    if (!fresh.knows(mark.epoch)) fresh.epochs.push_back({mark.epoch, mark.ordinal});
    for (const Stream stream : kStreams) {
      auto& next = fresh.places[{mark.epoch, stream}].next;
      next = std::max(next, mark.end(stream));
    }
  }
  std::ranges::sort(fresh.epochs, {}, &Ledger::EpochEntry::ordinal);
  for (const auto& entry : fresh.epochs)
    for (const Stream stream : kStreams) {
      PlaceState& state = fresh.places[{entry.epoch, stream}];
      state.held = {};
      state.bytes = 0;
    }
  return fresh;
}

RangeSet lowest(const RangeSet& set, std::uint64_t most) {
  RangeSet some;
  for (const auto& r : set.ranges()) {
    if (most == 0) break;
    const auto last = r.last - r.first > most ? r.first + most : r.last;
    some.add(r.first, last);
    most -= last - r.first;
  }
  return some;
}

std::vector<Void> agree(Ledger& ledger, const Answer& answer, const RangesByPlace& pending) {
  const bool same = ledger.store == answer.store;
  const bool settled = same && !ledger.gone_due;
  ledger.store = answer.store;
  ledger.token = answer.token;
  ledger.gone_due = false;
  std::vector<Void> gone;
  for (auto& [place, state] : ledger.places) {
    if (settled && !answer.data.contains(place)) continue;
    RangeSet data = ranges_at(answer.data, place);
    data.remove(state.next, RangeSet::kEnd);  // only what this buffer has committed
    if (same) data.add(state.received);       // rule 5: marks only grow within a generation
    state.received = data;
    if (settled) continue;  // rule 8: worked out once a generation
    RangeSet missing(0, state.next);
    missing.remove(state.received);
    missing.remove(ranges_at(answer.voided, place));
    missing.remove(state.held);
    missing.remove(ranges_at(pending, place));
    if (!missing.empty()) gone.push_back({place, LossReason::gone, missing});
  }
  return gone;
}

}  // namespace anlan::edge
