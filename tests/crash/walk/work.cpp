// The ordinary steps of a walk by name; everything they choose comes from their number.
#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "tests/crash/walk/world.hpp"

namespace anlan::walk {

using edge::Commit;
using topics::Lane;

namespace {

/// A definition of its own, in force from now on.
void configure(World& world, Commit& commit) {
  Definition definition;
  definition.points.emplace_back().path = {World::kSite, "d", "p" + std::to_string(world.now())};
  const std::string payload = encode_payload(definition);
  commit.definitions.push_back({hash128(payload), payload});
  commit.entries.push_back({Kind::definition, payload, 0});
  commit.engine_state = hash128(payload).hex();  // kept with the engine's state: the present configuration
}

void samples(World& world, Box& box, std::uint64_t r) {
  Commit commit;
  auto meaning = box.meaning();
  if (!meaning) {
    configure(world, commit);
    meaning = commit.definitions.front().first;
  }
  for (std::uint64_t i = 0; i <= r / 4 % 3; ++i) {
    Samples some{*meaning, {}};
    for (std::uint64_t n = 0; n <= r / 16 % 8; ++n)
      some.samples.push_back({0, static_cast<double>(world.now()), Quality::good, box.stamp().wall, {}});
    const auto count = static_cast<std::uint32_t>(some.samples.size());
    commit.entries.push_back({Kind::samples, encode_payload(some), count});
  }
  box.commit(std::move(commit));
}

/// Of an alert that comes and goes as it likes, beside those of the engine.
void alert(World& world, Box& box, std::uint64_t r, Kind kind) {
  auto active = box.others();
  const std::uint64_t choice = r / 4 % 4;
  AlertTransition t;
  t.alert = world.fresh<AlertId>();
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
  t.at = box.stamp().wall;
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

/// Up to three frames, in order.
template <class Take>
void pass(std::deque<std::string>& queue, std::uint64_t r, Take take) {
  for (std::uint64_t i = 0; i <= r / 3 % 3 && !queue.empty(); ++i) {
    const std::string frame = std::move(queue.front());
    queue.pop_front();
    take(frame);
  }
}

}  // namespace

bool work_step(World& w, Box& box, const Step& step) {
  const auto& [name, r] = step;
  if (name == "samples") {
    samples(w, box, r);
  } else if (name == "alert") {
    alert(w, box, r, Kind::alert);
  } else if (name == "newer_kind") {
    alert(w, box, r, kNewerKind);
  } else if (name == "measure") {
    constexpr double values[] = {20, 38, 45, 45, 62, 70, 78, 95};
    box.measure(values[r / 4 % 8]);
  } else if (name == "configure") {
    Commit commit;
    configure(w, commit);
    box.commit(std::move(commit));
  } else if (name == "work") {
    box.work();
  } else if (name == "connect") {
    box.connect();
  } else if (name == "deliver_up") {
    pass(w.line.up[r % 3 ? Lane::urgent : Lane::backlog], r, [&](const auto& frame) { w.centre.deliver(frame); });
  } else if (name == "deliver_down") {
    pass(box.down, r, [&](const auto& frame) { box.take(frame); });
  } else if (name == "pay") {
    w.centre.pay();
  } else if (name == "notify") {
    w.centre.notify(r % 2 == 0);  // r odd: a crash between handing over and noting it
  } else if (name == "settle") {
    for (std::uint64_t i = 0; i <= r % 3; ++i) w.round();
  } else if (name == "backup") {
    w.centre.backups.push_back(w.centre.store);
  } else if (name == "upgrade") {
    w.centre.upgrade();
  } else if (name == "copy_buffer") {
    box.copies.push_back(box.storage.inner.disk);
  } else {
    return false;
  }
  return true;
}

}  // namespace anlan::walk
