// One night at a centre, for tests of what it keeps: two edges greet, say what their points mean (one after its
// samples), send samples, alerts, gaps and records that nobody understands, some of them twice; people acknowledge and
// act, a notification is delivered, telemetry is compacted, the centre restarts and at last a new generation begins. It
// can be told again from its beginning, as edges do that had no receipt.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/crash/centre_books.hpp"
#include "tests/crash/centre_script.hpp"
#include "tests/support/centre.hpp"

namespace anlan::test {

class Night {
 public:
  Night();

  /// Works in `directory` until the first thing that fails; true where it came to its end.
  bool run(const std::string& directory);

  /// What is wrong with what `directory` holds now: its parts do not agree with each other, or it lacks what was
  /// acknowledged; "" where nothing is.
  std::string fault_in(const std::string& directory) const;

  /// All that the edges have, told again in one process; then what stands in both databases, in sentences that name
  /// nothing that the centre draws. nullopt where it is not all received.
  std::optional<std::vector<std::string>> told_again(const std::string& directory);

  const Acknowledged& acknowledged() const { return said_; }

  /// Told of each answer and receipt before anybody else.
  Centre::Sent on_sent;

 private:
  struct Edge {
    collector::Origin origin;
    EdgeScript script;
    Hello hello;  // the newest, with the token that was answered
    RangesByPlace awaited;
    std::uint64_t answered = 0;
  };
  struct Share {  // of what an edge has: sequences of one place
    Edge& edge;
    std::uint64_t epoch;
    Stream stream;
    std::uint64_t first, last;  // [first, last)
  };

  bool open(const std::string& directory);
  bool evening();
  bool after_the_restart();
  bool new_generation(const std::string& directory);
  bool greet(Edge& edge);
  bool send(const std::vector<Share>& shares);
  bool people();
  bool act(const std::string& what, const std::function<Result<void>(Database&, collector::Pipeline&)>& deed);
  void heard(const collector::Origin& to, const Message& message);

  ManualClock clock_;
  Acknowledged said_;
  Edge a_, b_;
  std::unique_ptr<Centre> centre_;
};

}  // namespace anlan::test
