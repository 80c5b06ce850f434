#include "tests/crash/protocol_world.hpp"

#include <algorithm>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"

namespace anlan::walk {

using collector::Fate;
using edge::Commit;
using topics::Lane;

namespace {

constexpr edge::UplinkMachine::Settings kSettings{Millis{12}, Millis{3}, 6, 1 << 20};
constexpr Millis kRetain{6};
constexpr std::size_t kQueue = 24;
constexpr int kRounds = 120;
constexpr std::uint64_t kCap = 6'000;  // often reached
constexpr Kind kNewer{99};

std::string name(const RecordId& id) {
  return std::string(to_string(id.place.stream)) + "/" + std::to_string(id.sequence) + " of epoch " +
         id.place.epoch.hex().substr(0, 6);
}

std::vector<Void> voids_of(const Record& record) {
  if (record.kind == Kind::gap) return decode_gap(record.payload).value().voids;
  if (record.kind == Kind::start) return decode_start(record.payload).value().losses;
  return {};
}

}  // namespace

// ---- the box ------------------------------------------------------------------------------------------------------

Result<void> BoxStorage::apply(const edge::Ledger& after, const edge::Changes& changes) {
  const auto before = inner.disk.rows;
  auto applied = inner.apply(after, changes);
  if (!applied) return applied;
  RangesByPlace voids;
  for (const Record& record : changes.added)
    for (const Void& v : voids_of(record)) voids[v.place].add(v.ranges);
  for (const auto& [id, record] : before) {
    if (inner.disk.rows.contains(id) || world.damaged.contains(id)) continue;
    if (voids[id.place].contains(id.sequence)) {  // rule 9, and said in the same commit
      world.thinned.insert(id);
      continue;
    }
    if (!world.ever_stored.contains(id)) throw Violation("I3: " + name(id) + " freed, never durable in the store");
    const auto& db = world.store;
    if (after.store == db.ref && !(db.events.contains(id) || db.telemetry.contains(id)))
      throw Violation("I3: " + name(id) + " freed, this generation does not hold it");
  }
  for (const Record& record : changes.added) world.synced[record.id] = record;
  return applied;
}

void Box::start() {
  connected = false;
  down.clear();
  const auto epoch = world.fresh<Epoch>();
  buffer = std::make_unique<edge::Buffer>(
      storage, edge::Buffer::Identity{World::kEdge, epoch, world.fresh<BootId>(), "test"}, kCap, Millis{6});
  if (!buffer->open(stamp())) throw Violation("a box does not start");
  machine = std::make_unique<edge::UplinkMachine>(
      kSettings, edge::UplinkMachine::Identity{World::kEdge, World::kSite, "test", world.fresh<Incarnation>(), epoch});
  refresh();
}

/// Seconds of the witness are minutes of the records: enough of them are whole to be thinned.
edge::Stamp Box::stamp() const {
  return {wall_from_ms((world.now() + wall_step) * 1000), mono_from_ms(tick), ClockState::synced};
}

bool Box::commit(Commit commit) {
  const auto done = buffer->commit(std::move(commit), stamp());
  refresh();
  return done.has_value();
}

void Box::work() {
  ++tick;
  (void)buffer->release(mono_from_ms(tick), kRetain);
  (void)buffer->adopt(stamp());
  if (tick % 5 == 0) (void)buffer->keep_marks();
  refresh();
  if (!connected) return;
  while (auto message = machine->greeting(stamp())) {
    if (auto* hello = std::get_if<Hello>(&*message)) {
      hello->at = world.wall();  // the true time, for the witness
      if (world.broken == "hello-without-alerts") hello->active.clear();
      if (world.broken == "no-token" && world.store.ledger.confirmed) {
        hello->token = world.store.ledger.confirmed;
        hello->generation = world.store.ref.generation;
        for (auto& end : hello->ends) end.event_end = end.telemetry_end = 1000;
      }
    }
    world.send_up(Lane::urgent, *message);
  }
  while (auto order = machine->next(mono_from_ms(tick))) {
    auto rows = buffer->read_to_send(order->place, order->wanted, 1 + world.random() % 3, edge::kFramePayload, stamp());
    refresh();
    if (!rows) return;
    if (rows->empty()) continue;
    RecordBatch batch{edge::fitting(std::move(*rows))};
    world.send_up(order->lane, batch);
    machine->sent(batch.records, mono_from_ms(tick));
    if (world.broken == "puback-is-receipt")
      for (const Record& record : batch.records)
        (void)buffer->mark_received({{record.id.place, RangeSet(record.id.sequence, record.id.sequence + 1)}},
                                    mono_from_ms(tick));
  }
}

void Box::take(const std::string& frame) {
  auto message = decode(frame);
  if (!message) throw Violation("a frame does not decode");
  if (auto* receipt = std::get_if<Receipt>(&*message); receipt && world.broken == "ignore-generation")
    if (const auto& mine = buffer->snapshot()->store; mine && mine->id == receipt->store.id) receipt->store = *mine;
  if (auto* answer = std::get_if<Answer>(&*message); answer && world.broken == "void-frees")
    for (const auto& [place, ranges] : answer->voided) answer->data[place].add(ranges);
  auto deed = machine->take(*message);
  if (auto* mark = std::get_if<edge::UplinkMachine::MarkReceived>(&deed)) {
    (void)buffer->mark_received({{mark->place, mark->data}}, mono_from_ms(tick));
    refresh();
  } else if (auto* agree = std::get_if<edge::UplinkMachine::Agree>(&deed)) {
    const bool done = buffer->agree(agree->answer, stamp()).has_value();
    refresh();
    if (done) machine->agreed();
  }
}

// ---- the line -----------------------------------------------------------------------------------------------------

std::string World::encode_or_die(const Message& message) {
  auto frame = encode(message);
  if (!frame) throw Violation("a message does not encode: " + frame.error().message);
  return std::move(*frame);
}

void World::send_up(Lane lane, const Message& message) {
  auto& queue = up[lane == Lane::urgent ? Lane::urgent : Lane::backlog];
  if (queue.size() < kQueue) queue.push_back(encode_or_die(message));
}

void World::send_down(const Message& message) {
  sent_down.push_back(encode_or_die(message));
  for (auto& box : boxes)
    if (box->connected) box->down.push_back(sent_down.back());
}

// ---- the centre ---------------------------------------------------------------------------------------------------

void World::deliver(const std::string& frame) {
  if (!collector_runs || store_full) return;  // nothing is committed, so nothing is receipted
  const auto message = decode(frame);
  if (!message) throw Violation("a frame does not decode");
  Store db = store;
  if (broken == "ranges-forgotten") db.ledger.data.clear();
  if (const auto* batch = std::get_if<RecordBatch>(&*message)) {
    take_batch(db, *batch);
  } else if (const auto* hello = std::get_if<Hello>(&*message)) {
    const auto outcome = take_hello(db.ledger, *hello, db.ref.generation, db.first, fresh<Token>(), hello->at);
    if (outcome.old) return;
    effects(db, db.alerts.on_hello(*hello));
    unclear(db);
    owed.push_back(encode_or_die(answer_to(db.ledger, *hello, db.ref, wanted(db), outcome.stale)));
  } else if (const auto* confirm = std::get_if<Confirm>(&*message)) {
    if (const auto suspicion = take_confirm(db.ledger, confirm->token))
      db.ledger.unknown_until = std::max(db.ledger.unknown_until.value_or(*suspicion), *suspicion);
    unclear(db);
  }
  store = std::move(db);
  for (const auto* table : {&store.events, &store.telemetry})
    for (const auto& [id, record] : *table) ever_stored.insert(id);
}

void World::take_batch(Store& db, const RecordBatch& batch) {
  RangesByPlace receipts;
  for (const Record& record : batch.records) {
    const Fate fate = take_record(db.ledger, kEdge, record);
    if (broken == "receipt-before-commit" && fate == Fate::fresh && random() % 8 == 0) {
      receipts[record.id.place].add(record.id.sequence);
      db.ledger.data[record.id.place].remove(record.id.sequence, record.id.sequence + 1);
      continue;
    }
    if (fate == Fate::damaged) continue;
    receipts[record.id.place].add(record.id.sequence);
    auto& table = record.id.place.stream == Stream::event ? db.events : db.telemetry;
    if (fate == Fate::duplicate) {
      if (table.at(record.id).payload != record.payload)
        throw Violation("I2: " + name(record.id) + " has two payloads");
      continue;
    }
    if (!table.emplace(record.id, record).second) throw Violation("I2: " + name(record.id) + " stored twice");
    const bool undecodable = record.kind == kNewer && !upgraded;
    const bool undefined = record.id.place.stream == Stream::telemetry &&
                           !db.definitions.contains(decode_samples(record.payload).value().definition);
    if (undecodable || undefined)
      db.raw[record.id] = record;
    else
      apply(db, record);
  }
  unclear(db);
  for (auto& [place, ranges] : receipts) owed.push_back(encode_or_die(Receipt{db.ref, place, ranges, {}}));
}

void World::apply(Store& db, const Record& record) {
  const Epoch epoch = record.id.place.epoch;
  if (broken != "no-void-ranges")
    take_voids(db.ledger, voids_of(record), wall());  // by the centre's clock: an edge's may lie
  if (record.kind == Kind::definition) {
    db.definitions.insert(hash128(record.payload));
    std::erase_if(db.raw, [&](const auto& row) {
      return row.second.id.place.stream == Stream::telemetry &&
             db.definitions.contains(decode_samples(row.second.payload).value().definition);
    });
  } else if (record.kind == Kind::alert || record.kind == kNewer) {
    effects(db, db.alerts.on_transition(epoch, record.id.sequence, decode_alert(record.payload).value()));
  } else if (record.kind == Kind::start) {
    effects(db, db.alerts.on_start(epoch, record.id.sequence, decode_start(record.payload).value()));
  } else if (record.kind == Kind::gap) {
    effects(db, db.alerts.on_gap(epoch, decode_gap(record.payload).value()));
  }
}

void World::effects(Store& db, const collector::Effects& done) {
  if (broken == "late-never-rings" && !boxes.front()->connected) return;
  for (const auto& due : done.due) db.outbox.insert({due.alert, due.transition.level});
}

std::vector<DefinitionHash> World::wanted(const Store& db) const {
  std::set<DefinitionHash> hashes;
  for (const auto& [id, record] : db.raw)
    if (record.id.place.stream == Stream::telemetry) hashes.insert(decode_samples(record.payload).value().definition);
  return {hashes.begin(), hashes.end()};
}

void World::pay() {
  for (const std::string& frame : owed) {
    sent_down.push_back(frame);
    for (auto& box : boxes)
      if (box->connected) box->down.push_back(frame);
  }
  owed.clear();
}

void World::replace_store(Store backup) {
  owed.clear();
  for (const auto* table : {&store.events, &store.telemetry})
    for (const auto& [id, record] : *table)
      if (!backup.events.contains(id) && !backup.telemetry.contains(id)) lost_centre.insert(id);
  store = std::move(backup);
  store.first = false;
  store.ref.generation = fresh<Generation>();
  bruised = true;
  announce();
  send_down(CollectorState{store.ref, true});
}

// ---- ordinary steps ------------------------------------------------------------------------------------------------

void World::configure(Box& box, Commit& commit) {
  Definition definition;
  PointDefinition point;
  point.path = {kSite, "d", "p" + std::to_string(now())};
  definition.points.push_back(point);
  const std::string payload = encode_payload(definition);
  commit.definitions.push_back({hash128(payload), payload});
  commit.entries.push_back({Kind::definition, payload, 0});
  commit.engine_state = hash128(payload).hex();  // the present configuration
  (void)box;
}

void World::make_samples(Box& box, std::uint64_t r) {
  Commit commit;
  auto config = DefinitionHash::from_hex(box.storage.inner.disk.engine_state);
  if (!config) {
    configure(box, commit);
    config = commit.definitions.front().first;
  }
  for (std::uint64_t i = 0; i <= r / 4 % 3; ++i) {
    Samples samples{*config, {}};
    for (std::uint64_t n = 0; n <= r / 16 % 8; ++n)
      samples.samples.push_back({0, static_cast<double>(now()), Quality::good, wall(), {}});
    commit.entries.push_back({Kind::samples, encode_payload(samples), static_cast<std::uint32_t>(r / 16 % 8 + 1)});
  }
  box.commit(std::move(commit));
}

void World::make_alert(Box& box, std::uint64_t r, Kind kind) {
  auto active = box.buffer->snapshot()->active;
  const std::uint64_t choice = r / 4 % 4;
  AlertTransition t;
  t.alert = fresh<AlertId>();
  if (!active.empty() && choice) {
    auto it = active.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(r / 16 % active.size()));
    t = it->second;
  }
  const bool over = choice > 1 && t.version > 0;
  t.step = over ? AlertStep::cleared : t.version ? AlertStep::upgraded : AlertStep::raised;
  if (!over) t.level = r / 64 % 2 ? Level::red : Level::yellow;
  ++t.version;
  t.source = "site-1/d/p";
  t.rule = "high";
  t.at = wall();
  t.evidence.value = t.evidence.limit = 1;
  if (over)
    active.erase(t.alert);
  else
    active[t.alert] = t;
  Commit commit;
  commit.entries.push_back({kind, encode_payload(t), 0});
  commit.active = std::move(active);
  box.commit(std::move(commit));
}

