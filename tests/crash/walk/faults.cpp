// Everything that may go wrong, by name.
#include <algorithm>
#include <functional>

#include "common/wire/codec.hpp"
#include "tests/crash/walk/world.hpp"

namespace anlan::walk {

using topics::Lane;

namespace {

using Fault = std::function<bool(World&, Box&, std::uint64_t)>;

// ---- the line -----------------------------------------------------------------------------------------------------

std::deque<std::string>& some_queue(World& w, std::uint64_t r) {
  return w.line.up[r % 3 ? Lane::urgent : Lane::backlog];
}

std::string take_front(std::deque<std::string>& queue) {
  std::string frame = std::move(queue.front());
  queue.pop_front();
  return frame;
}

bool drop(std::deque<std::string>& queue) {
  if (queue.empty()) return false;
  queue.pop_front();
  return true;
}

template <class Take>
bool duplicate(std::deque<std::string>& queue, Take take) {
  if (queue.empty()) return false;
  take(std::string(queue.front()));
  return true;
}

template <class Take>
bool reorder(std::deque<std::string>& queue, std::uint64_t r, Take take) {
  if (queue.size() < 2) return false;
  const auto at = queue.begin() + 1 + static_cast<std::ptrdiff_t>(r / 9 % (queue.size() - 1));
  const std::string frame = *at;
  queue.erase(at);
  take(frame);
  return true;
}

/// The connection breaks in the middle of a frame.
template <class Take>
bool cut(std::deque<std::string>& queue, std::uint64_t r, Take take) {
  if (queue.empty()) return false;
  const std::string frame = take_front(queue);
  take(frame.substr(0, r / 9 % frame.size()));
  return true;
}

/// Everything that is on its way comes three times, in any order.
template <class Take>
bool triple(std::deque<std::string>& queue, std::uint64_t r, Take take) {
  if (queue.empty()) return false;
  std::vector<std::string> frames;
  for (int i = 0; i < 3; ++i) frames.insert(frames.end(), queue.begin(), queue.end());
  queue.clear();
  std::ranges::shuffle(frames, std::mt19937_64(r));
  for (const std::string& frame : frames) take(frame);
  return true;
}

template <class Take>
bool stale(const std::vector<std::string>& said, std::uint64_t r, Take take) {
  if (said.empty()) return false;
  take(std::string(said[r / 4 % said.size()]));
  return true;
}

bool break_line(Box& box) {
  if (!box.connected) return false;
  box.disconnect();
  return true;
}

bool restart_broker(World& w) {
  const bool any = w.line.retained || std::ranges::any_of(w.boxes, [](const auto& box) { return box->connected; });
  w.line.up.clear();
  w.line.retained.reset();
  for (auto& box : w.boxes) box->disconnect();
  return any;
}

bool foreign_receipt(World& w, Box& box, std::uint64_t r) {
  const auto& rows = box.storage.inner.disk.rows;
  if (!box.connected || rows.empty()) return false;
  auto row = rows.begin();
  std::advance(row, static_cast<std::ptrdiff_t>(r / 4 % rows.size()));
  const RecordId id = row->first;
  box.down.push_back(World::encode_or_die(
      Receipt{{w.fresh<StoreId>(), w.fresh<Generation>()}, id.place, RangeSet(id.sequence, id.sequence + 1), {}}));
  return true;
}

// ---- the box ------------------------------------------------------------------------------------------------------

bool restart(World& w, Box& box, const std::function<void()>& how) {
  if (box.engine.in_delay(box.clock.instant(w.now()))) ++w.faults["restart_in_delay"];
  how();
  return true;
}

/// Whether the centre would take a box with this ledger for the one that it knows.
bool token_passes(const World& w, const edge::Ledger& ledger) {
  const auto& centre = w.centre.store.ledger;
  if (!ledger.token) return w.centre.store.first && !centre.confirmed;
  const bool issued =
      std::ranges::any_of(centre.issued, [&](const auto& entry) { return entry.second.token == *ledger.token; });
  return (ledger.token == centre.confirmed || issued) && ledger.store &&
         ledger.store->generation == w.centre.store.ref.generation;
}

bool damage_row(World& w, Box& box, std::uint64_t r) {
  auto& rows = box.storage.inner.disk.rows;
  if (rows.empty()) return false;
  auto row = rows.begin();
  std::advance(row, static_cast<std::ptrdiff_t>(r / 4 % rows.size()));
  row->second.payload += "x";
  w.witness.damaged(row->first, rows, w.now());
  return true;
}

bool lose_buffer(World& w, Box& box) {
  auto& inner = box.storage.inner;
  inner.disk = {};
  w.witness.lost_on_edge({}, inner.side || !token_passes(w, {}), w.now());
  box.start(false);
  return true;
}

/// Half of what it held can still be read.
bool corrupt_buffer(World& w, Box& box, std::uint64_t n) {
  auto& inner = box.storage.inner;
  const bool again = inner.aside.has_value();  // what was put aside before is lost now
  std::erase_if(inner.disk.rows, [&](const auto&) { return (n = n * 6364136223846793005u + 1) >> 63; });
  w.witness.lost_on_edge({}, true, w.now());  // there may not be room for all that is left
  inner.corrupt = true;
  box.start(!again);
  return true;
}

bool restore_buffer(World& w, Box& box, std::uint64_t r) {
  if (box.copies.empty()) return false;
  auto& inner = box.storage.inner;
  inner.disk = box.copies[r / 8 % box.copies.size()];
  w.witness.lost_on_edge(inner.disk.rows, !token_passes(w, inner.disk.ledger), w.now());
  box.start(false);
  return true;
}

bool image_box(World& w, Box& box) {
  if (w.boxes.size() > 1) return false;
  w.witness.bruise();
  auto twin = std::make_unique<Box>(w);
  twin->storage.inner.disk = box.storage.inner.disk;
  w.boxes.push_back(std::move(twin));
  w.boxes.back()->start(false);
  return true;
}

bool step_clock(World& w, Box& box, std::uint64_t r) {
  constexpr std::int64_t kHour = 3'600'000;
  const auto by = static_cast<std::int64_t>(r / 4 % (2 * kHour)) - kHour;
  box.clock.step(w.now(), by);
  return true;
}

bool toggle(bool& what) {
  what = !what;
  return what;
}

// ---- the centre ---------------------------------------------------------------------------------------------------

bool kill_centre(World& w, std::uint64_t r) {
  w.centre.forget_debts();
  w.centre.runs = r % 2;
  return true;
}

bool restore_store(World& w, std::uint64_t r) {
  if (w.centre.backups.empty()) return false;
  w.centre.replace(w.centre.backups[r % w.centre.backups.size()]);
  return true;
}

bool lose_store(World& w) {
  Store empty;
  empty.ref.id = w.centre.store.ref.id;  // rule 7: the operator gives its id
  w.centre.replace(std::move(empty));
  return true;
}

/// Those that wait for the next commit count themselves when they happen.
const std::map<std::string, Fault>& faults() {
  using Death = BoxStorage::Death;
  const auto up = [](World& w) { return [&w](const std::string& frame) { w.centre.deliver(frame); }; };
  const auto down = [](Box& box) { return [&box](const std::string& frame) { box.take(frame); }; };
  static const std::map<std::string, Fault> all{
      {"drop_up", [](World& w, Box&, std::uint64_t r) { return drop(some_queue(w, r)); }},
      {"duplicate_up", [up](World& w, Box&, std::uint64_t r) { return duplicate(some_queue(w, r), up(w)); }},
      {"reorder_up", [up](World& w, Box&, std::uint64_t r) { return reorder(some_queue(w, r), r, up(w)); }},
      {"cut_up", [up](World& w, Box&, std::uint64_t r) { return cut(some_queue(w, r), r, up(w)); }},
      {"triple_up", [up](World& w, Box&, std::uint64_t r) { return triple(some_queue(w, r), r, up(w)); }},
      {"stale_up", [up](World& w, Box&, std::uint64_t r) { return stale(w.line.said_up, r, up(w)); }},
      {"drop_down", [](World&, Box& box, std::uint64_t) { return drop(box.down); }},
      {"duplicate_down", [down](World&, Box& box, std::uint64_t) { return duplicate(box.down, down(box)); }},
      {"reorder_down", [down](World&, Box& box, std::uint64_t r) { return reorder(box.down, r, down(box)); }},
      {"cut_down", [down](World&, Box& box, std::uint64_t r) { return cut(box.down, r, down(box)); }},
      {"triple_down", [down](World&, Box& box, std::uint64_t r) { return triple(box.down, r, down(box)); }},
      {"stale_down",
       [down](World& w, Box& box, std::uint64_t r) { return box.connected && stale(w.line.said_down, r, down(box)); }},
      {"foreign_receipt", foreign_receipt},
      {"disconnect", [](World&, Box& box, std::uint64_t) { return break_line(box); }},
      {"broker_restart", [](World& w, Box&, std::uint64_t) { return restart_broker(w); }},

      {"edge_kill", [](World& w, Box& box, std::uint64_t) { return restart(w, box, [&] { box.start(); }); }},
      {"edge_dies_before_commit",
       [](World&, Box& box, std::uint64_t) { return box.storage.death = Death::before, false; }},
      {"edge_dies_after_commit",
       [](World&, Box& box, std::uint64_t) { return box.storage.death = Death::after, false; }},
      {"edge_reboot", [](World& w, Box& box, std::uint64_t) { return restart(w, box, [&] { box.reboot(true); }); }},
      {"reboot_without_clock",
       [](World& w, Box& box, std::uint64_t) { return restart(w, box, [&] { box.reboot(false); }); }},
      {"clock_step", step_clock},
      {"clock_synchronised",
       [](World& w, Box& box, std::uint64_t) {
         const bool wrong = !box.clock.right(w.now());
         box.clock.synchronise(w.now());
         return wrong;
       }},
      {"clock_drift",
       [](World& w, Box& box, std::uint64_t r) {
         return box.clock.drift(w.now(), (static_cast<double>(r % 1001) - 500) * 1e-6), true;
       }},
      {"edge_disk_full", [](World&, Box& box, std::uint64_t) { return toggle(box.storage.inner.full); }},
      {"damage_row", damage_row},
      {"lose_buffer", [](World& w, Box& box, std::uint64_t) { return lose_buffer(w, box); }},
      {"corrupt_buffer", corrupt_buffer},
      {"restore_buffer", restore_buffer},
      {"image_box", [](World& w, Box& box, std::uint64_t) { return image_box(w, box); }},

      {"centre_kill", [](World& w, Box&, std::uint64_t r) { return kill_centre(w, r); }},
      {"centre_dies_in_commit", [](World& w, Box&, std::uint64_t) { return w.centre.dies_in_commit = true, false; }},
      {"store_full", [](World& w, Box&, std::uint64_t) { return toggle(w.centre.full); }},
      {"restore_store", [](World& w, Box&, std::uint64_t r) { return restore_store(w, r); }},
      {"lose_store", [](World& w, Box&, std::uint64_t) { return lose_store(w); }},
  };
  return all;
}

}  // namespace

bool do_fault(const std::string& name, World& world, Box& box, std::uint64_t number) {
  return faults().at(name)(world, box, number);
}

const std::vector<std::string>& fault_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, fault] : faults()) all.push_back(name);
    all.push_back("restart_in_delay");
    return all;
  }();
  return names;
}

}  // namespace anlan::walk
