// Alert transitions for tests: only what a test is about has to be said.
#pragma once

#include <cstdint>

#include "common/model/alert.hpp"
#include "common/model/protocol.hpp"

namespace anlan::test {

inline AlertId alert_id(std::uint64_t n) { return {0xA1, n}; }
inline Epoch epoch(std::uint64_t n) { return {0xE0, n}; }

/// 2026-11-23T08:00:00Z and `ms` later.
inline WallTime at(std::int64_t ms) { return wall_from_ms(1'795'420'800'000 + ms); }

class TransitionBuilder {
 public:
  explicit TransitionBuilder(std::uint64_t alert, std::uint32_t version = 1) {
    t_.alert = alert_id(alert);
    t_.version = version;
    t_.level = Level::orange;
    t_.source = "tj-bh-017/tank-3/temperature";
    t_.asset = "tj-bh-017/tank-3";
    t_.rule = "high";
    t_.name = "3号罐温度";
    t_.evidence = {82.5, 80.0, "Cel", at(-5'000), Quality::good};
    t_.score = 76;
    t_.at = at(0);
  }
  TransitionBuilder& level(Level level) { return t_.level = level, *this; }
  TransitionBuilder& step(AlertStep step) { return t_.step = step, *this; }
  TransitionBuilder& when(std::int64_t ms) { return t_.at = at(ms), *this; }
  TransitionBuilder& rule(std::string rule) { return t_.rule = std::move(rule), *this; }
  TransitionBuilder& asset(std::string asset) { return t_.asset = std::move(asset), *this; }
  TransitionBuilder& source(std::string source) { return t_.source = std::move(source), *this; }
  TransitionBuilder& actor(std::string actor) { return t_.actor = std::move(actor), *this; }
  TransitionBuilder& maintenance(Level live) { return t_.maintenance = live, *this; }
  operator AlertTransition() const { return t_; }

 private:
  AlertTransition t_;
};

inline TransitionBuilder raised(std::uint64_t alert, Level level = Level::orange) {
  return TransitionBuilder(alert, 1).level(level);
}
inline TransitionBuilder upgraded(std::uint64_t alert, std::uint32_t version, Level level) {
  return TransitionBuilder(alert, version).step(AlertStep::upgraded).level(level);
}
inline TransitionBuilder downgraded(std::uint64_t alert, std::uint32_t version, Level level) {
  return TransitionBuilder(alert, version).step(AlertStep::downgraded).level(level);
}
inline TransitionBuilder latched(std::uint64_t alert, std::uint32_t version) {
  return TransitionBuilder(alert, version).step(AlertStep::latched).level(Level::red);
}
inline TransitionBuilder cleared(std::uint64_t alert, std::uint32_t version, Level left = Level::orange) {
  return TransitionBuilder(alert, version).step(AlertStep::cleared).level(left);
}

/// A hello of one epoch that has written `event_end` events and lists these alerts as active.
inline Hello hello_of(const Epoch& in, std::uint64_t event_end, std::vector<AlertTransition> active = {},
                      std::int64_t ms = 0) {
  Hello hello;
  hello.edge = "tj-bh-017-a";
  hello.site = "tj-bh-017";
  hello.epoch = in;
  hello.ends.push_back({in, 1, event_end, 0});
  hello.active = std::move(active);
  hello.at = at(ms);
  return hello;
}

inline Start start_of(std::vector<Epoch> before, std::vector<AlertTransition> active = {}) {
  Start start;
  start.before = std::move(before);
  start.active = std::move(active);
  return start;
}

}  // namespace anlan::test