// ---- physical losses ----------------------------------------------------------------------------------------------

bool World::token_passes(const edge::Ledger& ledger) const {
  const auto& centre = store.ledger;
  if (!ledger.token) return store.first && !centre.confirmed;
  const bool issued =
      std::ranges::any_of(centre.issued, [&](const auto& entry) { return entry.second.token == *ledger.token; });
  return (ledger.token == centre.confirmed || issued) && ledger.store &&
         ledger.store->generation == store.ref.generation;
}

void World::lose(Box& box, const edge::MemoryStorage::Disk& before, bool traceable) {
  (void)before;
  bruised = true;
  const std::int64_t at = now();
  for (const auto& [id, record] : synced) {
    if (box.storage.inner.disk.rows.contains(id)) continue;
    lost_edge[id] = at;
    if (!traceable) untraceable.insert(id);
  }
}

// ---- rest and invariants ------------------------------------------------------------------------------------------

void World::round() {
  for (auto& box : boxes) {
    if (!box->connected) step("connect", static_cast<std::uint64_t>(&box - boxes.data()));
    box->work();
  }
  collector_runs = true;
  for (auto& [lane, queue] : up) {
    auto frames = std::exchange(queue, {});
    for (const auto& frame : frames) deliver(frame);
  }
  pay();
  step("notify", 0);
  for (auto& box : boxes) {
    auto frames = std::exchange(box->down, {});
    for (const auto& frame : frames) box->take(frame);
  }
}

