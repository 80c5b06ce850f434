// One step of a walk by name; everything it chooses comes from its number.
#include <algorithm>

#include "common/wire/codec.hpp"
#include "tests/crash/protocol_world.hpp"

namespace anlan::walk {

using topics::Lane;

namespace {

enum class Fault { none, drop, duplicate, reorder };

/// Takes up to three messages off a queue, with a fault.
template <class Take>
void pass(std::deque<std::string>& queue, std::uint64_t r, Fault fault, Take take) {
  for (std::uint64_t i = 0; i <= r / 3 % 3 && !queue.empty(); ++i) {
    const std::size_t at = fault == Fault::reorder ? r / 9 % queue.size() : 0;
    const std::string frame = queue[at];
    if (fault != Fault::duplicate) queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(at));
    if (fault != Fault::drop) take(frame);
  }
}

const std::map<std::string, std::function<void(World&, Box&, std::uint64_t)>>& simple_steps() {
  static const std::map<std::string, std::function<void(World&, Box&, std::uint64_t)>> steps{
      {"work", [](World&, Box& box, std::uint64_t) { box.work(); }},
      {"connect",
       [](World& w, Box& box, std::uint64_t) {
         if (box.connected) return;
         box.connected = true;
         box.machine->connected();
         if (w.retained) box.down.push_back(*w.retained);
       }},
      {"disconnect",
       [](World&, Box& box, std::uint64_t) {
         box.connected = false;
         box.down.clear();
         box.machine->disconnected();
       }},
      {"broker_restart",
       [](World& w, Box&, std::uint64_t) {
         w.up.clear();
         w.retained.reset();
         for (auto& box : w.boxes) {
           box->connected = false;
           box->down.clear();
           box->machine->disconnected();
         }
       }},
      {"edge_kill", [](World&, Box& box, std::uint64_t) { box.start(); }},
      {"edge_disk_full", [](World&, Box& box, std::uint64_t) { box.storage.inner.full = !box.storage.inner.full; }},
      {"clock_step",
       [](World&, Box& box, std::uint64_t r) { box.wall_step += static_cast<std::int64_t>(r / 4 % 2000) - 1000; }},
      {"stale_message",
       [](World& w, Box& box, std::uint64_t r) {
         if (box.connected && !w.sent_down.empty()) box.down.push_back(w.sent_down[r / 4 % w.sent_down.size()]);
       }},
      {"foreign_receipt",
       [](World& w, Box& box, std::uint64_t r) {
         const auto& rows = box.storage.inner.disk.rows;
         if (!box.connected || rows.empty()) return;
         auto row = rows.begin();
         std::advance(row, static_cast<std::ptrdiff_t>(r / 4 % rows.size()));
         const RecordId id = row->first;
         box.down.push_back(World::encode_or_die(Receipt{
             {w.fresh<StoreId>(), w.fresh<Generation>()}, id.place, RangeSet(id.sequence, id.sequence + 1), {}}));
       }},
      {"collector_kill",
       [](World& w, Box&, std::uint64_t r) {
         w.owed.clear();
         w.collector_runs = r % 2;
       }},
      {"store_full", [](World& w, Box&, std::uint64_t) { w.store_full = !w.store_full; }},
      {"backup", [](World& w, Box&, std::uint64_t) { w.backups.push_back(w.store); }},
      {"copy_buffer", [](World&, Box& box, std::uint64_t) { box.copies.push_back(box.storage.inner.disk); }},
      {"pay", [](World& w, Box&, std::uint64_t) { w.pay(); }},
  };
  return steps;
}

}  // namespace

