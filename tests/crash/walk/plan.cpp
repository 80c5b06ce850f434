#include <algorithm>

#include "tests/crash/walk/world.hpp"

namespace anlan::walk {

namespace {

using Weights = std::vector<std::pair<const char*, int>>;

const Weights& ordinary() {
  static const Weights steps{{"samples", 8}, {"alert", 6},       {"measure", 6},      {"work", 10},
                             {"connect", 4}, {"deliver_up", 10}, {"deliver_down", 8}, {"pay", 6},
                             {"notify", 2},  {"settle", 2},      {"configure", 1},    {"newer_kind", 1}};
  return steps;
}

/// Where these strike nobody can account for every sample, so a third of the walks has none of them.
bool destroys(std::string_view fault) {
  for (const std::string_view one :
       {"damage_row", "lose_buffer", "corrupt_buffer", "restore_buffer", "image_box", "restore_store", "lose_store"})
    if (fault == one) return true;
  return false;
}

/// Each walk has about a third of these.
const Weights& sometimes() {
  static const Weights steps{{"backup", 2},
                             {"copy_buffer", 3},
                             {"drop_up", 4},
                             {"duplicate_up", 4},
                             {"reorder_up", 4},
                             {"cut_up", 3},
                             {"triple_up", 3},
                             {"stale_up", 3},
                             {"drop_down", 4},
                             {"duplicate_down", 4},
                             {"reorder_down", 8},
                             {"cut_down", 4},
                             {"triple_down", 4},
                             {"stale_down", 3},
                             {"foreign_receipt", 2},
                             {"disconnect", 2},
                             {"broker_restart", 1},
                             {"edge_kill", 3},
                             {"edge_reboot", 2},
                             {"reboot_without_clock", 2},
                             {"edge_dies_before_commit", 3},
                             {"edge_dies_after_commit", 3},
                             {"clock_step", 3},
                             {"clock_synchronised", 3},
                             {"clock_drift", 2},
                             {"edge_disk_full", 1},
                             {"damage_row", 1},
                             {"lose_buffer", 1},
                             {"corrupt_buffer", 1},
                             {"restore_buffer", 2},
                             {"image_box", 2},
                             {"centre_kill", 3},
                             {"centre_dies_in_commit", 3},
                             {"store_full", 1},
                             {"restore_store", 2},
                             {"lose_store", 1},
                             {"upgrade", 1}};
  return steps;
}

/// What a walk may do, by weight.
Weights mix(std::mt19937_64& random, const std::vector<std::string>& only) {
  Weights weights = ordinary();
  const bool gentle = random() % 3 == 0;
  for (const auto& [name, weight] : sometimes()) {
    const bool wanted = std::ranges::find(only, name) != only.end();
    if (wanted || (only.empty() && random() % 100 < 35 && !(gentle && destroys(name))))
      weights.emplace_back(name, weight * (random() % 3 == 0 ? 2 : 1));
  }
  return weights;
}

}  // namespace

Walk make_walk(std::uint64_t seed, const std::vector<std::string>& only) {
  std::mt19937_64 random(seed);
  const Weights weights = mix(random, only);
  int total = 0;
  for (const auto& [name, weight] : weights) total += weight;
  Walk walk;
  const std::size_t length = 50 + random() % 350;
  for (std::size_t i = 0; i < length; ++i) {
    auto pick = static_cast<int>(random() % static_cast<std::uint64_t>(total));
    auto it = weights.begin();
    while (pick >= it->second) pick -= (it++)->second;
    walk.push_back({it->first, random() >> 20});
  }
  return walk;
}

}  // namespace anlan::walk