void World::settle() {
  store_full = false;
  for (auto& box : boxes) box->storage.inner.full = false;
  for (int i = 0, quiet = 0; i < kRounds * 2; ++i) {
    round();
    const bool drained = std::ranges::all_of(boxes, [](const auto& box) {
      const auto ledger = box->buffer->snapshot();
      return box->machine->answered() &&
             std::ranges::all_of(ledger->places, [](const auto& p) { return p.second.due().empty(); });
    });
    if (!drained)
      quiet = 0;
    else if (++quiet > 60)
      return;  // long enough for the periodic hellos of a lease
  }
  std::string left;
  for (auto& box : boxes)
    for (const auto& [place, state] : box->buffer->snapshot()->places)
      if (!state.due().empty()) left += " " + std::string(to_string(place.stream)) + " " + state.due().str();
  throw Violation("I6: not drained:" + left);
}

void World::check_record(const RecordId& id) {
  const auto& ledger = store.ledger;
  const auto voided = ledger.voided.find(id.place);
  const bool covered = voided != ledger.voided.end() && voided->second.contains(id.sequence);
  if (covered && (thinned.contains(id) || damaged.contains(id) || lost_edge.contains(id) || lost_centre.contains(id)))
    return;
  if (untraceable.contains(id)) return;
  if (lost_edge.contains(id) && ledger.unknown_until && to_ms(*ledger.unknown_until) >= lost_edge.at(id)) return;
  const bool known =
      std::ranges::any_of(boxes, [&](const auto& box) { return box->buffer->snapshot()->knows(id.place.epoch); });
  if (lost_centre.contains(id) && !known) return;  // the restore is reported, no buffer knows the epoch
  throw Violation("I1: " + name(id) + " is missing" + (covered ? ", covered" : "") +
                  (lost_edge.contains(id) ? ", lost on the edge" : ""));
}

