// What one storage takes over from another: from one that was damaged, and from one that takes nothing (a disk that is
// read-only or full) and back.
#include <algorithm>
#include <iterator>
#include <limits>
#include <set>

#include "common/wire/checksum.hpp"
#include "edge/buffer/buffer.hpp"

namespace anlan::edge {
namespace {

constexpr std::size_t kAdoptBytes = 256 * 1024;  // taken over in one commit
constexpr std::uint64_t kPieceRows = 1000;

std::uint64_t event_bytes(const Ledger& ledger) {
  std::uint64_t bytes = 0;
  for (const auto& [place, state] : ledger.places)
    if (place.stream == Stream::event) bytes += state.bytes;
  return bytes;
}

}  // namespace

void Buffer::inherit(Remains::Known known, Ledger ledger) {
  ledger_ = std::make_shared<Ledger>(successor(ledger, marked_));
  losses_ = lost_in_all(*ledger_);
  inherited_ = known.definitions;
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
  if (!remains_ || heritage_ || stays_ == Stays::not_here) return false;  // they wait at home
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
  if (!written && written.error().code != Errc::storage_full && written.error().code != Errc::cap_reached)
    return fail(written.error());
  return true;
}

/// What moving changes, so that it can be taken back.
struct Buffer::Stand {
  Storage* storage;
  std::uint64_t max_bytes;
  Stays stays;
  Epoch epoch;
  std::shared_ptr<const Ledger> ledger;
  RangesByPlace elsewhere, strangers;
  std::vector<EpochEnd> marked;
  std::optional<Remains::Known> heritage;
};

Buffer::Stand Buffer::stand() const {
  return {storage_, max_bytes_, stays_, identity_.epoch, ledger_, elsewhere_, strangers_, marked_, heritage_};
}

void Buffer::stand_again(Stand stand) {
  storage_ = stand.storage;
  max_bytes_ = stand.max_bytes;
  stays_ = stand.stays;
  identity_.epoch = stand.epoch;
  ledger_ = std::move(stand.ledger);
  elsewhere_ = std::move(stand.elsewhere);
  strangers_ = std::move(stand.strangers);
  marked_ = std::move(stand.marked);
  heritage_ = std::move(stand.heritage);
}

/// What is known is known here; rows are where they lie. Rows of a commit that had failed may lie there all the same:
/// they were done again under other names, and go.
Ledger Buffer::taking_over(const Ledger& there, Storage& to) {
  Ledger all = successor(*ledger_, marked_);
  strangers_.clear();
  for (const auto& [place, its] : there.places) {
    PlaceState& state = all.places[place];
    RangeSet own = its.held.intersection(RangeSet(0, state.next)), strange = its.held;
    strange.remove(own);
    state.held = std::move(own);
    state.bytes = its.bytes;
    if (strange.empty()) continue;
    if (const auto bytes = to.bytes_of(place, strange)) state.bytes -= std::min(state.bytes, *bytes);
    strangers_[place] = std::move(strange);
  }
  for (const auto& entry : there.epochs)
    if (!all.knows(entry.epoch)) all.epochs.push_back(entry);
  std::ranges::sort(all.epochs, {}, &Ledger::EpochEntry::ordinal);
  return all;
}

Result<void> Buffer::move(Storage& to, std::uint64_t max_bytes, Stays stays, const Epoch& fresh, const Stamp& now) {
  const auto there = to.load();
  if (!there) return fail(there.error());
  const auto here = storage_->load();  // a disk that takes nothing may still be read
  Stand before = stand();
  marked_ = to.marks().value_or(std::vector<EpochEnd>());
  Ledger all = taking_over(there->ledger, to);
  for (const auto& [place, state] : ledger_->places) elsewhere_[place].add(state.held);
  if (!heritage_) heritage_ = Remains::Known{};
  if (here && !here->engine_state.empty()) heritage_->engine_state = here->engine_state;
  auto& definitions = heritage_->definitions;
  definitions.insert(definitions.end(), inherited_.begin(), inherited_.end());
  if (present_) definitions.emplace_back(hash128(*present_), *present_);
  if (stays == Stays::here) remains_ = to.remains();
  if (remains_ && there->ledger.epochs.empty())
    std::ranges::move(remains_->known().definitions, std::back_inserter(definitions));
  if (ledger_->knows(identity_.epoch)) identity_.epoch = fresh;
  storage_ = &to;
  max_bytes_ = max_bytes;
  stays_ = stays;
  ledger_ = std::make_shared<Ledger>(std::move(all));
  expect_rows({});
  if (auto begun = begin(now, max_bytes_); !begun) {
    stand_again(std::move(before));
    return begun;
  }
  retain_received(now.mono);
  in_flight_.clear();
  unread_.clear();
  return {};
}

void Buffer::expect_rows(const Ledger& there) {
  for (const auto& [place, state] : there.places) elsewhere_[place].add(state.held);
  for (auto& [place, rows] : elsewhere_) rows.remove(ledger_->at(place).held);
  std::erase_if(elsewhere_, [](const auto& item) { return item.second.empty(); });
}

void Buffer::retain_received(MonoTime now) {
  received_.clear();
  for (const auto& [place, state] : ledger_->places) {
    const RangeSet old = state.held.intersection(state.received);
    if (!old.empty()) received_.push_back({now, place, old});
  }
}

std::optional<Buffer::Piece> Buffer::elsewhere() const {
  if (heritage_) return std::nullopt;
  for (const Stream stream : {Stream::event, Stream::telemetry}) {
    if (stays_ == Stays::not_here && (stream == Stream::telemetry || event_bytes(*ledger_) > max_bytes_ / 2)) break;
    for (const auto& [place, rows] : elsewhere_) {
      if (place.stream != stream) continue;
      RangeSet wanted = rows;
      if (stays_ == Stays::not_here) wanted.remove(ledger_->at(place).received);
      if (const auto tried = unread_.find(place); tried != unread_.end()) wanted.remove(tried->second);
      if (!wanted.empty()) return Piece{place, lowest(wanted, kPieceRows)};
    }
  }
  return std::nullopt;
}

Result<void> Buffer::bring(const Piece& piece, std::vector<Record> rows, const Stamp& now) {
  RangeSet wanted = piece.rows.intersection(elsewhere_[piece.place]);
  wanted.remove(ledger_->at(piece.place).held);
  RangeSet missing = wanted;
  Draft more = draft();
  PlaceState& state = more.after.places[piece.place];
  for (Record& record : rows) {
    const std::uint64_t sequence = record.id.sequence;
    if (!wanted.contains(sequence) || !whole(record)) continue;
    missing.remove(sequence, sequence + 1);
    state.held.add(sequence);
    state.bytes += row_bytes(record.payload.size());
    more.changes.added.push_back(std::move(record));
  }
  more.changes.places.insert(piece.place);
  const bool telemetry = piece.place.stream == Stream::telemetry, here = stays_ == Stays::here;
  RangeSet damaged = missing;
  damaged.remove(state.received);
  if (here && !damaged.empty())
    if (auto said = say(more, {{{piece.place, LossReason::damaged, damaged}}, {}, {}}, now); !said) return said;
  if (auto fitted = fit(more, telemetry ? max_bytes_ / 10 * 9 : max_bytes_, now, telemetry); !fitted) return fitted;
  if (auto written = write(std::move(more)); !written) return written;
  if (!here && !missing.empty()) unread_[piece.place].add(missing);
  RangeSet& rest = elsewhere_[piece.place];
  rest.remove(piece.rows);
  if (!here) rest.add(missing);
  if (rest.empty()) elsewhere_.erase(piece.place);
  return {};
}

}  // namespace anlan::edge
