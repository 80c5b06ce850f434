#include "tests/crash/walk/box.hpp"

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "tests/crash/walk/world.hpp"

namespace anlan::walk {

using edge::Commit;
using topics::Lane;

namespace {

// In rounds of half a minute (world.cpp): enough minutes are whole to be thinned.
constexpr edge::UplinkMachine::Settings kSettings{12 * kRound, 3 * kRound, 6, 1 << 20};
constexpr Millis kRetain = 6 * kRound, kInFlight = 6 * kRound;
constexpr std::uint64_t kCap = 6'000;  // often reached
constexpr std::int64_t kStepSeen = 2'000, kNoStep = 500;

/// One sample less is said to be gone than is.
void say_too_little(Record& record) {
  auto gap = decode_gap(record.payload).value();
  for (Loss& loss : gap.losses)
    if (loss.count && *loss.count > 0) --*loss.count;
  record.payload = encode_payload(gap);
  record.checksum = checksum(World::kEdge, record);
}

}  // namespace

// ---- the disk -----------------------------------------------------------------------------------------------------

Result<void> BoxStorage::apply(const edge::Ledger& after, const edge::Changes& changes) {
  World& world = box.world;
  if (death == Death::before) {
    ++world.faults["edge_dies_before_commit"];
    throw Died{box};
  }
  std::vector<Record> freed;
  for (const auto& [place, ranges] : changes.removed)
    for (const auto& range : ranges.ranges())
      for (auto row = inner.disk.rows.lower_bound({place, range.first});
           row != inner.disk.rows.lower_bound({place, range.last}); ++row)
        freed.push_back(row->second);
  edge::Changes written = changes;
  if (world.broken == "thinning-said-short")
    for (Record& record : written.added)
      if (record.kind == Kind::gap) say_too_little(record);
  if (world.broken == "clock-not-said")
    for (Record& record : written.added) {
      record.clock = ClockState::synced;
      record.checksum = checksum(World::kEdge, record);
    }
  const auto before = death == Death::after ? inner.disk : edge::MemoryStorage::Disk{};
  auto applied = inner.apply(after, written);
  if (!applied) return applied;
  world.witness.committed(written, freed, world.clock);
  world.witness.check_freed(freed, written, after.store, world.centre.store);
  for (const Record& record : written.added)
    if (record.id.place.epoch == box.epoch_) world.witness.check_stamp(record, box.clock.stamp(world.clock));
  if (changes.engine_state && *changes.engine_state == box.offered_) {
    box.engine.saved();
    box.saved_rightly_ = box.clock.right(world.clock);
    box.saved_in_ = box.clock.boot();
  }
  if (death == Death::after) {
    ++world.faults["edge_dies_after_commit"];
    if (world.broken == "disk-does-not-sync") inner.disk = before;
    if (world.broken == "commit-torn") inner.disk.ledger.places = before.ledger.places;
    throw Died{box};
  }
  return applied;
}

// ---- the process --------------------------------------------------------------------------------------------------

Box::Box(World& w) : world(w), storage(*this), clock(w.fresh<BootId>()), engine([&w] { return w.fresh<AlertId>(); }) {}

/// What a delay has lasted over a boot is known by the wall clock only: where that was wrong, nobody can tell.
void Box::start(bool same_disk) {
  connected = false;
  down.clear();
  waiting_.clear();
  offered_.clear();
  storage.death = BoxStorage::Death::none;
  engine.die();
  epoch_ = world.fresh<Epoch>();
  buffer = std::make_unique<edge::Buffer>(storage, edge::Buffer::Identity{World::kEdge, epoch_, clock.boot(), "test"},
                                          kCap, kInFlight);
  const auto opened = buffer->open(stamp());
  if (!opened) throw Violation("a box does not start: " + opened.error().message);
  const std::string kept =
      world.broken == "engine-forgotten" ? "" : opened->substr(std::min<std::size_t>(opened->size(), 32));
  const edge::Instant now = clock.instant(world.now());
  engine.start(kept, buffer->snapshot()->active, now);
  const bool known = saved_in_ == clock.boot() || (saved_rightly_ && clock.right(world.clock));
  if (!same_disk || !known || !engine.based_on_disk()) engine.follow(now, real());
  if (const auto wrong = engine.difference(); !wrong.empty()) throw Violation("I8: after a start " + wrong);
  watch.emplace(now.wall, now.mono);
  (void)clock.take_steps();
  machine = std::make_unique<edge::UplinkMachine>(
      kSettings, edge::UplinkMachine::Identity{World::kEdge, World::kSite, "test", world.fresh<Incarnation>(), epoch_});
  refresh();
  commit({});  // the engine's state, by the clock of this boot
}

void Box::reboot(bool has_clock) {
  clock.reboot(world.now(), world.fresh<BootId>(), has_clock);
  start();
}

edge::Stamp Box::stamp() { return clock.stamp(world.now()); }

edge::Instant Box::real() {
  constexpr BootId kEver{1, 1};
  return {wall_from_ms(kEra + world.clock), mono_from_ms(world.clock), kEver};
}

std::optional<DefinitionHash> Box::meaning() const {
  return DefinitionHash::from_hex(storage.inner.disk.engine_state.substr(0, 32));
}

std::map<AlertId, AlertTransition> Box::others() const {
  auto active = buffer->snapshot()->active;
  std::erase_if(active, [](const auto& entry) { return Engine::is_mine(entry.second); });
  return active;
}

/// With what the disk did not take before.
bool Box::commit(Commit commit) {
  const bool alerts = !waiting_.empty() || commit.active;
  commit.entries.insert(commit.entries.begin(), waiting_.begin(), waiting_.end());
  if (alerts) {
    if (!commit.active) commit.active = others();
    for (const AlertTransition& t : engine.active()) (*commit.active)[t.alert] = t;
  }
  std::string hash = commit.engine_state ? *commit.engine_state : storage.inner.disk.engine_state.substr(0, 32);
  hash.resize(32, '-');
  commit.engine_state = offered_ = hash + engine.save(clock.instant(world.now()));
  const auto done = buffer->commit(std::move(commit), stamp());
  refresh();
  if (done) waiting_.clear();
  return done.has_value();
}

void Box::measure(double value) {
  edge::Instant now = clock.instant(world.now());
  if (world.broken == "delay-by-wall-clock") now.mono = mono_from_ms(to_ms(now.wall));
  const auto transitions = engine.apply(value, now, real());
  if (const auto wrong = engine.difference(); !wrong.empty()) throw Violation("I8: at a reading " + wrong);
  for (const AlertTransition& t : transitions) waiting_.push_back({Kind::alert, encode_payload(t), 0});
  commit({});
}

// ---- its work -----------------------------------------------------------------------------------------------------

void Box::work() {
  look_at_the_clock();
  housekeep();
  if (connected) send();
}

/// I9: a step is seen, by so much as it was; drift is none.
void Box::look_at_the_clock() {
  const edge::Stamp now = stamp();
  if (world.broken == "clock-step-not-seen") watch.emplace(now.wall, now.mono);
  const auto seen = watch->look(now.wall, now.mono);
  const std::int64_t by = clock.take_steps();
  if (std::abs(by) > kStepSeen && (!seen || std::abs(seen->count() - by) > kNoStep))
    throw Violation("I9: a step of the clock was not seen");
  if (std::abs(by) < kNoStep && seen) throw Violation("I9: a step of the clock was seen that was none");
  if (!seen) return;
  Commit commit;
  commit.entries.push_back(
      {Kind::clock_step, encode_payload(EdgeEvent{World::kEdge, "clock-step", std::to_string(seen->count()), ""}), 0});
  this->commit(std::move(commit));
}

void Box::housekeep() {
  (void)buffer->release(stamp().mono, kRetain);
  (void)buffer->adopt(stamp());
  if (world.random() % 5 == 0) (void)buffer->keep_marks();
  refresh();
}

void Box::send() {
  while (auto message = machine->greeting(stamp())) {
    if (auto* hello = std::get_if<Hello>(&*message)) {
      world.witness.said(*hello, world.now());
      if (world.broken == "hello-without-alerts") hello->active.clear();
      if (const auto& ledger = world.centre.store.ledger; world.broken == "no-token" && ledger.confirmed) {
        hello->token = ledger.confirmed;
        hello->generation = world.centre.store.ref.generation;
        for (auto& end : hello->ends) end.event_end = end.telemetry_end = 1000;
      }
    }
    world.send_up(Lane::urgent, *message);
  }
  while (auto order = machine->next(stamp().mono)) {
    auto rows = buffer->read_to_send(order->place, order->wanted, 1 + world.random() % 3, edge::kFramePayload, stamp());
    refresh();
    if (!rows) return;
    if (rows->empty()) continue;
    RecordBatch batch{edge::fitting(std::move(*rows))};
    world.send_up(order->lane, batch);
    machine->sent(batch.records, stamp().mono);
    if (world.broken == "puback-is-receipt")
      for (const Record& record : batch.records)
        (void)buffer->mark_received({{record.id.place, RangeSet(record.id.sequence, record.id.sequence + 1)}},
                                    stamp().mono);
  }
}

void Box::take(const std::string& frame) {
  auto message = decode(frame);
  if (!message) return;  // cut on its way
  if (auto* receipt = std::get_if<Receipt>(&*message); receipt && world.broken == "ignore-generation")
    if (const auto& mine = buffer->snapshot()->store; mine && mine->id == receipt->store.id) receipt->store = *mine;
  if (auto* answer = std::get_if<Answer>(&*message); answer && world.broken == "void-frees")
    for (const auto& [place, ranges] : answer->voided) answer->data[place].add(ranges);
  auto deed = machine->take(*message);
  if (auto* mark = std::get_if<edge::UplinkMachine::MarkReceived>(&deed)) {
    (void)buffer->mark_received({{mark->place, mark->data}}, stamp().mono);
    refresh();
  } else if (auto* agree = std::get_if<edge::UplinkMachine::Agree>(&deed)) {
    const bool done = buffer->agree(agree->answer, stamp()).has_value();
    refresh();
    if (done) machine->agreed();
  }
}

void Box::connect() {
  if (connected) return;
  connected = true;
  machine->connected();
  if (world.line.retained) down.push_back(*world.line.retained);
}

void Box::disconnect() {
  connected = false;
  down.clear();
  machine->disconnected();
}

}  // namespace anlan::walk
