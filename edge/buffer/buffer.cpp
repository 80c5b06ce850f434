#include "edge/buffer/buffer.hpp"

#include <algorithm>
#include <limits>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"

namespace anlan::edge {
namespace {

constexpr std::uint64_t kNoCap = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kSurelyFits = 200 * 1024;  // a payload up to here fits into a frame whatever it holds

/// A record that no frame holds could never be sent, and what comes after it would wait for ever.
Result<void> fits(const Entry& entry) {
  if (entry.payload.size() <= kSurelyFits) return {};
  Record record;
  record.kind = entry.kind;
  record.payload = entry.payload;
  if (encode(RecordBatch{{std::move(record)}})) return {};
  return fail(Errc::too_large, "a record of kind " + std::string(to_string(entry.kind)) + " with " +
                                   std::to_string(entry.payload.size()) +
                                   " bytes does not fit into a frame of 256 KiB");
}

/// Rule 8: a buffer too full to say something says it after the next hello.
Result<void> unless_full(Result<void> said) {
  if (!said && (said.error().code == Errc::storage_full || said.error().code == Errc::cap_reached)) return {};
  return said;
}

}  // namespace

Result<std::string> Buffer::open(const Stamp& now) {
  auto loaded = storage_->load();
  if (!loaded && loaded.error().code == Errc::storage_corrupt)
    if (auto replaced = storage_->replace(now.wall); replaced) loaded = storage_->load();
  if (!loaded) return fail(std::move(loaded.error()).within("opening the buffer"));
  ledger_ = std::make_shared<Ledger>(std::move(loaded->ledger));
  remains_ = storage_->remains();
  marked_ = storage_->marks().value_or(std::vector<EpochEnd>());
  for (const EpochEnd& end : marked_) ordinals_ = std::max(ordinals_, end.ordinal);
  found_.damaged = remains_ && ledger_->epochs.empty();
  if (found_.damaged) {
    auto known = remains_->known();
    loaded->engine_state = known.engine_state;
    Ledger ledger;
    ledger.epochs = known.epochs;
    ledger.places = known.places;
    ledger.active = known.active;
    inherit(std::move(known), std::move(ledger));
  } else {
    losses_ = lost_since(*ledger_, marked_);
    found_.lost = !losses_.empty();
  }
  retain_received(now.mono);
  if (!ledger_->active.empty() || !losses_.empty() || heritage_) {
    auto begun = begin(now, max_bytes_);
    if (!begun && begun.error().code == Errc::storage_corrupt) {  // damage that only writing shows
      found_.damaged = true;
      begun = heal(identity_.epoch, now);
    }
    // What takes nothing now does not keep the alarms from working.
    if (!begun && begun.error().code == Errc::storage_corrupt) return fail(begun.error());
  }
  return std::move(loaded->engine_state);
}

Result<void> Buffer::keep_marks() {
  if (!losses_.empty() || heritage_) return {};  // rule 10: not before the start record says what is lost
  auto ends = ledger_->ends();
  if (ends == marked_) return {};
  if (auto kept = storage_->set_marks(ends); !kept) return kept;
  marked_ = std::move(ends);
  return {};
}

Result<void> Buffer::begin(const Stamp& now, std::uint64_t cap) {
  if (ledger_->knows(identity_.epoch)) return {};
  Start start;
  start.ordinal = std::max(ledger_->next_ordinal(), ordinals_ + 1);
  for (const auto& entry : ledger_->epochs) start.before.push_back(entry.epoch);
  for (const auto& [id, transition] : ledger_->active) start.active.push_back(transition);
  start.losses = losses_;
  start.boot = identity_.boot;
  start.version = identity_.version;
  Draft begun = draft();
  begun.after.epochs.push_back({identity_.epoch, start.ordinal});
  begun.changes.epochs = true;
  for (const Stream stream : kStreams) {
    begun.after.places[{identity_.epoch, stream}];
    begun.changes.places.insert({identity_.epoch, stream});
  }
  begun.changes.removed = strangers_;
  if (heritage_) {
    for (const auto& [place, state] : begun.after.places) begun.changes.places.insert(place);
    begun.changes.active = begun.changes.greeting = true;
    if (!heritage_->engine_state.empty()) begun.changes.engine_state = heritage_->engine_state;
    begun.changes.definitions = heritage_->definitions;
  }
  append(begun, {Kind::start, encode_payload(start), 0}, now);
  if (auto fitted = fit(begun, cap, now, false); !fitted) return fitted;
  if (auto written = write(std::move(begun)); !written) return written;
  heritage_.reset();
  strangers_.clear();
  losses_.clear();
  (void)keep_marks();  // rule 10: before any other record of the epoch; where it fails it is tried again and reported
  return {};
}

void Buffer::append(Draft& draft, Entry entry, const Stamp& now) const {
  const Place place{identity_.epoch, entry.stream()};
  PlaceState& state = draft.after.places[place];
  Record record{{place, state.next},      entry.kind, now.wall, now.mono, now.clock, entry.samples,
                std::move(entry.payload), 0};
  record.checksum = checksum(identity_.edge, record);
  state.held.add(state.next++);
  state.bytes += row_bytes(record.payload.size());
  state.samples += entry.samples;
  draft.changes.places.insert(place);
  draft.changes.added.push_back(std::move(record));
}

Result<void> Buffer::commit(Commit commit, const Stamp& now) {
  return store(std::move(commit), now, ledger_->gone_due);
}

Result<void> Buffer::store(Commit commit, const Stamp& now, bool gone_due) {
  bool telemetry = false;
  for (const Entry& entry : commit.entries) {
    if (auto fitting = fits(entry); !fitting) return fitting;
    telemetry = telemetry || entry.stream() == Stream::telemetry;
  }
  if (auto begun = begin(now, max_bytes_); !begun) return begun;
  const std::uint64_t before = ledger_->bytes();
  Draft next = draft();
  std::optional<std::string> present;
  for (Entry& entry : commit.entries) {
    if (entry.kind == Kind::definition) present = entry.payload;
    append(next, std::move(entry), now);
  }
  if (!commit.losses.empty())
    if (auto said = say(next, {{}, {}, std::move(commit.losses)}, now); !said) return said;
  if (next.after.bytes() > before)
    if (auto fitted = fit(next, telemetry ? max_bytes_ / 10 * 9 : max_bytes_, now, telemetry); !fitted) return fitted;
  if (commit.active) {
    next.after.active = std::move(*commit.active);
    next.changes.active = true;
  }
  next.changes.greeting = next.after.gone_due != gone_due;
  next.after.gone_due = gone_due;
  next.changes.engine_state = std::move(commit.engine_state);
  next.changes.definitions = std::move(commit.definitions);
  if (auto written = write(std::move(next)); !written) return written;
  if (present) present_ = std::move(present);
  return {};
}

Result<void> Buffer::write(Draft draft) {
  if (heritage_ && !draft.changes.epochs)
    return fail(Errc::storage_full, "writing the buffer: the new one has not begun yet, for want of room");
  if (auto applied = storage_->apply(draft.after, draft.changes); !applied)
    return fail(std::move(applied.error()).within("writing the buffer"));
  ledger_ = std::make_shared<Ledger>(std::move(draft.after));
  return {};
}

Result<void> Buffer::mark_received(const RangesByPlace& data, MonoTime now) {
  Draft marked = draft();
  std::string invented;
  RangesByPlace fresh;
  for (const auto& [place, ranges] : data) {
    const PlaceState& before = ledger_->at(place);
    RangeSet known = ranges.intersection(RangeSet(0, before.next));
    if (!(known == ranges))
      invented = std::string(to_string(place.stream)) + " " + ranges.str() + " of epoch " + place.epoch.hex();
    known.remove(before.received);
    if (known.empty()) continue;
    marked.after.places[place].received.add(known);
    marked.changes.places.insert(place);
    fresh[place] = std::move(known);
  }
  if (!fresh.empty()) {
    if (auto written = write(std::move(marked)); !written) return written;
    for (auto& [place, ranges] : fresh) received_.push_back({now, place, std::move(ranges)});
  }
  if (!invented.empty())
    return fail(Errc::invalid_argument, "a receipt for records that this edge never committed: " + invented);
  return {};
}

Result<void> Buffer::agree(const Answer& answer, const Stamp& now) {
  if (ledger_->store && ledger_->store->id != answer.store.id)
    return fail(Errc::refused, "an answer of store " + answer.store.id.hex() + ", but this buffer belongs to store " +
                                   ledger_->store->id.hex() + ": its receipts free nothing here");
  if (heritage_)
    if (auto begun = begin(now, max_bytes_); !begun) return begun;
  const auto pending = pending_voids();
  if (!pending) return fail(pending.error());
  Draft agreed = draft();
  const auto gone = edge::agree(agreed.after, answer, *pending);
  agreed.after.gone_due = !gone.empty();  // until the gap is written
  agreed.changes.greeting = true;
  for (const auto& [place, state] : agreed.after.places)
    if (!(state == ledger_->at(place))) agreed.changes.places.insert(place);
  const auto before = ledger_;
  if (auto written = write(std::move(agreed)); !written) return written;
  for (const auto& [place, state] : ledger_->places) {
    RangeSet fresh = state.held.intersection(state.received);
    fresh.remove(before->at(place).received);
    if (!fresh.empty()) received_.push_back({now.mono, place, fresh});
  }
  // The new marks stand first: room for what follows is made by what this generation holds. An epoch that a full disk
  // kept from beginning begins now: without it the alerts that go on are not said (rules 2, 11).
  if (auto begun = begin(now, max_bytes_); !begun) return unless_full(std::move(begun));
  if (!gone.empty() && elsewhere_.empty()) {  // where events lie elsewhere a gap among them may say it already
    Draft told = draft();
    told.after.gone_due = false;
    told.changes.greeting = true;
    auto said = say(told, {gone, {}, {}}, now);
    if (said) said = fit(told, max_bytes_, now, false);
    if (said) said = write(std::move(told));
    if (!said) return unless_full(std::move(said));
  }
  return unless_full(commit_wanted(answer.wanted, now));
}

/// Rule 3. The present definition goes last: the centre takes the last that it sees of an edge for the present one.
Result<void> Buffer::commit_wanted(const std::vector<DefinitionHash>& wanted, const Stamp& now) {
  if (wanted.empty()) return {};
  std::set<DefinitionHash> under_way;
  const auto held = storage_->read_events({Kind::definition});
  if (!held) return fail(held.error());
  for (const Record& record : *held)
    if (!ledger_->at(record.id.place).received.contains(record.id.sequence)) under_way.insert(hash128(record.payload));
  Commit commit;
  for (const DefinitionHash& hash : wanted) {
    if (under_way.contains(hash)) continue;
    auto payload = storage_->definition(hash);
    if (!payload) return fail(payload.error());
    if (*payload) commit.entries.push_back({Kind::definition, std::move(**payload), 0});
  }
  if (commit.entries.empty()) return {};
  if (present_ && commit.entries.back().payload != *present_)
    commit.entries.push_back({Kind::definition, *present_, 0});
  return this->commit(std::move(commit), now);
}

Result<RangesByPlace> Buffer::pending_voids() {
  const auto rows = storage_->read_events({Kind::gap, Kind::start});
  if (!rows) return fail(rows.error());
  RangesByPlace pending;
  for (const Record& record : *rows) {
    std::vector<Void> voids;
    if (record.kind == Kind::gap) {
      if (auto gap = decode_gap(record.payload)) voids = std::move(gap->voids);
    } else if (auto start = decode_start(record.payload)) {
      voids = std::move(start->losses);
    }
    for (const Void& v : voids) pending[v.place].add(v.ranges);
  }
  for (const auto& [place, ranges] : elsewhere_) pending[place].add(ranges);
  return pending;
}

Result<void> Buffer::release(MonoTime now, Millis retain) {
  RangesByPlace old;
  std::size_t due = 0;
  for (; due < received_.size() && now - received_[due].at >= retain; ++due)
    old[received_[due].place].add(received_[due].ranges);
  if (due == 0) return {};
  for (auto& [place, ranges] : old) {
    const PlaceState& state = ledger_->at(place);
    ranges =
        ranges.intersection(state.held).intersection(state.received);  // a new generation may have taken marks back
  }
  Draft freed = draft();
  if (auto out = take_out(freed, old); !out) return out;
  if (!freed.changes.removed.empty())
    if (auto written = write(std::move(freed)); !written) return written;
  received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(due));
  return {};
}

