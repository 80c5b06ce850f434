// For tests: both halves of the receipt protocol joined by a bad line, with everything that may go wrong. The steps and
// invariants are those of the protocol's reference model (docs/decisions/0001-receipt-protocol.md) and more; the parts
// are the real ones: Buffer with its cap and thinning, Scorer, ClockWatch, UplinkMachine, EdgeLedger, EdgeAlerts and
// the codec. A walk is a pure function of its seed.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/wire/topics.hpp"
#include "tests/crash/walk/box.hpp"
#include "tests/crash/walk/centre.hpp"
#include "tests/crash/walk/witness.hpp"

namespace anlan::walk {

/// What lies between the two: a queue upwards for each connection, and all that was ever said, which may come again.
struct Line {
  std::map<topics::Lane, std::deque<std::string>> up;
  std::vector<std::string> said_up, said_down;
  std::optional<std::string> retained;
};

inline constexpr Millis kRound{30'000};  // in which everything works for once

struct Step {
  std::string name;
  std::uint64_t number = 0;  // everything that the step chooses
};
using Walk = std::vector<Step>;

struct World {
  static constexpr const char* kEdge = "edge-1";
  static constexpr const char* kSite = "site-1";

  /// `broken`: a rule that the line, the disk or the centre breaks, to see that a walk notices; empty: none.
  explicit World(std::uint64_t seed, std::string broken = "");

  std::string broken;
  std::mt19937_64 random;
  std::int64_t clock = 0;  // the true time in milliseconds; nothing happens at the same
  Witness witness;
  Centre centre;
  Line line;
  std::vector<std::unique_ptr<Box>> boxes;
  std::map<std::string, std::uint64_t> faults;  // that happened, by kind

  template <class AnyId>
  AnyId fresh() {
    return {random(), random()};
  }
  std::int64_t now() { return ++clock; }
  WallTime wall() { return wall_from_ms(kEra + now()); }  // the centre's, which is right

  void send_up(topics::Lane lane, const Message& message);
  void send_down(const Message& message);
  void pass_on(std::string frame);
  void announce();

  void step(const Step& step);
  void round();   // everything works for once
  void settle();  // until all is delivered
  void check();   // the invariants, when it is

  static std::string encode_or_die(const Message& message);
};

/// Ordinary work by name; false where there is no such step.
bool work_step(World& world, Box& box, const Step& step);

/// Does some harm; true where it is done. Throws std::out_of_range where there is no such fault.
bool do_fault(const std::string& name, World& world, Box& box, std::uint64_t number);

/// A seeded walk with its own mix of faults; of these only, where some are named.
Walk make_walk(std::uint64_t seed, const std::vector<std::string>& only = {});

/// Every kind of fault, as they are counted.
const std::vector<std::string>& fault_names();

}  // namespace anlan::walk
