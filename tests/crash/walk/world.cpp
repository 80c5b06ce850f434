#include "tests/crash/walk/world.hpp"

#include <algorithm>

#include "common/wire/codec.hpp"

namespace anlan::walk {

using topics::Lane;

namespace {

constexpr std::size_t kQueue = 24;
constexpr int kRounds = 240, kQuiet = 60;
constexpr Millis kStep{5'000};

}  // namespace

World::World(std::uint64_t seed, std::string rule) : broken(std::move(rule)), random(seed), centre(*this) {
  centre.store.ref = {fresh<StoreId>(), fresh<Generation>()};
  boxes.push_back(std::make_unique<Box>(*this));
  boxes.front()->start(false);
}

// ---- the line -----------------------------------------------------------------------------------------------------

std::string World::encode_or_die(const Message& message) {
  auto frame = encode(message);
  if (!frame) throw Violation("a message does not encode: " + frame.error().message);
  return std::move(*frame);
}

void World::send_up(Lane lane, const Message& message) {
  auto& queue = line.up[lane == Lane::urgent ? Lane::urgent : Lane::backlog];
  if (queue.size() >= kQueue) return;
  queue.push_back(encode_or_die(message));
  line.said_up.push_back(queue.back());
}

void World::send_down(const Message& message) { pass_on(encode_or_die(message)); }

void World::pass_on(std::string frame) {
  for (auto& box : boxes)
    if (box->connected) box->down.push_back(frame);
  line.said_down.push_back(std::move(frame));
}

void World::announce() { line.retained = encode_or_die(CollectorState{centre.store.ref, true}); }

// ---- what happens -------------------------------------------------------------------------------------------------

void World::step(const Step& step) {
  clock += kStep.count();
  Box& box = *boxes[step.number % boxes.size()];
  try {
    if (!work_step(*this, box, step) && do_fault(step.name, *this, box, step.number)) ++faults[step.name];
  } catch (const Died& died) {
    died.box.start();
  }
}

void World::round() {
  clock += kRound.count();
  for (auto& box : boxes) {
    box->connect();
    box->work();
  }
  centre.runs = true;
  for (auto& [lane, queue] : line.up)
    for (const auto& frame : std::exchange(queue, {})) centre.deliver(frame);
  centre.pay();
  centre.notify(true);
  for (auto& box : boxes)
    for (const auto& frame : std::exchange(box->down, {})) box->take(frame);
}

/// Until nothing is due, and long enough after that for the periodic hellos of a lease.
void World::settle() {
  centre.full = centre.dies_in_commit = false;
  for (auto& box : boxes) {
    box->storage.inner.full = false;
    box->storage.death = BoxStorage::Death::none;
  }
  for (int i = 0, quiet = 0; i < kRounds; ++i) {
    round();
    const bool drained = std::ranges::all_of(boxes, [](const auto& box) {
      const auto ledger = box->buffer->snapshot();
      return box->machine->answered() &&
             std::ranges::all_of(ledger->places, [](const auto& p) { return p.second.due().empty(); });
    });
    if (!drained)
      quiet = 0;
    else if (++quiet > kQuiet)
      return;
  }
  std::string left;
  for (auto& box : boxes)
    for (const auto& [place, state] : box->buffer->snapshot()->places)
      if (!state.due().empty()) left += " " + std::string(to_string(place.stream)) + " " + state.due().str();
  throw Violation("I6: not drained:" + left);
}

void World::check() {
  if (broken == "epochs-in-no-order")
    for (auto& [epoch, ordinal] : centre.store.ledger.ordinals) ordinal = random();
  witness.check(centre.store, boxes, centre.rung);
}

}  // namespace anlan::walk
