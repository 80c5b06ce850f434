#include "tests/crash/walk/centre.hpp"

#include <algorithm>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "tests/crash/walk/world.hpp"

namespace anlan::walk {

using collector::Fate;

void Centre::deliver(const std::string& frame) {
  if (!runs || full) return;  // nothing is committed, so nothing is receipted
  const auto message = decode(frame);
  if (!message) return;  // cut on its way
  if (!std::exchange(dies_in_commit, false)) return take(*message);
  ++world_.faults["centre_dies_in_commit"];
  Store before = store;
  take(*message);
  if (world_.broken == "ranges-alone-roll-back")
    store.ledger = before.ledger;
  else
    store = std::move(before);
  forget_debts();
}

void Centre::take(const Message& message) {
  if (world_.broken == "ranges-forgotten") store.ledger.data.clear();
  if (const auto* batch = std::get_if<RecordBatch>(&message)) {
    take(*batch);
  } else if (const auto* hello = std::get_if<Hello>(&message)) {
    take(*hello);
  } else if (const auto* confirm = std::get_if<Confirm>(&message)) {
    auto& unknown = store.ledger.unknown_until;
    if (const auto suspicion = take_confirm(store.ledger, confirm->token))
      unknown = std::max(unknown.value_or(*suspicion), *suspicion);
    judge_clarity();
  }
}

/// It counts as having come when it was said: what was lost after that, it cannot speak of.
void Centre::take(const Hello& hello) {
  const WallTime said = wall_from_ms(kEra + world_.witness.said_at(hello));
  const auto outcome = take_hello(store.ledger, hello, store.ref.generation, store.first, world_.fresh<Token>(), said);
  if (outcome.old) return;
  effects(store.alerts.on_hello(hello));
  judge_clarity();
  Answer answer = answer_to(store.ledger, hello, store.ref, wanted(), outcome.stale);
  answer.credit = credit();
  owed_.push_back(World::encode_or_die(answer));
}

/// None, nothing, little or enough, as it comes: whatever the centre allows, all of it arrives in the end.
std::optional<Credit> Centre::credit() {
  const auto allowed = world_.random() % 5;
  if (allowed == 4) return std::nullopt;
  return Credit{allowed, allowed * 400};
}

void Centre::take(const RecordBatch& batch) {
  RangesByPlace receipts;
  for (const Record& record : batch.records) {
    const Fate fate = take_record(store.ledger, World::kEdge, record);
    if (world_.broken == "receipt-before-commit" && fate == Fate::fresh && world_.random() % 8 == 0) {
      receipts[record.id.place].add(record.id.sequence);
      store.ledger.data[record.id.place].remove(record.id.sequence, record.id.sequence + 1);
      continue;
    }
    if (fate == Fate::damaged) continue;
    receipts[record.id.place].add(record.id.sequence);
    auto& table = record.id.place.stream == Stream::event ? store.events : store.telemetry;
    if (fate == Fate::duplicate) {
      if (table.at(record.id).payload != record.payload)
        throw Violation("I2: " + name_of(record.id) + " has two payloads");
      continue;
    }
    if (!table.emplace(record.id, record).second) throw Violation("I2: " + name_of(record.id) + " stored twice");
    const bool undecodable = record.kind == kNewerKind && !upgraded_;
    const bool undefined = record.id.place.stream == Stream::telemetry &&
                           !store.definitions.contains(decode_samples(record.payload).value().definition);
    if (undecodable || undefined)
      store.raw[record.id] = record;
    else
      apply(record);
  }
  judge_clarity();
  for (auto& [place, ranges] : receipts)
    owed_.push_back(World::encode_or_die(Receipt{store.ref, place, ranges, {}, credit()}));
  for (const auto& [place, ranges] : receipts)
    for (const auto& range : ranges.ranges())
      for (auto sequence = range.first; sequence < range.last; ++sequence) world_.witness.stored({place, sequence});
}

void Centre::apply(const Record& record) {
  const Epoch epoch = record.id.place.epoch;
  if (world_.broken != "no-void-ranges")
    take_voids(store.ledger, voids_of(record), world_.wall());  // by the centre's clock: an edge's may lie
  if (record.kind == Kind::definition) {
    store.definitions.insert(hash128(record.payload));
    std::erase_if(store.raw, [&](const auto& row) {
      return row.second.id.place.stream == Stream::telemetry &&
             store.definitions.contains(decode_samples(row.second.payload).value().definition);
    });
  } else if (record.kind == Kind::alert || record.kind == kNewerKind) {
    effects(store.alerts.on_transition(epoch, record.id.sequence, decode_alert(record.payload).value()));
  } else if (record.kind == Kind::start) {
    const Start start = decode_start(record.payload).value();
    store.ledger.ordinals[epoch] = start.ordinal;
    effects(store.alerts.on_start(epoch, record.id.sequence, start));
  } else if (record.kind == Kind::gap) {
    effects(store.alerts.on_gap(epoch, decode_gap(record.payload).value()));
  }
}

void Centre::effects(const collector::Effects& done) {
  if (world_.broken == "late-never-rings" && !world_.boxes.front()->connected) return;
  for (const auto& due : done.due) store.outbox.insert({due.alert, due.transition.level});
}

/// Rule 11: whether events may be missing whose content nobody knows.
void Centre::judge_clarity() {
  const bool newer =
      std::ranges::any_of(store.raw, [](const auto& row) { return row.first.place.stream == Stream::event; });
  effects(store.alerts.set_unclear(store.ledger.losses_unknown() || newer));
}

std::vector<DefinitionHash> Centre::wanted() const {
  std::set<DefinitionHash> hashes;
  for (const auto& [id, record] : store.raw)
    if (id.place.stream == Stream::telemetry) hashes.insert(decode_samples(record.payload).value().definition);
  return {hashes.begin(), hashes.end()};
}

void Centre::pay() {
  for (std::string& frame : owed_) world_.pass_on(std::move(frame));
  owed_.clear();
}

void Centre::notify(bool noted) {
  rung.insert(store.outbox.begin(), store.outbox.end());
  if (noted) store.outbox.clear();
}

void Centre::replace(Store backup) {
  owed_.clear();
  for (const auto* table : {&store.events, &store.telemetry})
    for (const auto& [id, record] : *table)
      if (!backup.events.contains(id) && !backup.telemetry.contains(id)) world_.witness.lost_in_centre(id);
  store = std::move(backup);
  store.first = false;
  store.ref.generation = world_.fresh<Generation>();
  world_.witness.bruise();
  world_.announce();
  world_.send_down(CollectorState{store.ref, true});
}

void Centre::upgrade() {
  upgraded_ = true;
  for (const auto& [id, record] : std::map(store.raw))
    if (record.kind == kNewerKind) {
      store.raw.erase(id);
      apply(record);
    }
  judge_clarity();
}

}  // namespace anlan::walk
