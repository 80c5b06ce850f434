// Promises 3 and 7 by the clock: what a restart, a kill and a set clock do to a running delay, and how each record says
// how its clock stood. One process after the other over one disk; a kill is a process that nobody ended.
#include <gtest/gtest.h>

#include "common/wire/codec.hpp"
#include "edge/app/pipeline.hpp"
#include "tests/support/fake_homes.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_storage.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

constexpr Millis kDelay{10'000}, kPeriod{250};
constexpr BootId kBoot{8, 8};

Definition one_point() {
  Definition d;
  auto& point = d.points.emplace_back();
  point.path = {"s", "d", "p"};
  point.limits.high.of(Level::yellow) = 60;
  point.limits.on_delay = kDelay;
  point.period = kPeriod;
  return d;
}

class PipelineClockTest : public testing::Test {
 protected:
  PipelineClockTest() { start(); }
  ~PipelineClockTest() override { kill(); }

  void start() {
    ++process_;
    buffer_ =
        std::make_unique<AsyncBuffer>(std::make_unique<FakeHomes>(disk_),
                                      Buffer::Identity{"edge-1", {process_, 7}, kBoot, "0.1.0"}, 1'000'000, clock_);
    pipeline_ = std::make_unique<Pipeline>(io_.get_executor(), clock_, *buffer_,
                                           Scorer(one_point(), [this] { return AlertId{++ids_, process_}; }),
                                           Pipeline::Settings{Millis{250}, "edge-1", kBoot}, metrics_);
    pipeline_->on_alert = [this](const AlertTransition& t) {
      if (!raised_ && t.step == AlertStep::raised) raised_ = clock_.mono();
    };
    const auto state = test::run_coro(io_, buffer_->open());
    ASSERT_TRUE(state);
    ASSERT_TRUE(test::run_coro(io_, pipeline_->open(*state)));
  }
  /// What was not committed never was.
  void kill() {
    pipeline_.reset();
    buffer_.reset();
  }
  void read(double value) {
    pipeline_->on_samples({{0, value, Quality::good, clock_.wall(), clock_.mono()}});
    ASSERT_TRUE(test::run_coro(io_, pipeline_->flush()));
    clock_.advance(io_, kPeriod);
  }
  std::vector<Record> records() const {
    std::vector<Record> all;
    for (const auto& [id, record] : disk_.disk.rows) all.push_back(record);
    return all;
  }

  test::ManualClock clock_;
  Metrics metrics_;
  boost::asio::io_context io_;
  MemoryStorage disk_;
  std::unique_ptr<AsyncBuffer> buffer_;
  std::unique_ptr<Pipeline> pipeline_;
  std::optional<MonoTime> raised_;
  std::uint64_t process_ = 0, ids_ = 0;
};

TEST_F(PipelineClockTest, AKillInTheMiddleOfADelayMovesItByLessThanASecond) {
  for (int at = 0; at < 38; at += 3) {
    SCOPED_TRACE("killed after " + std::to_string(at) + " readings");
    read(20);
    const MonoTime began = clock_.mono();
    raised_.reset();
    for (int i = 0; i < 60 && !raised_; ++i) {
      if (i == at) {
        pipeline_->on_samples({{0, 70, Quality::good, clock_.wall(), clock_.mono()}});  // and nobody commits it
        kill();
        clock_.advance(io_, Millis{500});
        start();
      }
      read(70);
    }
    ASSERT_TRUE(raised_);
    EXPECT_GE(*raised_ - began, kDelay);
    EXPECT_LE(*raised_ - began, kDelay + Millis{1'000});
    for (int i = 0; i < 3; ++i) read(20);
    ASSERT_TRUE(pipeline_->scorer().active().empty());
  }
}

TEST_F(PipelineClockTest, ASetClockChangesNoDelay) {
  for (const Millis by : {Millis{3'600'000}, Millis{-3'600'000}}) {
    read(20);
    const MonoTime began = clock_.mono();
    raised_.reset();
    for (int i = 0; i < 60 && !raised_; ++i) {
      if (i == 20) clock_.step_wall(by);
      read(70);
    }
    ASSERT_TRUE(raised_);
    EXPECT_EQ(*raised_ - began, kDelay);
    for (int i = 0; i < 3; ++i) read(20);
  }
}

/// A box without a clock begins in 1970; later its clock is set. Each record says how its clock stood, both its times,
/// and the order is that of the sequences.
TEST_F(PipelineClockTest, RecordsSayHowTheirClockStood) {
  clock_.step_wall(Millis{5'000} - clock_.wall().time_since_epoch());
  read(1);
  const WallTime before = clock_.wall();
  clock_.step_wall(Millis{1'800'000'000'000});
  clock_.in_sync = true;
  pipeline_->on_event(Kind::clock_step, {"edge-1", "clock-step", "1800000000000 ms", ""});
  read(2);
  clock_.step_wall(Millis{-3'600'000});
  read(3);
  std::vector<Record> samples;
  std::optional<Record> step;
  for (const Record& record : records()) {
    if (record.kind == Kind::samples) samples.push_back(record);
    if (record.kind == Kind::clock_step) step = record;
  }
  ASSERT_EQ(samples.size(), 3u);
  EXPECT_LT(samples[0].wall, before);
  EXPECT_EQ(samples[0].clock, ClockState::unsynced);
  EXPECT_EQ(samples[1].clock, ClockState::synced);
  EXPECT_LT(samples[2].wall, samples[1].wall) << "set back; it is what it was";
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(samples[i].id.sequence, i);
    EXPECT_EQ(decode_samples(samples[i].payload)->samples.at(0).value, static_cast<double>(i + 1));
    if (i > 0) EXPECT_GT(samples[i].mono, samples[i - 1].mono);
  }
  ASSERT_TRUE(step);
  EXPECT_EQ(decode_edge_event(step->payload)->detail, "1800000000000 ms");
}

}  // namespace
}  // namespace anlan::edge
