// The buffer's cap (PROTOCOL.md rule 9): what leaves when there is no room, in which order, and how it is said. All of
// it is part of the commit that needs the room.
#include <algorithm>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "edge/buffer/buffer.hpp"
#include "edge/buffer/losses.hpp"
#include "edge/buffer/thinning.hpp"

namespace anlan::edge {
namespace {

constexpr std::uint64_t kFreeAtOnce = 1000;  // received rows freed in one step
constexpr std::size_t kPageRows = 256;       // read at once while looking for what may leave
constexpr std::size_t kPageBytes = 1 << 20;
constexpr std::size_t kRecordSamples = 4096;       // of one record of minutes
constexpr std::size_t kEpisodes = 300;             // summarised in one gap
constexpr std::size_t kAlertRows = 20'000;         // looked at for that
constexpr std::size_t kGapBytes = 160 * 1024;      // a gap record fits into a frame whatever it says
constexpr std::uint64_t kLeastForGaps = 4 * 1024;  // where 1 % of the cap is less

RangeSet without(RangeSet set, const RangesByPlace& taken, const Place& place) {
  if (const auto found = taken.find(place); found != taken.end()) set.remove(found->second);
  return set;
}

/// Its losses in so few words that it fits.
void shorten(Gap& gap, std::size_t bytes) {
  if (encode_payload(gap).size() <= bytes) return;
  Losses losses;
  losses.add(gap.losses);
  do {
    if (!losses.coarsen()) return;
    gap.losses = losses.list();
  } while (encode_payload(gap).size() > bytes);
}

Gap joined(const Gap& old, const Gap& fresh) {
  Losses losses;
  losses.add(old.losses);
  losses.add(fresh.losses);
  Gap both{merged(old.voids, fresh.voids), old.ended, losses.list()};
  both.ended.insert(both.ended.end(), fresh.ended.begin(), fresh.ended.end());
  return both;
}

std::vector<Void> voids_of(const RangesByPlace& rows, LossReason reason) {
  std::vector<Void> voids;
  for (const auto& [place, ranges] : rows)
    if (!ranges.empty()) voids.push_back({place, reason, ranges});
  return voids;
}

std::vector<Entry> minutes(std::vector<Samples> kept) {
  std::vector<Entry> entries;
  for (const auto& [definition, samples] : kept)
    for (std::size_t at = 0; at < samples.size(); at += kRecordSamples) {
      const auto end = std::min(at + kRecordSamples, samples.size());
      const Samples part{
          definition,
          {samples.begin() + static_cast<std::ptrdiff_t>(at), samples.begin() + static_cast<std::ptrdiff_t>(end)}};
      entries.push_back({Kind::minutes, encode_payload(part), static_cast<std::uint32_t>(end - at)});
    }
  return entries;
}

}  // namespace

bool Buffer::whole(const Record& record) const { return checksum(identity_.edge, record) == record.checksum; }

Result<void> Buffer::fit(Draft& draft, std::uint64_t cap, const Stamp& now, bool telemetry) {
  while (draft.after.bytes() > cap) {
    auto freed = free_received(draft);
    if (!freed) return fail(freed.error());
    if (*freed) continue;
    const std::uint64_t bytes = std::max(draft.after.bytes() - cap, cap / 50);
    bool made = false;
    for (const auto step : {&Buffer::thin, &Buffer::drop, &Buffer::summarise}) {
      if (step == &Buffer::summarise && telemetry) break;
      auto removal = (this->*step)(draft, bytes, now);
      if (!removal) return fail(removal.error());
      auto applied = apply(draft, std::move(*removal), now);
      if (!applied) return fail(applied.error());
      if ((made = *applied)) break;
    }
    if (!made)
      return fail(Errc::cap_reached, "the buffer holds " + std::to_string(ledger_->bytes()) + " of at most " +
                                         std::to_string(cap) + " bytes, all of it not yet received by the centre");
  }
  return {};
}

Result<bool> Buffer::free_received(Draft& draft) const {
  for (const auto& entry : draft.after.epochs)
    for (const Stream stream : {Stream::telemetry, Stream::event}) {
      const Place place{entry.epoch, stream};
      const PlaceState& state = draft.after.at(place);
      const RangeSet some = lowest(state.held.intersection(state.received), kFreeAtOnce);
      if (some.empty()) continue;
      if (auto out = take_out(draft, {{place, some}}); !out) return fail(out.error());
      return true;
    }
  return false;
}

/// False, and nothing has changed, where that would make no room.
Result<bool> Buffer::apply(Draft& draft, Removal removal, const Stamp& now) {
  if (removal.bytes == 0) return false;
  Draft trial = draft;
  if (auto out = take_out(trial, removal.rows); !out) return fail(out.error());
  for (Entry& entry : removal.instead) append(trial, std::move(entry), now);
  if (auto said = say(trial, std::move(removal.gap), now); !said) return fail(said.error());
  if (trial.after.bytes() >= draft.after.bytes()) return false;
  draft = std::move(trial);
  return true;
}

/// Committed before this draft, not received, not in flight.
RangeSet Buffer::idle(const Draft& draft, const Place& place, const Stamp& now) {
  while (!in_flight_.empty() && now.mono - in_flight_.front().at >= flight_) in_flight_.pop_front();
  RangeSet rest = draft.after.at(place).due().intersection(ledger_->at(place).held);
  for (const Received& flight : in_flight_)
    if (flight.place == place) rest.remove(flight.ranges);
  return rest;
}

/// Whole minutes, oldest first: their raw records become records of minutes. A minute is left while it is the present
/// one.
Result<Buffer::Removal> Buffer::thin(const Draft& draft, std::uint64_t bytes, const Stamp& now) {
  const auto thinned = storage_->sequences_of(Kind::minutes);
  if (!thinned) return fail(thinned.error());
  Thinner thinner;
  Losses losses;
  RangesByPlace raw, damaged;
  Removal out;
  std::uint64_t taken = 0, kept = 0;
  std::optional<std::int64_t> minute;
  const auto enough = [&](const Record& record) {
    const std::int64_t own = minute_of(record.wall);
    if (own == minute_of(now.wall) || (out.bytes >= bytes && minute != own)) return true;
    minute = own;
    return false;
  };
  const auto take = [&](const Record& record) {
    const bool good = whole(record);
    const auto samples = decode_samples(record.payload);
    if (good && !samples) return;  // what cannot be read is not thinned
    out.bytes += row_bytes(record.payload.size());
    out.rows[record.id.place].add(record.id.sequence);
    (good ? raw : damaged)[record.id.place].add(record.id.sequence);
    if (!good) return;
    taken += samples->samples.size();
    losses.add(*samples, definition(samples->definition), LossReason::thinned);
    thinner.add(*samples);
  };
  bool done = false;
  for (auto entry = draft.after.epochs.begin(); entry != draft.after.epochs.end() && !done; ++entry) {
    const Place place{entry->epoch, Stream::telemetry};
    RangeSet rest = without(idle(draft, place, now), *thinned, place);
    while (!rest.empty() && !done) {
      const auto page = storage_->read(place, rest, kPageRows, kPageBytes);
      if (!page) return fail(page.error());
      if (page->empty()) break;
      for (const Record& record : *page) {
        if ((done = enough(record))) break;
        take(record);
        rest.remove(0, record.id.sequence + 1);
      }
    }
  }
  auto samples = thinner.take();
  for (const Samples& part : samples) kept += part.samples.size();
  if (taken < 2 * kept) return Removal{};  // slow points: nothing is gained
  out.gap.voids = merged(voids_of(raw, LossReason::thinned), voids_of(damaged, LossReason::damaged));
  out.gap.losses = losses.list();
  out.instead = minutes(std::move(samples));
  return out;
}

Result<Buffer::Removal> Buffer::drop(const Draft& draft, std::uint64_t bytes, const Stamp& now) {
  Removal out;
  Losses losses;
  RangesByPlace damaged, dropped;
  for (const auto& entry : draft.after.epochs) {
    const Place place{entry.epoch, Stream::telemetry};
    RangeSet rest = idle(draft, place, now);
    while (!rest.empty() && out.bytes < bytes) {
      const auto page = storage_->read(place, rest, kPageRows, std::min<std::uint64_t>(kPageBytes, bytes - out.bytes));
      if (!page) return fail(page.error());
      if (page->empty()) break;
      for (const Record& record : *page) {
        if (out.bytes >= bytes) break;
        out.bytes += row_bytes(record.payload.size());
        rest.remove(0, record.id.sequence + 1);
        out.rows[place].add(record.id.sequence);
        const bool good = whole(record);
        (good ? dropped : damaged)[place].add(record.id.sequence);
        if (!good) continue;
        if (const auto samples = decode_samples(record.payload))
          losses.add(*samples, definition(samples->definition), LossReason::dropped);
        else
          losses.add({"", record.wall, record.wall, record.samples, LossReason::dropped});
      }
    }
    if (out.bytes >= bytes) break;
  }
  out.gap.voids = merged(voids_of(dropped, LossReason::dropped), voids_of(damaged, LossReason::damaged));
  out.gap.losses = losses.list();
  return out;
}

/// The held transitions of alerts that are over become one line each.
Result<Buffer::Removal> Buffer::summarise(const Draft& draft, std::uint64_t bytes, const Stamp& now) {
  struct Episode {
    RangesByPlace rows;
    std::uint64_t bytes = 0;
    AlertTransition last;
  };
  const auto alerts = storage_->sequences_of(Kind::alert);
  if (!alerts) return fail(alerts.error());
  std::map<AlertId, Episode> episodes;
  std::vector<AlertId> order;
  std::size_t looked = 0;
  for (const auto& entry : draft.after.epochs) {
    const Place place{entry.epoch, Stream::event};
    const auto rows = alerts->find(place);
    if (rows == alerts->end()) continue;
    RangeSet rest = rows->second.intersection(idle(draft, place, now));
    while (!rest.empty() && looked < kAlertRows) {
      const auto page = storage_->read(place, rest, kPageRows, kPageBytes);
      if (!page) return fail(page.error());
      if (page->empty()) break;
      looked += page->size();
      rest.remove(0, page->back().id.sequence + 1);
      for (const Record& record : *page) {
        auto transition = whole(record) ? decode_alert(record.payload) : fail(Errc::malformed, "");
        if (!transition || draft.after.active.contains(transition->alert)) continue;
        const auto [at, first] = episodes.try_emplace(transition->alert);
        if (first) order.push_back(at->first);
        at->second.rows[place].add(record.id.sequence);
        at->second.bytes += row_bytes(record.payload.size());
        at->second.last = std::move(*transition);
      }
    }
  }
  Removal out;
  for (const AlertId& alert : order) {
    if (out.bytes >= 2 * bytes || out.gap.ended.size() >= kEpisodes) break;  // what is said of them takes room too
    Episode& episode = episodes[alert];
    for (const auto& [place, ranges] : episode.rows) out.rows[place].add(ranges);
    out.bytes += episode.bytes;
    out.gap.ended.push_back(std::move(episode.last));
  }
  out.gap.voids = voids_of(out.rows, LossReason::summarised);
  return out;
}

/// The newest gap that has not been sent; `others`: what the other gaps that wait count for.
Result<std::optional<Record>> Buffer::idle_gap(const Draft& draft, const Stamp& now, std::uint64_t& others) {
  const auto gaps = storage_->sequences_of(Kind::gap);
  if (!gaps) return fail(gaps.error());
  std::optional<RecordId> newest;
  for (const auto& entry : draft.after.epochs) {
    const Place place{entry.epoch, Stream::event};
    const auto rows = gaps->find(place);
    if (rows == gaps->end()) continue;
    const RangeSet waiting = rows->second.intersection(draft.after.at(place).due());
    const auto bytes = storage_->bytes_of(place, waiting);
    if (!bytes) return fail(bytes.error());
    others += *bytes;
    const RangeSet free = waiting.intersection(idle(draft, place, now));
    if (!free.empty()) newest = RecordId{place, free.ranges().back().last - 1};
  }
  if (!newest) return std::nullopt;
  auto row = storage_->read(newest->place, RangeSet(newest->sequence, newest->sequence + 1), 1, kGapBytes);
  if (!row) return fail(row.error());
  if (row->empty() || !whole(row->front())) return std::nullopt;
  others -= std::min(others, row_bytes(row->front().payload.size()));
  return std::move(row->front());
}

/// Appends a gap record, or lets it take the place of one that has not been sent: then that one's sequence is void too.
Result<void> Buffer::say(Draft& draft, Gap gap, const Stamp& now) {
  std::uint64_t others = 0;
  const auto limit = [&] {
    const std::uint64_t all = std::max(max_bytes_ / 100, kLeastForGaps);
    return std::min<std::size_t>(kGapBytes, all > others + row_bytes(0) ? all - others - row_bytes(0) : 0);
  };
  for (Record& record : draft.changes.added) {  // said in the same commit: the same record
    if (record.kind != Kind::gap) continue;
    auto own = decode_gap(record.payload);
    if (!own) return fail(own.error());
    Gap both = joined(*own, gap);
    shorten(both, limit());
    std::string payload = encode_payload(both);
    if (payload.size() > kGapBytes) continue;
    PlaceState& state = draft.after.places[record.id.place];
    state.bytes = state.bytes + payload.size() - record.payload.size();
    record.payload = std::move(payload);
    record.checksum = checksum(identity_.edge, record);
    return {};
  }
  const auto old = idle_gap(draft, now, others);
  if (!old) return fail(old.error());
  if (*old)
    if (auto said = decode_gap((*old)->payload)) {
      const auto& [place, sequence] = (*old)->id;
      Gap both = joined(*said, gap);
      both.voids = merged(both.voids, {{place, LossReason::merged, RangeSet(sequence, sequence + 1)}});
      shorten(both, limit());
      if (encode_payload(both).size() <= kGapBytes) {
        if (auto out = take_out(draft, {{place, RangeSet(sequence, sequence + 1)}}); !out) return out;
        gap = std::move(both);
      }
    }
  shorten(gap, limit());
  append(draft, {Kind::gap, encode_payload(gap), 0}, now);
  return {};
}

const Definition* Buffer::definition(const DefinitionHash& hash) {
  if (definition_ && definition_->first == hash) return &definition_->second;
  const auto payload = storage_->definition(hash);
  if (!payload || !*payload) return nullptr;
  auto decoded = decode_definition(**payload);
  if (!decoded) return nullptr;
  definition_.emplace(hash, std::move(*decoded));
  return &definition_->second;
}

}  // namespace anlan::edge
