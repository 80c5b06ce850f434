// Random traces with bad data, restarts, reboots and resets against an independent, deliberately naive oracle.
#include <map>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "edge/score/risk_score.hpp"
#include "edge/score/scorer.hpp"
#include "tests/unit/edge/score/naive_limits.hpp"
#include "tests/unit/edge/score/trace.hpp"

namespace anlan::edge {
namespace {

using Random = std::mt19937_64;

int below(Random& random, int n) { return int(random() % std::uint64_t(n)); }

/// Whole numbers, so that values meet limits and deadbands exactly; some levels missing; delays often 0.
Limits random_limits(Random& random) {
  Limits limits;
  int high = 10, low = -10;
  for (const Level level : kLevels) {
    high += 1 + below(random, 5);
    low -= 1 + below(random, 5);
    if (below(random, 4)) limits.high.of(level) = high;
    if (below(random, 2)) limits.low.of(level) = low;
  }
  limits.deadband = below(random, 4);
  limits.on_delay = Millis{below(random, 3) * 5000};
  limits.off_delay = Millis{below(random, 3) * 7000};
  return limits;
}

Definition random_definition(Random& random) {
  Definition definition;
  for (const char* path : {"site-a/tank-1/level", "site-a/tank-1/gas", "site-a/crane-2/load"})
    definition.points.push_back(point_named(path, random_limits(random)));
  return definition;
}

/// A walk that lingers near the limits, jumps at times, and loses its sensor in bursts.
class Walk {
 public:
  Sample next(Random& random, std::uint32_t point, MonoTime mono, WallTime wall) {
    if (below(random, 8) == 0)
      value_ = below(random, 70) - 35;
    else
      value_ += below(random, 5) - 2;
    if (burst_ == 0 && below(random, 12) == 0) burst_ = 1 + below(random, 8), kind_ = below(random, 5);
    Sample sample{point, double(value_), Quality::good, wall, mono};
    if (burst_ > 0) {
      --burst_;
      constexpr Quality kinds[] = {Quality::stale, Quality::out_of_range, Quality::comm_failure, Quality::device_fault,
                                   Quality::good};
      sample.quality = kinds[kind_];
      if (kind_ >= 2) sample.value = kNoValue;  // the last: good, yet without a value
    }
    return sample;
  }

 private:
  int value_ = 0, burst_ = 0, kind_ = 0;
};

/// The comm rule of one device, looking back through everything it ever saw.
class NaiveWatch {
 public:
  explicit NaiveWatch(std::size_t points) : points_(points) {}

