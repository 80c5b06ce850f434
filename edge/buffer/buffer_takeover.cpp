// What one storage takes over from another: from one that was damaged, and from one that takes nothing (a disk that is
// read-only or full) and back.
#include <algorithm>
#include <limits>
#include <set>

#include "common/wire/checksum.hpp"
#include "edge/buffer/buffer.hpp"

namespace anlan::edge {
namespace {

constexpr std::size_t kAdoptBytes = 256 * 1024;  // taken over in one commit
constexpr std::size_t kAdoptRows = 1000;

/// Both say what they know: the ends and receipts are those of whoever knows more, the rows are those of `there`.
void merge(Ledger& ledger, const Ledger& there) {
  for (const auto& entry : there.epochs)
    if (!ledger.knows(entry.epoch)) ledger.epochs.push_back(entry);
  std::ranges::sort(ledger.epochs, {}, &Ledger::EpochEntry::ordinal);
  for (const auto& [place, its] : there.places) {
    PlaceState& state = ledger.places[place];
    state.next = std::max(state.next, its.next);
    state.samples = std::max(state.samples, its.samples);
    if (there.store == ledger.store) state.received.add(its.received);
    state.held = its.held;
    state.bytes = its.bytes;
  }
}

}  // namespace

void Buffer::inherit(Remains::Known known, Ledger ledger) {
  ledger_ = std::make_shared<Ledger>(successor(ledger, marked_));
  losses_ = lost_in_all(*ledger_);
  heritage_ = std::move(known);
}

Result<void> Buffer::heal(const Epoch& fresh, const Stamp& now) {
  if (auto replaced = storage_->replace(now.wall); !replaced) return replaced;
  remains_ = storage_->remains();
  if (ledger_->knows(identity_.epoch)) identity_.epoch = fresh;
  inherit(remains_ ? remains_->known() : Remains::Known{}, *ledger_);
  received_.clear();
  in_flight_.clear();
  definition_.reset();
  return begin(now, max_bytes_);
}

Result<bool> Buffer::adopt(const Stamp& now) {
  if (heritage_) return false;
  if (left_) return bring(now);
  if (!remains_) return false;
  // What gives way to them is said in this epoch. No cap: room is made for the rows.
  if (auto begun = begin(now, std::numeric_limits<std::uint64_t>::max()); !begun) {
    if (begun.error().code == Errc::storage_full) return false;
    return fail(begun.error());
  }
  std::vector<Epoch> epochs;
  for (const auto& entry : ledger_->epochs)
    if (entry.epoch != identity_.epoch) epochs.push_back(entry.epoch);
  const auto rows = remains_->next(epochs, kAdoptBytes);
  if (rows.empty()) {
    remains_->finish();
    remains_.reset();
    return false;
  }
  Draft more = draft();
  for (const Record& record : rows) {
    PlaceState& state = more.after.places[record.id.place];
    const bool wanted = whole(record) && !state.held.contains(record.id.sequence) &&
                        !state.received.contains(record.id.sequence) && record.id.sequence < kMaxSequence;
    const bool telemetry = record.id.place.stream == Stream::telemetry;
    const std::uint64_t after = more.after.bytes() + row_bytes(record.payload.size());
    if (!wanted || (telemetry && after > max_bytes_ / 10 * 9)) continue;  // no room: it is said to be lost already
    state.held.add(record.id.sequence);
    state.next = std::max(state.next, record.id.sequence + 1);
    state.bytes += row_bytes(record.payload.size());
    more.changes.places.insert(record.id.place);
    more.changes.added.push_back(record);
  }
  if (more.changes.added.empty()) return true;
  auto written = fit(more, max_bytes_, now, false);  // telemetry makes room for events
  if (written) written = write(std::move(more));
  if (!written && written.error().code != Errc::storage_full) return fail(written.error());
  return true;
}

/// What moving changes, so that it can be taken back.
struct Buffer::Stand {
  Storage *storage, *left;
  std::uint64_t max_bytes;
  Stays stays;
  Epoch epoch;
  std::shared_ptr<const Ledger> ledger;
  RangesByPlace limbo;
  std::vector<EpochEnd> marked;
};

Buffer::Stand Buffer::stand() const {
  return {storage_, left_, max_bytes_, stays_, identity_.epoch, ledger_, limbo_, marked_};
}

void Buffer::stand_again(Stand stand) {
  storage_ = stand.storage;
  left_ = stand.left;
  max_bytes_ = stand.max_bytes;
  stays_ = stand.stays;
  identity_.epoch = stand.epoch;
  ledger_ = std::move(stand.ledger);
  limbo_ = std::move(stand.limbo);
  marked_ = std::move(stand.marked);
  heritage_.reset();
}

Result<void> Buffer::move(Storage& to, std::uint64_t max_bytes, Stays stays, const Epoch& fresh, const Stamp& now) {
  if (heritage_) return fail(Errc::conflict, "the buffer has not begun yet");
  const auto there = to.load();
  if (!there) return fail(there.error());
  const auto here = storage_->load();  // a disk that takes nothing may still be read
  Stand before = stand();
  marked_ = to.marks().value_or(std::vector<EpochEnd>());
  Ledger merged = successor(*ledger_, marked_);
  merge(merged, there->ledger);
  await_rows(*ledger_, merged);
  left_ = storage_;
  storage_ = &to;
  max_bytes_ = max_bytes;
  stays_ = stays;
  heritage_ = Remains::Known{};
  if (here) heritage_->engine_state = here->engine_state;
  if (present_) heritage_->definitions = {{hash128(*present_), *present_}};
  if (ledger_->knows(identity_.epoch)) identity_.epoch = fresh;
  ledger_ = std::make_shared<Ledger>(std::move(merged));
  if (auto begun = begin(now, max_bytes_); !begun) {
    stand_again(std::move(before));
    return begun;
  }
  retain_received(now.mono);
  in_flight_.clear();
  return {};
}

Result<void> Buffer::take_over(Storage& left, const Stamp& now) {
  const auto there = left.load();
  if (!there) return fail(there.error());
  await_rows(there->ledger, *ledger_);
  left_ = &left;
  return begin(now, max_bytes_);
}

/// What is still to be sent of `there` and is not `here` comes when it is brought.
void Buffer::await_rows(const Ledger& there, const Ledger& here) {
  for (const auto& [place, state] : there.places) limbo_[place].add(state.due());
  for (auto& [place, ranges] : limbo_) {
    ranges.remove(here.at(place).held);
    ranges.remove(here.at(place).received);
  }
  std::erase_if(limbo_, [](const auto& item) { return item.second.empty(); });
}

void Buffer::retain_received(MonoTime now) {
  received_.clear();
  for (const auto& [place, state] : ledger_->places) {
    const RangeSet old = state.held.intersection(state.received);
    if (!old.empty()) received_.push_back({now, place, old});
  }
}

/// Events first: there may not be room for all.
Result<bool> Buffer::bring(const Stamp& now) {
  const auto waiting = std::ranges::find(limbo_, Stream::event, [](const auto& item) { return item.first.stream; });
  const auto next = waiting == limbo_.end() ? limbo_.begin() : waiting;
  if (next == limbo_.end()) {
    if (at_home()) left_ = nullptr;
    return false;
  }
  if (!at_home() && ledger_->bytes() > max_bytes_ / 2) return false;  // the rest when there is room, or at home
  const auto [place, wanted] = *next;
  auto rows = left_->read(place, wanted, kAdoptRows, kAdoptBytes);
  if (!rows && !at_home()) return fail(rows.error());
  if (!rows) rows = std::vector<Record>();
  RangeSet answered = wanted;
  std::size_t bytes = 0;
  for (const Record& record : *rows) bytes += record.payload.size();
  if (rows->size() >= kAdoptRows || bytes >= kAdoptBytes) answered.remove(rows->back().id.sequence + 1, RangeSet::kEnd);
  std::erase_if(*rows, [this](const Record& record) { return !whole(record); });
  auto brought = bring(place, answered, std::move(*rows), now);
  if (!brought) return fail(brought.error());
  next->second.remove(answered);
  if (next->second.empty()) limbo_.erase(next);
  return true;
}

/// What does not come is gone for good where this is home: elsewhere it may still lie there.
Result<void> Buffer::bring(const Place& place, RangeSet answered, std::vector<Record> rows, const Stamp& now) {
  Draft more = draft();
  PlaceState& state = more.after.places[place];
  for (Record& record : rows) {
    answered.remove(record.id.sequence, record.id.sequence + 1);
    state.held.add(record.id.sequence);
    state.next = std::max(state.next, record.id.sequence + 1);
    state.bytes += row_bytes(record.payload.size());
    more.changes.added.push_back(std::move(record));
  }
  more.changes.places.insert(place);
  const bool telemetry = place.stream == Stream::telemetry;
  if (at_home() && !answered.empty())
    if (auto said = say(more, {{{place, LossReason::damaged, answered}}, {}, {}}, now); !said) return said;
  if (auto fitted = fit(more, telemetry ? max_bytes_ / 10 * 9 : max_bytes_, now, telemetry); !fitted) return fitted;
  return write(std::move(more));
}

}  // namespace anlan::edge
