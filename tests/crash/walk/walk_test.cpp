// Random walks of both halves of the receipt protocol over a simulated disk, line and clock, with every kind of fault
// (faults.cpp), compared with a witness that knows everything (witness.hpp). ANLAN_WALKS and ANLAN_WALK_SEED choose how
// many and which; a failure prints the seed and the shortest trace that still fails.
#include <cstdlib>
#include <iostream>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/crash/walk/world.hpp"

namespace anlan::walk {
namespace {

constexpr std::uint64_t kWalks = 400;

struct Outcome {
  std::string violation;  // "": none
  std::map<std::string, std::uint64_t> faults;
};

Outcome outcome(std::uint64_t seed, const Walk& walk, const std::string& broken = "") {
  World world(seed, broken);
  Outcome end;
  try {
    for (const Step& step : walk) world.step(step);
    world.settle();
    world.check();
  } catch (const Violation& v) {
    end.violation = v.what();
  }
  end.faults = world.faults;
  for (const auto& [reason, records] : world.witness.left())
    end.faults["full_buffer_" + std::string(to_string(reason))] += records;
  return end;
}

/// Leaves out steps, large pieces first, as long as the same invariant fails.
Walk shrink(std::uint64_t seed, Walk walk, const std::string& what) {
  for (std::size_t size = std::max<std::size_t>(1, walk.size() / 2);;) {
    bool changed = false;
    for (std::size_t at = 0; at < walk.size();) {
      Walk shorter(walk.begin(), walk.begin() + static_cast<std::ptrdiff_t>(at));
      shorter.insert(shorter.end(), walk.begin() + static_cast<std::ptrdiff_t>(std::min(at + size, walk.size())),
                     walk.end());
      if (outcome(seed, shorter).violation.substr(0, 2) == what.substr(0, 2)) {
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

TEST(Protocol, KeepsItsInvariantsThroughTenThousandFaults) {
  const std::uint64_t first = from_environment("ANLAN_WALK_SEED", 1), walks = from_environment("ANLAN_WALKS", kWalks);
  std::map<std::string, std::uint64_t> faults;
  for (std::uint64_t seed = first; seed < first + walks; ++seed) {
    const Walk walk = make_walk(seed);
    const Outcome end = outcome(seed, walk);
    for (const auto& [name, count] : end.faults) faults[name] += count;
    if (end.violation.empty()) continue;
    const Walk shortest = shrink(seed, walk, end.violation);
    std::string trace;
    for (const auto& [name, number] : shortest) trace += "\n  " + name + " " + std::to_string(number);
    FAIL() << "seed " << seed << ": " << outcome(seed, shortest).violation << trace;
  }
  std::uint64_t sum = 0;
  for (const auto& [name, count] : faults) {
    std::cout << count << " " << name << "\n";
    if (!name.starts_with("full_buffer_")) sum += count;
  }
  std::cout << sum << " faults in " << walks << " walks\n";
  if (walks < kWalks) return;  // somebody looks for one of them
  EXPECT_GE(sum, 10'000u);
  for (const std::string& name : fault_names()) EXPECT_GE(faults[name], 40u) << name;
  for (const char* reason : {"thinned", "dropped"}) EXPECT_GE(faults[std::string("full_buffer_") + reason], 200u);
}

/// A check that cannot fail proves nothing: with one rule broken outside the machines, walks with the faults that the
/// rule is for must notice.
struct BrokenRule {
  const char* name;
  std::vector<std::string> faults;
};
const std::vector<BrokenRule>& broken_rules() {
  static const std::vector<BrokenRule> rules{
      {"puback-is-receipt", {"drop_up", "broker_restart"}},
      {"ignore-generation", {"lose_store", "stale_down", "drop_up"}},
      {"void-frees", {"corrupt_buffer", "edge_kill", "stale_up"}},
      {"ranges-forgotten", {"duplicate_up"}},
      {"receipt-before-commit", {"edge_kill"}},
      {"no-void-ranges", {"edge_kill"}},
      {"late-never-rings", {"disconnect"}},
      {"hello-without-alerts", {"edge_kill", "disconnect"}},
      {"no-token", {"restore_buffer", "copy_buffer", "lose_buffer"}},
      {"engine-forgotten", {"edge_kill"}},
      {"delay-by-wall-clock", {"clock_step"}},
      {"clock-not-said", {"reboot_without_clock"}},
      {"clock-step-not-seen", {"clock_step"}},
      {"epochs-in-no-order", {"edge_kill"}},
      {"thinning-said-short", {"edge_kill"}},
      {"disk-does-not-sync", {"edge_dies_after_commit"}},
      {"commit-torn", {"edge_dies_after_commit"}},
      {"ranges-alone-roll-back", {"centre_dies_in_commit"}},
  };
  return rules;
}

TEST(Protocol, NoticesEachBrokenRule) {
  for (const auto& [broken, faults] : broken_rules()) {
    std::string noticed;
    std::uint64_t seed = 1;
    for (; seed < 1000 && noticed.empty(); ++seed) noticed = outcome(seed, make_walk(seed, faults), broken).violation;
    EXPECT_FALSE(noticed.empty()) << broken;
    EXPECT_EQ(outcome(seed - 1, make_walk(seed - 1, faults)).violation, "") << "without " << broken;
    std::cout << broken << ": walk " << seed - 1 << ", " << noticed << "\n";
  }
}

}  // namespace
}  // namespace anlan::walk