  std::optional<AlertStep> see(const Sample& sample) {
    history_.push_back(sample);
    if (good(sample)) {
      const bool was = active_;
      active_ = false;
      return was ? std::optional(AlertStep::cleared) : std::nullopt;
    }
    std::size_t start = history_.size();
    while (start > 0 && all_bad(start)) --start;  // samples 0 … start-1: the longest prefix that is not all bad
    if (active_ || start == history_.size()) return std::nullopt;
    if (sample.mono - history_[start].mono < Millis{10'000}) return std::nullopt;
    active_ = true;
    return AlertStep::raised;
  }

 private:
  bool all_bad(std::size_t length) const {
    std::map<std::uint32_t, bool> bad;
    for (std::size_t i = 0; i < length; ++i) bad[history_[i].point] = !good(history_[i]);
    if (bad.size() < points_) return false;
    for (const auto& [point, is_bad] : bad)
      if (!is_bad) return false;
    return true;
  }

  std::size_t points_;
  std::vector<Sample> history_;
  bool active_ = false;
};

/// The daemon as the scorer sees it: it may restart, and the machine may boot.
struct World {
  explicit World(std::uint64_t seed) : random(seed), definition(random_definition(random)) { start(); }

  void start() {
    auto ids = last_id;
    scorer = std::make_unique<Scorer>(definition, [ids] { return AlertId{0, ++*ids}; });
  }

  void restart() {
    const std::string text = scorer->save(now());
    if (below(random, 3) == 0) {  // another boot: monotonic time begins anew, wall time goes on
      boot.low += 1;
      mono = Millis{below(random, 100'000)};
    }
    const Millis down{below(random, 2) * below(random, 9000)};
    mono += down;
    wall += down;
    start();
    const auto restored = scorer->restore(text, now());
    ASSERT_TRUE(restored) << restored.error().message;
    ASSERT_EQ(describe(scorer->active()), last_active) << "what was active is";
  }

  void pass(Millis time) {
    wall += time;
    mono += time;
    true_mono += time;
  }
  Instant now() const { return {wall, MonoTime{mono}, boot}; }

  Random random;
  Definition definition;
  std::shared_ptr<std::uint64_t> last_id = std::make_shared<std::uint64_t>(0);
  std::unique_ptr<Scorer> scorer;
  BootId boot{0, 1};
  WallTime wall = wall_from_ms(kWallStart);
  Millis mono{5000}, true_mono{0};
  std::string last_active;
};

void expect_decision(const AlertTransition& actual, const NaiveLimits::Decision& wanted, const Sample& sample) {
  EXPECT_EQ(actual.step, wanted.step);
  EXPECT_EQ(actual.level, wanted.level);
  EXPECT_EQ(actual.evidence.since, wanted.since);
  EXPECT_EQ(actual.evidence.value, sample.value);
  EXPECT_EQ(actual.evidence.quality, sample.quality);
  if (std::isnan(wanted.limit))
    EXPECT_TRUE(std::isnan(actual.evidence.limit));
  else
    EXPECT_EQ(actual.evidence.limit, wanted.limit);
}

/// What holds for every transition whatever the limits are.
void expect_lawful(const AlertTransition& t, const Sample& sample,
                   std::map<std::pair<std::string, std::string>, AlertTransition>& book) {
  const auto key = std::pair(t.source, t.rule);
  const auto before = book.find(key);
  if (before == book.end()) {
    EXPECT_EQ(t.step, AlertStep::raised);
    EXPECT_EQ(t.version, 1u);
  } else {
    EXPECT_EQ(t.alert, before->second.alert);
    EXPECT_EQ(t.version, before->second.version + 1);
  }
  const bool eases = t.step == AlertStep::downgraded || t.step == AlertStep::latched || t.step == AlertStep::cleared;
  EXPECT_TRUE(!eases || good(sample)) << "only good data eases an alert";
  EXPECT_TRUE(t.score >= 0 && t.score <= 100);
  if (t.step == AlertStep::raised || t.step == AlertStep::upgraded) EXPECT_GE(t.score, anchor(t.level));
  if (before != book.end() && before->second.level == Level::red && eases && t.step != AlertStep::latched)
    EXPECT_FALSE(t.actor.empty());
  if (t.active())
    book[key] = t;
  else
    book.erase(key);
}

void walk_once(std::uint64_t seed, bool restarts, int steps) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  World world(seed);
  Random& random = world.random;
  std::vector<NaiveLimits> oracle;  // high and low of each point
  for (const auto& point : world.definition.points)
    for (const bool high : {true, false}) oracle.emplace_back(point.limits, high);
  std::map<std::string, NaiveWatch> watches{{"site-a/tank-1", NaiveWatch(2)}, {"site-a/crane-2", NaiveWatch(1)}};
  std::vector<Walk> walks(3);
  std::map<std::pair<std::string, std::string>, AlertTransition> book;

  for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
    if (restarts && below(random, 10) == 0) {
      const WallTime wall = world.wall;
      world.restart();
      world.true_mono += world.wall - wall;
    }
    world.pass(Millis{below(random, 4) * 1000});
    const auto point = std::uint32_t(below(random, 3));
    const Sample sample = walks[point].next(random, point, MonoTime{world.mono}, world.wall);
    Sample truth = sample;  // as it would be had the machine never been booted
    truth.mono = MonoTime{world.true_mono};

    const auto actual = world.scorer->apply(sample);
    std::size_t seen = 0;
    for (const bool high : {true, false}) {
      const auto wanted = oracle[2 * point + (high ? 0 : 1)].see(truth);
      if (!wanted) continue;
      ASSERT_LT(seen, actual.size()) << "missing: " << to_string(wanted->step) << " at step " << step;
      EXPECT_EQ(actual[seen].rule, high ? "high" : "low");
      expect_decision(actual[seen++], *wanted, sample);
    }
    const std::string device = point == 2 ? "site-a/crane-2" : "site-a/tank-1";
    if (const auto wanted = watches.at(device).see(truth)) {
      ASSERT_LT(seen, actual.size());
      EXPECT_EQ(actual[seen].rule, "comm");
      EXPECT_EQ(actual[seen++].step, *wanted);
    }
    EXPECT_EQ(seen, actual.size()) << "too many: " << describe(actual);
    for (const auto& t : actual) expect_lawful(t, sample, book);

    if (below(random, 6) == 0) {
      const bool high = below(random, 2);
      const std::string source = world.definition.points[point].path.str();
      const auto done = world.scorer->reset(source, high ? "high" : "low", "王工", world.wall, MonoTime{world.mono});
      const auto wanted = oracle[2 * point + (high ? 0 : 1)].reset(world.wall);
      ASSERT_EQ(done.has_value(), wanted.has_value()) << (done ? describe(*done) : done.error().message);
      if (done) {
        expect_decision(*done, *wanted, sample);
        EXPECT_EQ(done->actor, "王工");
        expect_lawful(*done, sample, book);
      }
    }
    std::vector<AlertTransition> listed;
    for (const auto& alert : world.scorer->active()) {
      const auto known = book.find({alert.source, alert.rule});
      ASSERT_NE(known, book.end());
      EXPECT_EQ(alert.version, known->second.version);
    }
    EXPECT_EQ(world.scorer->active().size(), book.size());
    world.last_active = describe(world.scorer->active());
  }
}

TEST(ScorerProperty, DecidesAsTheNaiveOracle) {
  for (std::uint64_t seed = 1; seed <= 300 && !HasFailure(); ++seed) walk_once(seed, false, 300);
}

TEST(ScorerProperty, DecidesTheSameThroughRestartsAndReboots) {
  for (std::uint64_t seed = 1001; seed <= 1300 && !HasFailure(); ++seed) walk_once(seed, true, 300);
}

TEST(ScorerProperty, NeverChattersWithinTheDeadband) {
  Random random(5);
  Limits limits = usual_limits();
  limits.deadband = 5;
  limits.on_delay = limits.off_delay = Millis{0};
  LimitEngine engine(one_point(limits), counting_ids());
  engine.apply(sample_at(0, 41));
  ASSERT_EQ(describe(engine.active()), "0 raised blue");
  for (int t = 1; t < 10'000; ++t) EXPECT_TRUE(engine.apply(sample_at(t, 35 + 0.01 * below(random, 2499))).empty());
}

TEST(ScorerProperty, KeepsEveryAlertThroughAnyAmountOfBadData) {
  Random random(6);
  for (const double value : {45.0, 65.0, 80.0, 95.0}) {
    LimitEngine engine(one_point(), counting_ids());
    engine.apply(sample_at(0, value));
    engine.apply(sample_at(10, value));
    const std::string before = describe(engine.active());
    ASSERT_FALSE(before.empty());
    for (int i = 1; i < 2000; ++i) {
      constexpr Quality bad[] = {Quality::stale, Quality::out_of_range, Quality::comm_failure, Quality::device_fault};
      EXPECT_TRUE(engine.apply(sample_at(10 + i * 60, below(random, 2) ? 0 : kNoValue, bad[below(random, 4)])).empty());
    }
    EXPECT_EQ(describe(engine.active()), before);
    EXPECT_GE(engine.risk(), 40);
  }
}

}  // namespace
}  // namespace anlan::edge
