// Random walks of both halves of the receipt protocol: crashes, lost and doubled messages, lost, damaged, restored and
// imaged buffers, restored and lost stores, clock steps, full disks. ANLAN_WALKS and ANLAN_WALK_SEED choose how many
// and which; a failure prints the seed and the shortest trace that still fails.
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/crash/protocol_world.hpp"

namespace anlan::walk {
namespace {

using Walk = std::vector<std::pair<std::string, std::uint64_t>>;

std::string violation(std::uint64_t seed, const Walk& walk, const std::string& broken = "") {
  try {
    World world(seed);
    world.broken = broken;
    for (const auto& [name, number] : walk) world.step(name, number);
    world.settle();
    world.check();
  } catch (const Violation& v) {
    return v.what();
  }
  return "";
}

/// Leaves out steps, large pieces first, as long as the same invariant fails.
Walk shrink(std::uint64_t seed, Walk walk, const std::string& what) {
  for (std::size_t size = std::max<std::size_t>(1, walk.size() / 2);;) {
    bool changed = false;
    for (std::size_t at = 0; at < walk.size();) {
      Walk shorter(walk.begin(), walk.begin() + static_cast<std::ptrdiff_t>(at));
      shorter.insert(shorter.end(), walk.begin() + static_cast<std::ptrdiff_t>(std::min(at + size, walk.size())),
                     walk.end());
      if (violation(seed, shorter).substr(0, 2) == what.substr(0, 2)) {
        walk = std::move(shorter);
        changed = true;
      } else {
        at += size;
      }
    }
    if (size == 1 && !changed) return walk;
    size = std::max<std::size_t>(1, size / 2);
  }
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(Protocol, KeepsItsInvariantsInRandomWalks) {
  const std::uint64_t first = from_environment("ANLAN_WALK_SEED", 1), walks = from_environment("ANLAN_WALKS", 1000);
  for (std::uint64_t seed = first; seed < first + walks; ++seed) {
    const Walk walk = make_walk(seed);
    const std::string what = violation(seed, walk);
    if (what.empty()) continue;
    const Walk shortest = shrink(seed, walk, what);
    std::string trace;
    for (const auto& [name, number] : shortest) trace += "\n  " + name + " " + std::to_string(number);
    FAIL() << "seed " << seed << ": " << violation(seed, shortest) << trace;
  }
}

/// A check that cannot fail proves nothing: with one rule broken outside the machines, a walk must notice.
TEST(Protocol, NoticesEachBrokenRule) {
  for (const std::string broken :
       {"puback-is-receipt", "ignore-generation", "void-frees", "ranges-forgotten", "receipt-before-commit",
        "no-void-ranges", "late-never-rings", "hello-without-alerts", "no-token"}) {
    bool noticed = false;
    for (std::uint64_t seed = 1; seed < 2000 && !noticed; ++seed)
      noticed = !violation(seed, make_walk(seed), broken).empty();
    EXPECT_TRUE(noticed) << broken;
  }
}

}  // namespace
}  // namespace anlan::walk