void World::check() {
  for (const auto& [id, record] : synced)
    if (!store.events.contains(id) && !store.telemetry.contains(id)) check_record(id);
  for (const auto& [place, data] : store.ledger.data) {
    RangeSet all = data;
    if (const auto voided = store.ledger.voided.find(place); voided != store.ledger.voided.end())
      all.add(voided->second);
    if (all.ranges().size() > 1 && !store.ledger.unknown_until)
      throw Violation("I4: ranges do not close: " + all.str());
  }
  if (!bruised && store.ledger.losses_unknown()) throw Violation("I1: a loss is reported that did not happen");
  check_alerts();
}

void World::check_alerts() {
  std::map<AlertId, std::set<Level>> active;
  for (const auto& box : boxes)
    for (const auto& [id, t] : box->buffer->snapshot()->active) active[id].insert(t.level);
  const bool newer =
      std::ranges::any_of(store.raw, [](const auto& row) { return row.second.id.place.stream == Stream::event; });
  const bool excused = bruised || newer;
  for (const auto& [id, levels] : active) {
    const auto shown = store.alerts.view(id).shown;
    if (shown == collector::Shown::over || (shown == collector::Shown::uncertain && !excused))
      throw Violation("I5: active alert " + id.hex().substr(0, 6) + " is shown as " +
                      std::to_string(static_cast<int>(shown)));
    if (levels.contains(Level::red) && !rung.contains({id, Level::red}))
      throw Violation("I5: an active red alert was not notified");
  }
  for (const auto& [id, episode] : store.alerts.episodes) {
    const auto shown = store.alerts.view(id).shown;
    if (shown != collector::Shown::over && !active.contains(id) && (shown == collector::Shown::active || !excused))
      throw Violation("I5: alert " + id.hex().substr(0, 6) + " is over but shown as " +
                      std::to_string(static_cast<int>(shown)));
  }
}

}  // namespace anlan::walk
