#include "tests/crash/walk/witness.hpp"

#include <algorithm>

#include "common/wire/codec.hpp"
#include "tests/crash/walk/world.hpp"

namespace anlan::walk {

std::string name_of(const RecordId& id) {
  return std::string(to_string(id.place.stream)) + "/" + std::to_string(id.sequence) + " of epoch " +
         id.place.epoch.hex().substr(0, 6);
}

std::vector<Void> voids_of(const Record& record) {
  if (record.kind == Kind::gap) return decode_gap(record.payload).value().voids;
  if (record.kind == Kind::start) return decode_start(record.payload).value().losses;
  return {};
}

namespace {

bool covers(const RangesByPlace& ranges, const RecordId& id) {
  const auto found = ranges.find(id.place);
  return found != ranges.end() && found->second.contains(id.sequence);
}

bool holds(const Store& store, const RecordId& id) { return store.events.contains(id) || store.telemetry.contains(id); }

}  // namespace

// ---- what it sees -------------------------------------------------------------------------------------------------

void Witness::committed(const edge::Changes& changes, const std::vector<Record>& freed, std::int64_t now) {
  std::map<LossReason, RangesByPlace> voids;
  for (const Record& record : changes.added)
    for (const Void& v : voids_of(record)) voids[v.reason][v.place].add(v.ranges);
  for (const Record& record : freed)
    for (const auto& [reason, ranges] : voids)
      if (covers(ranges, record.id) && voided_.emplace(record.id, record.samples).second) ++left_[reason];
  for (const Record& record : changes.added) {
    const bool fresh = synced_.insert_or_assign(record.id, Seen{record.kind, now}).second;
    if (fresh) samples_ += record.samples;
  }
}

void Witness::damaged(const RecordId& id, const std::map<RecordId, Record>& rows, std::int64_t now) {
  bruise();
  damaged_.insert(id);
  lost_edge_[id] = now;
  if (id.place.stream != Stream::event) return;
  for (const auto& [other, seen] : synced_)  // an event record may be what tells of others
    if (!rows.contains(other)) lost_edge_.try_emplace(other, now);
}

void Witness::lost_on_edge(const std::map<RecordId, Record>& rows, bool traceable, std::int64_t now) {
  bruise();
  for (const auto& [id, seen] : synced_) {
    if (rows.contains(id)) continue;
    lost_edge_[id] = now;
    if (!traceable) untraceable_.insert(id);
  }
}

// ---- at once ------------------------------------------------------------------------------------------------------

/// I3: nothing leaves a box but what is durable in the store, or voided in the same commit.
void Witness::check_freed(const std::vector<Record>& freed, const edge::Changes& changes,
                          const std::optional<StoreRef>& agreed, const Store& store) const {
  std::set<RecordId> replaced;
  for (const Record& record : changes.added) replaced.insert(record.id);
  for (const Record& record : freed) {
    const RecordId& id = record.id;
    if (damaged_.contains(id) || voided_.contains(id) || replaced.contains(id)) continue;
    if (!ever_stored_.contains(id)) throw Violation("I3: " + name_of(id) + " freed, never durable in the store");
    if (agreed == store.ref && !holds(store, id))
      throw Violation("I3: " + name_of(id) + " freed, this generation does not hold it");
  }
}

/// I9: a record carries both times and the state of the clock as they were when it was committed.
void Witness::check_stamp(const Record& record, const edge::Stamp& now) {
  constexpr Millis kOneStep{1'000};
  const auto late = now.mono - record.mono;
  const auto skew = (now.wall - record.wall) - late;
  if (record.clock != now.clock || late < Millis{0} || late > kOneStep || abs(skew) > kOneStep)
    throw Violation("I9: " + name_of(record.id) + " does not say how its clock stood");
}

// ---- when everything is delivered ---------------------------------------------------------------------------------

void Witness::check(const Store& store, const std::vector<std::unique_ptr<Box>>& boxes,
                    const std::set<std::pair<AlertId, Level>>& rung) const {
  for (const auto& [id, seen] : synced_)
    if (!holds(store, id)) check_record(id, store, boxes);
  check_ranges(store);
  if (!bruised_ && store.ledger.losses_unknown()) throw Violation("I1: a loss is reported that did not happen");
  check_alerts(store, boxes, rung);
  if (bruised_) return;
  check_samples(store);
  check_order(store);
}

/// I1: what is not here is covered by what is known to be lost.
void Witness::check_record(const RecordId& id, const Store& store,
                           const std::vector<std::unique_ptr<Box>>& boxes) const {
  const auto& ledger = store.ledger;
  const bool covered = covers(ledger.voided, id);
  if (covered &&
      (voided_.contains(id) || damaged_.contains(id) || lost_edge_.contains(id) || lost_centre_.contains(id)))
    return;
  if (untraceable_.contains(id)) return;
  if (lost_edge_.contains(id) && ledger.unknown_until && to_ms(*ledger.unknown_until) - kEra >= lost_edge_.at(id))
    return;
  const bool known =
      std::ranges::any_of(boxes, [&](const auto& box) { return box->buffer->snapshot()->knows(id.place.epoch); });
  if (lost_centre_.contains(id) && !known) return;  // the restore is reported, no buffer knows the epoch
  throw Violation("I1: " + name_of(id) + " is missing" + (covered ? ", covered" : "") +
                  (lost_edge_.contains(id) ? ", lost on the edge" : ""));
}

/// I4: the ranges close.
void Witness::check_ranges(const Store& store) const {
  for (const auto& [place, data] : store.ledger.data) {
    RangeSet all = data;
    if (const auto voided = store.ledger.voided.find(place); voided != store.ledger.voided.end())
      all.add(voided->second);
    if (all.ranges().size() > 1 && !store.ledger.unknown_until)
      throw Violation("I4: ranges do not close: " + all.str());
  }
}

/// I5: the alerts of the centre are those of the boxes; each active red one has rung.
void Witness::check_alerts(const Store& store, const std::vector<std::unique_ptr<Box>>& boxes,
                           const std::set<std::pair<AlertId, Level>>& rung) const {
  std::map<AlertId, std::set<Level>> active;
  for (const auto& box : boxes)
    for (const auto& [id, t] : box->buffer->snapshot()->active) active[id].insert(t.level);
  const bool newer =
      std::ranges::any_of(store.raw, [](const auto& row) { return row.second.id.place.stream == Stream::event; });
  const bool excused = bruised_ || newer;
  const auto shown_as = [](collector::Shown shown) { return std::to_string(static_cast<int>(shown)); };
  for (const auto& [id, levels] : active) {
    const auto shown = store.alerts.view(id).shown;
    if (shown == collector::Shown::over || (shown == collector::Shown::uncertain && !excused))
      throw Violation("I5: active alert " + id.hex().substr(0, 6) + " is shown as " + shown_as(shown));
    if (levels.contains(Level::red) && !rung.contains({id, Level::red}))
      throw Violation("I5: an active red alert was not notified");
  }
  for (const auto& [id, episode] : store.alerts.episodes) {
    const auto shown = store.alerts.view(id).shown;
    if (shown != collector::Shown::over && !active.contains(id) && (shown == collector::Shown::active || !excused))
      throw Violation("I5: alert " + id.hex().substr(0, 6) + " is over but shown as " + shown_as(shown));
  }
}

/// I7: what was committed is stored or said to be gone, to the sample. What was given up and came all the same is both;
/// a gap that went into another says nothing any more.
void Witness::check_samples(const Store& store) const {
  RangesByPlace named;
  for (const auto& [id, record] : store.events)
    for (const Void& v : voids_of(record)) named[v.place].add(v.ranges);
  std::uint64_t stored = 0, said = 0, both = 0;
  for (const auto& [id, record] : store.telemetry) {
    stored += record.samples;
    if (voided_.contains(id)) both += record.samples;
  }
  for (const auto& [id, record] : store.events)
    if (record.kind == Kind::gap && !covers(named, id))
      for (const Loss& loss : decode_gap(record.payload).value().losses)
        if (loss.reason == LossReason::thinned || loss.reason == LossReason::dropped) said += loss.count.value();
  if (stored + said != samples_ + both)
    throw Violation("I7: " + std::to_string(samples_) + " samples committed, " + std::to_string(stored) + " stored, " +
                    std::to_string(said) + " said to be gone, " + std::to_string(both) + " of these stored");
}

/// I9: (ordinal of the epoch, sequence) orders samples as they were taken, whatever the clocks said. Minutes stand for
/// older ones.
void Witness::check_order(const Store& store) const {
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::int64_t> order;
  for (const auto& [id, record] : store.telemetry)
    if (const auto known = store.ledger.ordinals.find(id.place.epoch);
        known != store.ledger.ordinals.end() && record.kind == Kind::samples)
      order[{known->second, id.sequence}] = synced_.at(id).at;
  if (!std::ranges::is_sorted(order, {}, [](const auto& entry) { return entry.second; }))
    throw Violation("I9: samples are not in the order in which they were taken");
}

}  // namespace anlan::walk