void World::step(const std::string& name, std::uint64_t r) {
  Box& box = *boxes[r % boxes.size()];
  if (const auto found = simple_steps().find(name); found != simple_steps().end()) return found->second(*this, box, r);
  if (name == "samples") return make_samples(box, r);
  if (name == "alert") return make_alert(box, r, Kind::alert);
  if (name == "newer_kind") return make_alert(box, r, Kind{99});
  if (name == "configure") {
    edge::Commit commit;
    configure(box, commit);
    box.commit(std::move(commit));
  } else if (name == "notify") {  // r odd: a crash between handing over and noting it
    for (const auto& key : store.outbox) rung.insert(key);
    if (r % 2 == 0) store.outbox.clear();
  } else if (name == "settle") {
    for (std::uint64_t i = 0; i <= r % 3; ++i) round();
  } else if (name == "restore_store") {
    if (!backups.empty()) replace_store(backups[r % backups.size()]);
  } else if (name == "lose_store") {
    Store empty;
    empty.ref.id = store.ref.id;  // rule 7: the operator gives its id
    replace_store(empty);
  } else if (name == "upgrade") {
    upgraded = true;
    auto raw = store.raw;
    for (const auto& [id, record] : raw)
      if (record.kind == Kind{99}) {
        store.raw.erase(id);
        apply(store, record);
      }
    unclear(store);
  } else if (name == "damage_row") {
    auto& rows = box.storage.inner.disk.rows;
    if (rows.empty()) return;
    auto row = rows.begin();
    std::advance(row, static_cast<std::ptrdiff_t>(r / 4 % rows.size()));
    row->second.payload += "x";
    damaged.insert(row->first);
    const bool told = row->first.place.stream == Stream::event;  // an event record may be what tells of others
    bruised = true;
    const std::int64_t at = now();
    lost_edge[row->first] = at;
    if (told)
      for (const auto& [id, record] : synced)
        if (!rows.contains(id)) lost_edge.try_emplace(id, at);
  } else if (name == "lose_buffer") {
    const auto before = box.storage.inner.disk;
    box.storage.inner.disk = {};
    lose(box, before, box.storage.inner.side || !token_passes({}));
    box.start();
  } else if (name == "corrupt_buffer") {  // half of what it held can still be read
    auto& inner = box.storage.inner;
    const auto before = inner.disk;
    std::uint64_t n = r;
    std::erase_if(inner.disk.rows, [&](const auto&) { return (n = n * 6364136223846793005u + 1) >> 63; });
    auto left = std::exchange(inner.disk.rows, {});
    lose(box, before, true);  // there may not be room for all that is left
    inner.disk.rows = std::move(left);
    inner.corrupt = true;
    box.start();
  } else if (name == "restore_buffer") {
    if (box.copies.empty()) return;
    const auto before = box.storage.inner.disk;
    box.storage.inner.disk = box.copies[r / 8 % box.copies.size()];
    lose(box, before, !token_passes(box.storage.inner.disk.ledger));
    box.start();
  } else if (name == "image_box") {
    if (boxes.size() > 1) return;
    boxes.push_back(std::make_unique<Box>(*this));
    boxes.back()->storage.inner.disk = box.storage.inner.disk;
    boxes.back()->start();
    bruised = true;
  } else {
    const bool upward = name.ends_with("_up");
    const Fault fault = name.starts_with("drop")        ? Fault::drop
                        : name.starts_with("duplicate") ? Fault::duplicate
                        : name.starts_with("reorder")   ? Fault::reorder
                                                        : Fault::none;
    if (upward)
      pass(up[r % 3 ? Lane::urgent : Lane::backlog], r, fault, [&](const std::string& frame) { deliver(frame); });
    else
      pass(box.down, r, fault, [&](const std::string& frame) { box.take(frame); });
  }
}

std::vector<std::pair<std::string, std::uint64_t>> make_walk(std::uint64_t seed) {
  static const std::vector<std::pair<const char*, int>> ordinary{
      {"samples", 8}, {"alert", 6},  {"work", 10},  {"connect", 4},   {"deliver_up", 10}, {"deliver_down", 8},
      {"pay", 6},     {"notify", 2}, {"settle", 2}, {"configure", 1}, {"newer_kind", 1}};
  static const std::vector<std::pair<const char*, int>> faults{
      {"drop_up", 4},        {"duplicate_up", 4},    {"reorder_up", 4},     {"drop_down", 3},  {"duplicate_down", 3},
      {"reorder_down", 3},   {"disconnect", 2},      {"broker_restart", 1}, {"edge_kill", 3},  {"edge_disk_full", 1},
      {"clock_step", 2},     {"foreign_receipt", 1}, {"stale_message", 3},  {"damage_row", 1}, {"lose_buffer", 1},
      {"corrupt_buffer", 1}, {"copy_buffer", 2},     {"restore_buffer", 1}, {"image_box", 1},  {"collector_kill", 3},
      {"store_full", 1},     {"backup", 2},          {"restore_store", 1},  {"lose_store", 1}, {"upgrade", 1}};
  std::mt19937_64 random(seed);
  auto weights = ordinary;
  for (const auto& [name, weight] : faults)
    if (random() % 100 < 35) weights.emplace_back(name, weight * (random() % 3 == 0 ? 2 : 1));
  int total = 0;
  for (const auto& [name, weight] : weights) total += weight;
  std::vector<std::pair<std::string, std::uint64_t>> walk;
  const std::size_t length = 50 + random() % 350;
  for (std::size_t i = 0; i < length; ++i) {
    auto pick = static_cast<int>(random() % static_cast<std::uint64_t>(total));
    auto it = weights.begin();
    while (pick >= it->second) pick -= (it++)->second;
    walk.emplace_back(it->first, random() >> 20);
  }
  return walk;
}

}  // namespace anlan::walk
