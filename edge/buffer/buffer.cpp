#include "edge/buffer/buffer.hpp"

#include <algorithm>
#include <limits>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"

namespace anlan::edge {
namespace {

constexpr std::size_t kFreeAtOnce = 1000;  // rows freed in one step when room is needed
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
  if (!said && said.error().code == Errc::storage_full) return {};
  return said;
}

/// At most `most` of the lowest values.
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

}  // namespace

Result<std::string> Buffer::open(const Stamp& now) {
  auto loaded = storage_.load();
  if (!loaded) return fail(std::move(loaded.error()).within("opening the buffer"));
  ledger_ = std::make_shared<Ledger>(std::move(loaded->ledger));
  for (const auto& [place, state] : ledger_->places) {
    const RangeSet old = state.held.intersection(state.received);
    if (!old.empty()) received_.push_back({now.mono, place, old});
  }
  if (!ledger_->active.empty())
    if (auto begun = begin(now, max_bytes_); !begun && begun.error().code != Errc::storage_full)
      return fail(begun.error());
  return std::move(loaded->engine_state);
}

Result<void> Buffer::begin(const Stamp& now, std::uint64_t cap) {
  if (ledger_->knows(identity_.epoch)) return {};
  Start start;
  start.ordinal = ledger_->next_ordinal();
  for (const auto& entry : ledger_->epochs) start.before.push_back(entry.epoch);
  for (const auto& [id, transition] : ledger_->active) start.active.push_back(transition);
  start.boot = identity_.boot;
  start.version = identity_.version;
  Entry entry{Kind::start, encode_payload(start), 0};
  if (auto room = make_room(row_bytes(entry.payload.size()), cap); !room) return room;
  Ledger after = *ledger_;
  Changes changes;
  after.epochs.push_back({identity_.epoch, start.ordinal});
  changes.epochs = true;
  for (const Stream stream : kStreams) {
    after.places[{identity_.epoch, stream}];
    changes.places.insert({identity_.epoch, stream});
  }
  append(after, changes, std::move(entry), now);
  return write(std::move(after), std::move(changes));
}

void Buffer::append(Ledger& ledger, Changes& changes, Entry entry, const Stamp& now) const {
  const Place place{identity_.epoch, entry.stream()};
  PlaceState& state = ledger.places[place];
  Record record{{place, state.next},      entry.kind, now.wall, now.mono, now.clock, entry.samples,
                std::move(entry.payload), 0};
  record.checksum = checksum(identity_.edge, record);
  state.held.add(state.next++);
  state.bytes += row_bytes(record.payload.size());
  state.samples += entry.samples;
  changes.places.insert(place);
  changes.added.push_back(std::move(record));
}

Result<void> Buffer::commit(Commit commit, const Stamp& now) {
  return store(std::move(commit), now, ledger_->gone_due);
}

Result<void> Buffer::store(Commit commit, const Stamp& now, bool gone_due) {
  std::uint64_t bytes = 0;
  bool telemetry = false;
  for (const Entry& entry : commit.entries) {
    if (auto fitting = fits(entry); !fitting) return fitting;
    bytes += row_bytes(entry.payload.size());
    telemetry = telemetry || entry.stream() == Stream::telemetry;
  }
  if (auto begun = begin(now, max_bytes_); !begun) return begun;
  if (bytes > 0)
    if (auto room = make_room(bytes, telemetry ? max_bytes_ / 10 * 9 : max_bytes_); !room) return room;
  Ledger after = *ledger_;
  Changes changes;
  std::optional<std::string> present;
  for (Entry& entry : commit.entries) {
    if (entry.kind == Kind::definition) present = entry.payload;
    append(after, changes, std::move(entry), now);
  }
  if (commit.active) {
    after.active = std::move(*commit.active);
    changes.active = true;
  }
  changes.greeting = after.gone_due != gone_due;
  after.gone_due = gone_due;
  changes.engine_state = std::move(commit.engine_state);
  changes.definitions = std::move(commit.definitions);
  if (auto written = write(std::move(after), std::move(changes)); !written) return written;
  if (present) present_ = std::move(present);
  return {};
}

Result<void> Buffer::write(Ledger after, Changes changes) {
  if (auto applied = storage_.apply(after, changes); !applied)
    return fail(std::move(applied.error()).within("writing the buffer"));
  ledger_ = std::make_shared<Ledger>(std::move(after));
  return {};
}

Result<void> Buffer::make_room(std::uint64_t bytes, std::uint64_t cap) {
  while (ledger_->bytes() + bytes > cap) {
    const Place* place = nullptr;
    RangeSet some;
    for (const auto& entry : ledger_->epochs) {
      for (const Stream stream : {Stream::telemetry, Stream::event}) {
        const auto found = ledger_->places.find({entry.epoch, stream});
        if (found == ledger_->places.end()) continue;
        some = lowest(found->second.held.intersection(found->second.received), kFreeAtOnce);
        if (!some.empty()) {
          place = &found->first;
          break;
        }
      }
      if (place) break;
    }
    if (!place)
      return fail(Errc::storage_full, "the buffer holds " + std::to_string(ledger_->bytes()) + " of at most " +
                                          std::to_string(cap) + " bytes, all of it not yet received by the centre");
    if (auto removed = remove({{*place, some}}, nullptr); !removed) return removed;
  }
  return {};
}

