// For tests: both halves of the receipt protocol joined by a bad line, with everything that may go wrong. The steps and
// invariants are those of the protocol's reference model (docs/decisions/0001-receipt-protocol.md); the parts are the
// real ones: Buffer, UplinkMachine, EdgeLedger, EdgeAlerts and the codec. A walk is a pure function of its seed.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "collector/alert/episode.hpp"
#include "collector/ingest/edge_ledger.hpp"
#include "edge/uplink/uplink_machine.hpp"
#include "tests/support/forwarding_storage.hpp"
#include "tests/support/memory_storage.hpp"

namespace anlan::walk {

struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct World;

/// A Storage that reports what leaves it.
struct BoxStorage final : edge::ForwardingStorage {
  World& world;
  edge::MemoryStorage inner;
  explicit BoxStorage(World& w) : edge::ForwardingStorage(inner), world(w) {}
  Result<void> apply(const edge::Ledger& after, const edge::Changes& changes) override;
};

/// One site box: a disk and a process.
struct Box {
  World& world;
  BoxStorage storage;
  std::unique_ptr<edge::Buffer> buffer;
  std::unique_ptr<edge::UplinkMachine> machine;
  std::vector<edge::MemoryStorage::Disk> copies;
  std::deque<std::string> down;
  bool connected = false;
  std::int64_t tick = 0, wall_step = 0;

  explicit Box(World& w) : world(w), storage(w) {}
  void start();
  edge::Stamp stamp() const;
  void refresh() { machine->ledger(buffer->snapshot()); }
  bool commit(edge::Commit commit);
  void work();
  void take(const std::string& frame);
};

/// All that the centre keeps durable; a value, so that it can be backed up and put back.
struct Store {
  StoreRef ref;
  bool first = true;
  std::map<RecordId, Record> events, telemetry;
  std::map<RecordId, Record> raw;  // not decodable yet
  collector::EdgeLedger ledger;
  collector::EdgeAlerts alerts;
  std::set<DefinitionHash> definitions;
  std::set<std::pair<AlertId, Level>> outbox;
};

struct World {
  static constexpr const char* kEdge = "edge-1";
  static constexpr const char* kSite = "site-1";

  explicit World(std::uint64_t seed) : random(seed) {
    store.ref = {fresh<StoreId>(), fresh<Generation>()};
    boxes.push_back(std::make_unique<Box>(*this));
    boxes.front()->start();
  }

  std::string broken;  // a rule that the line or the centre breaks, to see that a walk notices; empty: none
  std::mt19937_64 random;
  std::int64_t clock = 0;  // counts everything that happens: the true time
  std::vector<std::unique_ptr<Box>> boxes;
  std::map<topics::Lane, std::deque<std::string>> up;
  std::vector<std::string> sent_down;  // may come again at any time
  std::optional<std::string> retained;
  Store store;  // as durable
  std::vector<Store> backups;
  std::vector<std::string> owed;  // sent only after the commit
  bool collector_runs = true, store_full = false, upgraded = false, bruised = false;
  std::set<std::pair<AlertId, Level>> rung;

  // What a perfect witness knows.
  std::map<RecordId, Record> synced;           // every record that was ever durable on a box
  std::map<RecordId, std::int64_t> lost_edge;  // may be gone from the box since then
  std::set<RecordId> untraceable, lost_centre, damaged, ever_stored, thinned;

  template <class AnyId>
  AnyId fresh() {
    return {random(), random()};
  }
  std::int64_t now() { return ++clock; }
  WallTime wall() { return wall_from_ms(now()); }

  void send_up(topics::Lane lane, const Message& message);
  void send_down(const Message& message);
  void deliver(const std::string& frame);
  void pay();
  void announce() { retained = encode_or_die(CollectorState{store.ref, true}); }
  void round();
  void settle();
  void check();
  void step(const std::string& name, std::uint64_t number);
  static std::string encode_or_die(const Message& message);

 private:
  friend struct BoxStorage;
  void take_batch(Store& db, const RecordBatch& batch);
  void apply(Store& db, const Record& record);
  void effects(Store& db, const collector::Effects& effects);
  void unclear(Store& db) {
    bool newer = false;
    for (const auto& [id, record] : db.raw) newer = newer || record.id.place.stream == Stream::event;
    effects(db, db.alerts.set_unclear(db.ledger.losses_unknown() || newer));
  }
  std::vector<DefinitionHash> wanted(const Store& db) const;
  void replace_store(Store backup);
  void lose(Box& box, const edge::MemoryStorage::Disk& before, bool traceable);
  bool token_passes(const edge::Ledger& ledger) const;
  void make_samples(Box& box, std::uint64_t r);
  void make_alert(Box& box, std::uint64_t r, Kind kind);
  void configure(Box& box, edge::Commit& commit);
  void check_record(const RecordId& id);
  void check_alerts();
};

/// A seeded walk with its own mix of faults; returns the steps for the failure message.
std::vector<std::pair<std::string, std::uint64_t>> make_walk(std::uint64_t seed);

}  // namespace anlan::walk