Result<void> Buffer::take_out(Draft& draft, const RangesByPlace& rows) const {
  for (const auto& [place, ranges] : rows) {
    if (ranges.empty()) continue;
    const auto bytes = storage_->bytes_of(place, ranges);
    if (!bytes) return fail(bytes.error());
    PlaceState& state = draft.after.places[place];
    state.held.remove(ranges);
    state.bytes -= std::min(state.bytes, *bytes);
    if (state.held.empty()) state.bytes = 0;  // a damaged row may have weighed something else when it was written
    draft.changes.places.insert(place);
    draft.changes.removed[place].add(ranges);
  }
  return {};
}

Result<std::vector<Record>> Buffer::read(const Place& place, const RangeSet& wanted, std::size_t most,
                                         std::size_t most_bytes, const Stamp& now) {
  auto rows = storage_->read(place, wanted, most, most_bytes);
  if (!rows) return rows;
  RangeSet damaged, missing = wanted.intersection(ledger_->at(place).held);
  std::size_t bytes = 0;
  for (const Record& record : *rows) {
    missing.remove(record.id.sequence, record.id.sequence + 1);
    bytes += record.payload.size();
    if (!whole(record)) damaged.add(record.id.sequence);
  }
  // What was looked for and is not there is gone: everything, or in a full page all before the last row that came.
  if (rows->size() >= most || bytes >= most_bytes)
    missing.remove(rows->empty() ? 0 : rows->back().id.sequence, RangeSet::kEnd);
  damaged.add(missing);
  if (damaged.empty()) return rows;
  // No cap: a row leaves, and without this nothing would be sent and no receipt would ever make room.
  if (auto begun = begin(now, kNoCap); !begun) return fail(begun.error());
  Draft without = draft();
  auto said = take_out(without, {{place, damaged}});
  if (said) said = say(without, {{{place, LossReason::damaged, damaged}}, {}, {}}, now);
  if (!said) return fail(said.error());
  const Record gap = without.changes.added.back();
  if (said = write(std::move(without)); said) said = reads_back(gap);
  if (!said) return fail(said.error());
  std::erase_if(*rows, [&](const Record& record) { return damaged.contains(record.id.sequence); });
  return rows;
}

/// Where rows go bad, the pages that take new ones may have too: what is written there is gone at once.
Result<void> Buffer::reads_back(const Record& record) {
  const auto rows = storage_->read(record.id.place, RangeSet(record.id.sequence, record.id.sequence + 1), 1, 1);
  if (!rows) return fail(rows.error());
  if (!rows->empty() && rows->front() == record) return {};
  return fail(Errc::storage_corrupt, "the buffer does not give back what was just written");
}

Result<std::vector<Record>> Buffer::read_to_send(const Place& place, const RangeSet& wanted, std::size_t most,
                                                 std::size_t most_bytes, const Stamp& now) {
  auto rows = read(place, wanted, most, most_bytes, now);
  if (!rows || rows->empty()) return rows;
  Received flight{now.mono, place, {}};
  for (const Record& record : *rows) flight.ranges.add(record.id.sequence);
  in_flight_.push_back(std::move(flight));
  return rows;
}

}  // namespace anlan::edge