Result<void> Buffer::mark_received(const RangesByPlace& data, MonoTime now) {
  Ledger after = *ledger_;
  Changes changes;
  std::string invented;
  RangesByPlace fresh;
  for (const auto& [place, ranges] : data) {
    const PlaceState& before = ledger_->at(place);
    RangeSet known = ranges.intersection(RangeSet(0, before.next));
    if (!(known == ranges))
      invented = std::string(to_string(place.stream)) + " " + ranges.str() + " of epoch " + place.epoch.hex();
    known.remove(before.received);
    if (known.empty()) continue;
    after.places[place].received.add(known);
    changes.places.insert(place);
    fresh[place] = std::move(known);
  }
  if (!fresh.empty()) {
    if (auto written = write(std::move(after), std::move(changes)); !written) return written;
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
  const auto pending = pending_voids();
  if (!pending) return fail(pending.error());
  Ledger after = *ledger_;
  Changes changes;
  const auto gone = edge::agree(after, answer, *pending);
  after.gone_due = !gone.empty();  // until the gap is written
  changes.greeting = true;
  for (const auto& [place, state] : after.places)
    if (!(state == ledger_->at(place))) changes.places.insert(place);
  const auto before = ledger_;
  if (auto written = write(std::move(after), std::move(changes)); !written) return written;
  for (const auto& [place, state] : ledger_->places) {
    RangeSet fresh = state.held.intersection(state.received);
    fresh.remove(before->at(place).received);
    if (!fresh.empty()) received_.push_back({now.mono, place, fresh});
  }
  // The new marks stand first: room for what follows is made by what this generation holds. An epoch that a full disk
  // kept from beginning begins now: without it the alerts that go on are not said (rules 2, 11).
  if (auto begun = begin(now, max_bytes_); !begun) return unless_full(std::move(begun));
  if (!gone.empty())
    if (auto said = store({{{Kind::gap, encode_payload(Gap{gone, {}, {}}), 0}}, {}, {}, {}}, now, false); !said)
      return unless_full(std::move(said));
  return unless_full(commit_wanted(answer.wanted, now));
}

/// Rule 3. The present definition goes last: the centre takes the last that it sees of an edge for the present one.
Result<void> Buffer::commit_wanted(const std::vector<DefinitionHash>& wanted, const Stamp& now) {
  if (wanted.empty()) return {};
  std::set<DefinitionHash> under_way;
  const auto held = storage_.read_events({Kind::definition});
  if (!held) return fail(held.error());
  for (const Record& record : *held)
    if (!ledger_->at(record.id.place).received.contains(record.id.sequence)) under_way.insert(hash128(record.payload));
  Commit commit;
  for (const DefinitionHash& hash : wanted) {
    if (under_way.contains(hash)) continue;
    auto payload = storage_.definition(hash);
    if (!payload) return fail(payload.error());
    if (*payload) commit.entries.push_back({Kind::definition, std::move(**payload), 0});
  }
  if (commit.entries.empty()) return {};
  if (present_ && commit.entries.back().payload != *present_)
    commit.entries.push_back({Kind::definition, *present_, 0});
  return this->commit(std::move(commit), now);
}

Result<RangesByPlace> Buffer::pending_voids() {
  const auto rows = storage_.read_events({Kind::gap, Kind::start});
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
  if (auto removed = remove(old, nullptr); !removed) return removed;
  received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(due));
  return {};
}

Result<void> Buffer::remove(const RangesByPlace& rows, const Gap* gap, const Stamp* now) {
  Ledger after = *ledger_;
  Changes changes;
  for (const auto& [place, ranges] : rows) {
    if (ranges.empty()) continue;
    const auto bytes = storage_.bytes_of(place, ranges);
    if (!bytes) return fail(bytes.error());
    PlaceState& state = after.places[place];
    state.held.remove(ranges);
    state.bytes -= std::min(state.bytes, *bytes);
    if (state.held.empty()) state.bytes = 0;  // a damaged row may have weighed something else when it was written
    changes.places.insert(place);
    changes.removed[place] = ranges;
  }
  if (gap) append(after, changes, {Kind::gap, encode_payload(*gap), 0}, *now);
  if (changes.removed.empty()) return {};
  return write(std::move(after), std::move(changes));
}

Result<std::vector<Record>> Buffer::read(const Place& place, const RangeSet& wanted, std::size_t most,
                                         std::size_t most_bytes, const Stamp& now) {
  auto rows = storage_.read(place, wanted, most, most_bytes);
  if (!rows) return rows;
  RangeSet damaged, missing = wanted.intersection(ledger_->at(place).held);
  std::size_t bytes = 0;
  for (const Record& record : *rows) {
    missing.remove(record.id.sequence, record.id.sequence + 1);
    bytes += record.payload.size();
    if (checksum(identity_.edge, record) != record.checksum) damaged.add(record.id.sequence);
  }
  if (rows->size() < most && bytes < most_bytes) damaged.add(missing);  // all was looked for: what is not there is gone
  if (damaged.empty()) return rows;
  // No cap: a row leaves, and without this nothing would be sent and no receipt would ever make room.
  if (auto begun = begin(now, kNoCap); !begun) return fail(begun.error());
  const Gap gap{{{place, LossReason::damaged, damaged}}, {}, {}};
  if (auto removed = remove({{place, damaged}}, &gap, &now); !removed) return fail(removed.error());
  std::erase_if(*rows, [&](const Record& record) { return damaged.contains(record.id.sequence); });
  return rows;
}

}  // namespace anlan::edge
