// The chain from samples to the buffer: what is committed when, what waits, what is said of what found no room.
#include "edge/app/pipeline.hpp"

#include <condition_variable>
#include <mutex>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "common/wire/codec.hpp"
#include "tests/support/fake_homes.hpp"
#include "tests/support/forwarding_storage.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/memory_storage.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

/// A disk that a test can read while the pipeline runs, hold up in the middle of a commit, or let fail.
class ScriptedDisk final : public ForwardingStorage {
 public:
  ScriptedDisk() : ForwardingStorage(memory_) {}
  Result<void> apply(const Ledger& after, const Changes& changes) override {
    std::unique_lock lock(mutex_);
    inside_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    inside_ = false;
    if (failing_) return fail(*failing_);
    auto applied = memory_.apply(after, changes);
    if (applied) ++commits_;
    return applied;
  }

  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  bool inside_within(Millis timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [&] { return inside_; });
  }
  void fail_with(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    failing_ = std::move(error);
  }
  int commits() const {
    const std::lock_guard lock(mutex_);
    return commits_;
  }
  MemoryStorage::Disk disk() const {
    const std::lock_guard lock(mutex_);
    return memory_.disk;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  MemoryStorage memory_;
  std::optional<Error> failing_;
  bool held_ = false, inside_ = false;
  int commits_ = 0;
};

Definition definition(const std::vector<std::string>& points) {
  Definition d;
  for (const std::string& name : points) {
    auto& point = d.points.emplace_back();
    point.path = {"s", "d", name};
    point.asset = "s/d";
    point.limits.high.of(Level::red) = 90;
    point.period = Millis{60'000};
  }
  return d;
}

class PipelineTest : public testing::Test {
 protected:
  explicit PipelineTest(std::uint64_t cap = 1'000'000'000, Storage* refuge = nullptr) {
    disk_ = std::make_unique<ScriptedDisk>();
    buffer_ = std::make_unique<AsyncBuffer>(std::make_unique<FakeHomes>(*disk_, refuge),
                                            Buffer::Identity{"edge-1", {7, 7}, {8, 8}, "0.1.0"}, cap, clock_);
    pipeline_ = std::make_unique<Pipeline>(io_.get_executor(), clock_, *buffer_,
                                           Scorer(definition({"p", "q"}), [this] { return AlertId{++ids_, 1}; }),
                                           Pipeline::Settings{Millis{20}, "edge-1", {8, 8}}, metrics_);
    pipeline_->on_alert = [this](const AlertTransition& t) {
      heard_.push_back(std::string(to_string(t.step)) + " " + std::string(to_string(t.level)));
    };
    EXPECT_TRUE(run(buffer_->open()));
    EXPECT_TRUE(run(pipeline_->open("")));
  }
  ~PipelineTest() override {
    stop();
    pipeline_.reset();
    buffer_.reset();  // joins its worker before the loop goes
  }

  template <class T>
  T run(boost::asio::awaitable<T> coroutine) {
    return test::run_coro(io_, std::move(coroutine));
  }
  Result<void> flush() { return run(pipeline_->flush()); }

  /// The loop of the daemon, until the test ends.
  void start() {
    running_ = true;
    boost::asio::co_spawn(
        io_, pipeline_->run(),
        boost::asio::bind_cancellation_slot(stop_.slot(), [this](std::exception_ptr) { running_ = false; }));
  }
  void stop() {
    disk_->release();
    stop_.emit(boost::asio::cancellation_type::terminal);
    EXPECT_TRUE(test::run_until(io_, [&] { return !running_; }));
  }
  /// Runs the loop until a commit stands before the disk that is held up.
  void until_inside() {
    for (int tries = 0; tries < 4000; ++tries) {
      test::ManualClock::run_ready(io_);
      if (disk_->inside_within(Millis{5})) return;
    }
    FAIL() << "no commit comes";
  }
  template <class F>
  void until(F done) {
    ASSERT_TRUE(test::run_until(io_, done));
  }

  Sample sample(double value, std::uint32_t point = 0) {
    clock_.advance(io_, Millis{1});
    return {point, value, Quality::good, clock_.wall(), clock_.mono()};
  }
  void sample_values(const std::vector<double>& values) {
    for (const double value : values) pipeline_->on_samples({sample(value)});
  }

  /// Every value stored, with the name of its point by the definition that its record names.
  std::vector<std::string> stored() {
    std::vector<std::string> out;
    const auto disk = disk_->disk();
    for (const auto& [id, record] : disk.rows) {
      if (record.kind != Kind::samples) continue;
      const Samples samples = decode_samples(record.payload).value();
      const Definition meaning = decode_definition(disk.definitions.at(samples.definition)).value();
      for (const Sample& s : samples.samples)
        out.push_back(meaning.points.at(s.point).path.point + "=" + std::to_string(static_cast<int>(s.value)));
    }
    return out;
  }
  std::vector<Record> events(Kind kind) {
    std::vector<Record> out;
    for (const auto& [id, record] : disk_->disk().rows)
      if (record.kind == kind) out.push_back(record);
    return out;
  }
  std::vector<Loss> losses() {
    std::vector<Loss> out;
    for (const Record& record : events(Kind::gap))
      for (const Loss& loss : decode_gap(record.payload).value().losses) out.push_back(loss);
    return out;
  }

  boost::asio::io_context io_;
  test::ManualClock clock_;
  Metrics metrics_;
  std::unique_ptr<ScriptedDisk> disk_;
  std::unique_ptr<AsyncBuffer> buffer_;
  std::unique_ptr<Pipeline> pipeline_;
  std::vector<std::string> heard_;
  boost::asio::cancellation_signal stop_;
  bool running_ = false;
  std::uint64_t ids_ = 0;
};

const Error kFull{Errc::storage_full, "no space left on the disk"};
using Strings = std::vector<std::string>;

TEST_F(PipelineTest, AnnouncesItsDefinitionFirst) {
  const auto announced = events(Kind::definition);
  ASSERT_EQ(announced.size(), 1u);
  EXPECT_EQ(decode_definition(announced[0].payload), definition({"p", "q"}));
  EXPECT_EQ(disk_->disk().definitions.size(), 1u) << "and keeps it for good";
}

TEST_F(PipelineTest, CommitsSamplesInGroups) {
  start();
  const int before = disk_->commits();
  sample_values({1, 2, 3, 4, 5});
  until([&] { return stored().size() == 5; });
  EXPECT_EQ(disk_->commits(), before + 1);
  EXPECT_EQ(stored(), (Strings{"p=1", "p=2", "p=3", "p=4", "p=5"}));
  sample_values({6});
  until([&] { return stored().size() == 6; });
}

TEST_F(PipelineTest, DoesNotWaitForTheGroupWithAnAlert) {
  Pipeline patient(io_.get_executor(), clock_, *buffer_,
                   Scorer(definition({"p"}), [this] { return AlertId{++ids_, 2}; }),
                   {Millis{3600'000}, "edge-1", {8, 8}}, metrics_);
  ASSERT_TRUE(run(patient.open("")));
  running_ = true;
  boost::asio::co_spawn(
      io_, patient.run(),
      boost::asio::bind_cancellation_slot(stop_.slot(), [this](std::exception_ptr) { running_ = false; }));
  patient.on_samples({sample(50)});
  patient.on_samples({sample(95)});
  until([&] { return !events(Kind::alert).empty(); });
  EXPECT_EQ(decode_alert(events(Kind::alert)[0].payload)->level, Level::red);
  EXPECT_EQ(disk_->disk().ledger.active.size(), 1u) << "active in the same commit";
  EXPECT_FALSE(disk_->disk().engine_state.empty());
  stop();
}

class RefugePipelineTest : public PipelineTest {
 protected:
  RefugePipelineTest() : PipelineTest(1'000'000'000, &memory_) {
    buffer_->new_epoch = [] { return Epoch{7, 8}; };
    pipeline_->on_refuge = [this](const Error& reason) { reasons_.push_back(reason.message); };
  }
  std::size_t in_memory(Kind kind) const {
    return static_cast<std::size_t>(
        std::ranges::count(memory_.disk.rows, kind, [](const auto& row) { return row.second.kind; }));
  }
  MemoryStorage memory_;
  Strings reasons_;
};

TEST_F(RefugePipelineTest, StoresInMemoryWhatTheDiskDoesNotTake) {
  disk_->fail_with(Error{Errc::storage_failed, "read-only"});
  sample_values({50, 95});
  ASSERT_TRUE(flush());
  EXPECT_EQ(in_memory(Kind::alert), 1u);
  EXPECT_GE(in_memory(Kind::samples), 1u);
  ASSERT_EQ(reasons_.size(), 1u);
  EXPECT_NE(reasons_[0].find("read-only"), std::string::npos);
  sample_values({96});
  ASSERT_TRUE(flush());
  EXPECT_FALSE(memory_.disk.engine_state.empty());
  EXPECT_EQ(reasons_.size(), 1u);
}

TEST_F(PipelineTest, AMaintenanceIsAnEventAndItsEndComesByItself) {
  boost::asio::cancellation_signal cancel;
  bool watching = true;
  boost::asio::co_spawn(
      io_, pipeline_->watch_maintenance(),
      boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr) { watching = false; }));
  ASSERT_TRUE(pipeline_->begin_maintenance("s/d", "王工", "标定", Millis{1'800'000}));
  sample_values({95});
  ASSERT_TRUE(flush());
  const auto begun = decode_edge_event(events(Kind::edge_event).at(0).payload).value();
  EXPECT_EQ(begun.what, "maintenance-begin");
  EXPECT_EQ(begun.actor, "王工");
  EXPECT_EQ(begun.maintenance->reason, "标定");
  EXPECT_EQ(begun.maintenance->until - begun.maintenance->since, Millis{1'800'000});
  EXPECT_EQ(decode_alert(events(Kind::alert).at(0).payload)->maintenance, Level::none);
  EXPECT_EQ(disk_->disk().ledger.active.begin()->second.maintenance, Level::none) << "so a hello says it too";
  clock_.advance(io_, Millis{1'800'000});
  until([&] { return heard_.size() == 2; });
  ASSERT_TRUE(flush());
  const auto ended = decode_edge_event(events(Kind::edge_event).at(1).payload).value();
  EXPECT_EQ(ended.what, "maintenance-end");
  EXPECT_EQ(ended.actor, "") << "nobody ended it: its time did";
  EXPECT_EQ(ended.maintenance->id, begun.maintenance->id);
  EXPECT_FALSE(decode_alert(events(Kind::alert).at(1).payload)->maintenance) << "live now";
  cancel.emit(boost::asio::cancellation_type::terminal);
  until([&] { return !watching; });
}

TEST_F(PipelineTest, AMaintenanceThatRanOutWhileTheDaemonWasAwayIsOverAtTheStart) {
  ASSERT_TRUE(pipeline_->begin_maintenance("s/d", "王工", "", Millis{60'000}));
  sample_values({95});
  ASSERT_TRUE(flush());
  const std::string state = disk_->disk().engine_state;
  clock_.advance(io_, Millis{60'000});
  Pipeline next(io_.get_executor(), clock_, *buffer_, Scorer(definition({"p"}), [this] { return AlertId{++ids_, 3}; }),
                {Millis{20}, "edge-1", {8, 8}}, metrics_);
  std::vector<std::optional<Level>> marks;
  next.on_alert = [&](const AlertTransition& t) { marks.push_back(t.maintenance); };
  ASSERT_TRUE(run(next.open(state)));
  ASSERT_FALSE(marks.empty());
  for (const auto& mark : marks) EXPECT_EQ(mark, std::nullopt) << "it rings at once";
  EXPECT_EQ(decode_edge_event(events(Kind::edge_event).back().payload)->what, "maintenance-end");
}

TEST_F(PipelineTest, TheLocalAlarmWaitsForNoDisk) {
  start();
  disk_->hold();
  sample_values({95});
  until_inside();
  EXPECT_EQ(heard_, Strings{"raised red"});
  EXPECT_TRUE(events(Kind::alert).empty());
}

TEST_F(PipelineTest, SaysWhichPointsDeserveACloserLook) {
  std::vector<std::uint32_t> raised;
  pipeline_->on_raised = [&](std::uint32_t point) { raised.push_back(point); };
  pipeline_->on_samples({sample(1, 0), sample(89, 1), sample(1, 1), sample(95, 0)});
  EXPECT_EQ(raised, (std::vector<std::uint32_t>{1, 0}));
}

TEST_F(PipelineTest, KeepsWhatAFailedCommitLeaves) {
  disk_->fail_with(Error{Errc::storage_failed, "the disk is gone"});
  sample_values({1, 95});
  pipeline_->on_event(Kind::edge_event, {"s/d", "device-lost", "", ""});
  EXPECT_FALSE(flush());
  sample_values({96});
  EXPECT_FALSE(flush());
  EXPECT_TRUE(stored().empty());
  disk_->fail_with(std::nullopt);
  ASSERT_TRUE(flush());
  EXPECT_EQ(stored(), (Strings{"p=1", "p=95", "p=96"})) << "in the order in which they were taken";
  EXPECT_EQ(events(Kind::alert).size(), 1u);
  EXPECT_EQ(events(Kind::edge_event).size(), 1u);
  EXPECT_EQ(disk_->disk().ledger.active.size(), 1u);
  EXPECT_TRUE(losses().empty());
}

TEST_F(PipelineTest, TriesAgainByItself) {
  start();
  disk_->fail_with(Error{Errc::storage_failed, "the disk is gone"});
  sample_values({1});
  until([&] { return disk_->commits() == 2 || true; });
  disk_->fail_with(std::nullopt);
  until([&] {
    clock_.advance(io_, Millis{100});
    return stored().size() == 1;
  });
}

// ---- on-change reporting
// -----------------------------------------------------------------------------------------------

TEST_F(PipelineTest, KeepsOnlyWhatSaysSomethingNewButScoresEverySample) {
  pipeline_->reconfigure(definition({"p", "q"}), {}, {ReportRule{true, 2, Millis{60'000}}, ReportRule{}});
  sample_values({10, 11, 9, 10, 11, 95, 94, 95});
  pipeline_->on_samples({sample(1, 1), sample(1, 1)});
  ASSERT_TRUE(flush());
  EXPECT_EQ(stored(), (Strings{"p=10", "p=9", "p=95", "q=1", "q=1"}));
  EXPECT_EQ(events(Kind::alert).size(), 1u);
}

TEST_F(PipelineTest, TheCentreExpectsAnUnchangedPointByItsHeartbeatTheScoreByItsPolls) {
  auto fast = definition({"p"});
  fast.points[0].period = Millis{1'000};
  pipeline_->reconfigure(fast, {}, {ReportRule{true, 2, Millis{300'000}}});
  ASSERT_TRUE(flush());
  EXPECT_EQ(decode_definition(events(Kind::definition).back().payload).value().points[0].period, Millis{300'000});
  EXPECT_EQ(pipeline_->scorer().definition()->points[0].period, Millis{1'000});
}

TEST_F(PipelineTest, WhatIsHeldBackGoesWithItsOwnDefinitionAndBeforeTheEnd) {
  pipeline_->reconfigure(definition({"p"}), {}, {ReportRule{true, 5, Millis{60'000}}});
  sample_values({10, 14});
  pipeline_->reconfigure(definition({"q"}), {}, {ReportRule{true, 5, Millis{60'000}}});
  sample_values({10, 6});
  ASSERT_TRUE(flush());
  EXPECT_EQ(stored(), (Strings{"p=10", "p=14", "q=10"}));
  ASSERT_TRUE(run(pipeline_->finish()));
  EXPECT_EQ(stored(), (Strings{"p=10", "p=14", "q=10", "q=6"}));
}

// ---- no room
// ----------------------------------------------------------------------------------------------------------

class SmallBufferTest : public PipelineTest {
 protected:
  SmallBufferTest() : PipelineTest(6000) {}
  /// Until the buffer takes no more samples: all that it holds is in flight, so nothing may leave for them.
  void fill() {
    std::size_t before = ~std::size_t{0};
    while (stored().size() != before) {
      before = stored().size();
      sample_values({1});
      ASSERT_TRUE(flush()) << "a full buffer refuses samples, not the commit";
      send_all();
    }
  }
  void send_all() {
    const auto ledger = buffer_->ledger();
    for (const auto& [place, state] : ledger->places)
      ASSERT_TRUE(run(buffer_->read_to_send(place, state.held, 1'000'000, 1'000'000'000)));
  }
};

TEST_F(SmallBufferTest, AlertsAreStoredWhereSamplesAreRefused) {
  fill();
  const std::size_t samples = stored().size();
  sample_values({95});
  ASSERT_TRUE(flush());
  EXPECT_EQ(events(Kind::alert).size(), 1u);
  EXPECT_EQ(stored().size(), samples);
}

TEST_F(SmallBufferTest, SamplesThatFoundNoRoomAreSaidInAGap) {
  fill();
  const std::size_t before = losses().size();
  const WallTime from = clock_.wall();
  const std::vector<Sample> refused{sample(1, 0), sample(2, 1), sample(3, 0)};
  pipeline_->on_samples(refused);
  ASSERT_TRUE(flush());
  const auto said = losses();
  ASSERT_EQ(said.size(), before + 2);
  for (const Loss& loss : said) {
    if (loss.from <= from) continue;
    EXPECT_EQ(loss.reason, LossReason::refused);
    EXPECT_EQ(loss.count, loss.point == "s/d/p" ? 2u : 1u) << loss.point;
    EXPECT_EQ(loss.from, refused[loss.point == "s/d/p" ? 0 : 1].time);
    EXPECT_EQ(loss.to, refused[loss.point == "s/d/p" ? 2 : 1].time);
  }
}

/// A full buffer must not fill its reserve with gaps.
TEST_F(SmallBufferTest, SaysLossesAtMostEveryTenSeconds) {
  fill();
  const auto lost = [&] { return metrics_.counter("anlan_edge_samples_lost_total", "").value(); };
  const std::size_t before = losses().size();
  start();
  for (int i = 0; i < 5; ++i) {
    const double known = lost();
    sample_values({1});
    until([&] { return lost() > known; });
  }
  EXPECT_EQ(losses().size(), before);
  clock_.advance(io_, Millis{10'000});
  until([&] { return losses().size() > before; });
  EXPECT_EQ(losses().size(), before + 1);
  EXPECT_EQ(losses().back().count, 5u);
}

TEST_F(SmallBufferTest, WhatWasLostIsSaidBeforeItStops) {
  fill();
  ASSERT_TRUE(flush());
  EXPECT_EQ(losses().size(), 1u) << "flush() is the last thing that a daemon does";
}

TEST_F(PipelineTest, AFullDiskLosesNothingThatFitsIntoMemory) {
  disk_->fail_with(kFull);
  sample_values({1, 2});
  EXPECT_FALSE(flush());
  disk_->fail_with(std::nullopt);
  ASSERT_TRUE(flush());
  EXPECT_EQ(stored().size(), 2u);
  EXPECT_TRUE(losses().empty());
}

TEST_F(PipelineTest, BoundsWhatWaitsAndSaysWhatItDropped) {
  const std::vector<Sample> many(150'000, sample(1, 1));
  const Sample last = sample(7);
  for (int i = 0; i < 4; ++i) pipeline_->on_samples(many);
  pipeline_->on_samples({last});
  start();
  until([&] { return stored().size() >= 500'000; });
  EXPECT_EQ(stored().size(), 500'000u);
  stop();
  ASSERT_TRUE(flush());
  ASSERT_EQ(losses().size(), 1u);
  EXPECT_EQ(losses()[0].count, 100'001u) << "the oldest";
  EXPECT_EQ(losses()[0].point, "s/d/q");
}

// ---- reconfiguration
// --------------------------------------------------------------------------------------------------

TEST_F(PipelineTest, SamplesKeepTheDefinitionUnderWhichTheyWereTaken) {
  pipeline_->on_samples({sample(1, 0), sample(2, 1)});
  pipeline_->reconfigure(definition({"q"}), {});
  pipeline_->on_samples({sample(3, 0)});
  ASSERT_TRUE(flush());
  EXPECT_EQ(stored(), (Strings{"p=1", "q=2", "q=3"}));
  EXPECT_EQ(events(Kind::definition).size(), 2u);
}

TEST_F(PipelineTest, SoDoSamplesWhoseCommitFailedMeanwhile) {
  disk_->hold();
  pipeline_->on_samples({sample(1, 0), sample(2, 1)});
  bool done = false;
  boost::asio::co_spawn(io_, pipeline_->flush(), [&](std::exception_ptr, Result<void> result) { done = !result; });
  until_inside();
  pipeline_->reconfigure(definition({"q"}), {});
  pipeline_->on_samples({sample(3, 0)});
  disk_->fail_with(Error{Errc::storage_failed, "the disk is gone"});
  disk_->release();
  until([&] { return done; });
  disk_->fail_with(std::nullopt);
  ASSERT_TRUE(flush());
  EXPECT_EQ(stored(), (Strings{"p=1", "q=2", "q=3"})) << "not under the points of another definition";
}

TEST_F(SmallBufferTest, SamplesRefusedAfterAReconfigurationAreSaidUnderTheirOwnPoints) {
  fill();
  ASSERT_TRUE(flush());
  disk_->hold();
  pipeline_->on_samples({sample(2, 1)});
  bool done = false;
  boost::asio::co_spawn(io_, pipeline_->flush(), [&](std::exception_ptr, Result<void>) { done = true; });
  test::ManualClock::run_ready(io_);              // handed over: the samples are on their way
  pipeline_->reconfigure(definition({"z"}), {});  // the point has no such number any more
  disk_->release();
  until([&] { return done; });
  ASSERT_TRUE(flush());
  EXPECT_EQ(losses().back().point, "s/d/q");
}

TEST_F(SmallBufferTest, EventsAreStoredWhereOldSamplesAreRefused) {
  fill();
  pipeline_->on_samples({sample(1)});
  pipeline_->reconfigure(definition({"q"}), {});
  pipeline_->on_samples({sample(95)});
  ASSERT_TRUE(flush());
  EXPECT_EQ(events(Kind::alert).size(), 1u);
  EXPECT_EQ(events(Kind::definition).size(), 2u);
}

// ---- restarts
// ---------------------------------------------------------------------------------------------------------

TEST_F(PipelineTest, GoesOnWithItsAlertsAfterARestart) {
  sample_values({95});
  ASSERT_TRUE(flush());
  const auto state = disk_->disk().engine_state;
  heard_.clear();
  Pipeline next(io_.get_executor(), clock_, *buffer_,
                Scorer(definition({"p", "q"}), [this] { return AlertId{++ids_, 3}; }), {Millis{20}, "edge-1", {8, 8}},
                metrics_);
  next.on_alert = pipeline_->on_alert;
  ASSERT_TRUE(run(next.open(state)));
  EXPECT_EQ(heard_, Strings{"raised red"}) << "the annunciator hears what goes on";
  EXPECT_EQ(next.scorer().active().size(), 1u);
}

TEST_F(PipelineTest, LosesNoAlertWhereTheSavedStateCannotBeRead) {
  sample_values({95});
  ASSERT_TRUE(flush());
  Pipeline next(io_.get_executor(), clock_, *buffer_,
                Scorer(definition({"p", "q"}), [this] { return AlertId{++ids_, 3}; }), {Millis{20}, "edge-1", {8, 8}},
                metrics_);
  ASSERT_TRUE(run(next.open("not a state")));
  EXPECT_EQ(next.scorer().active().size(), 1u);
  EXPECT_EQ(disk_->disk().ledger.active.size(), 1u);
}

/// Stopped in the middle of a commit, whichever way it ends: what was taken is stored once, or waits for the last
/// flush.
TEST_F(PipelineTest, LosesNothingWhereItIsStoppedInTheMiddleOfACommit) {
  for (const bool fails : {false, true}) {
    const std::size_t before = stored().size(), alerts = events(Kind::edge_event).size();
    start();
    disk_->hold();
    sample_values({1, 2});
    pipeline_->on_event(Kind::edge_event, {"s/d", "x", "", ""});
    until_inside();
    if (fails) disk_->fail_with(kFull);
    stop();
    disk_->fail_with(std::nullopt);
    ASSERT_TRUE(flush());
    EXPECT_EQ(stored().size(), before + 2) << fails;
    EXPECT_EQ(events(Kind::edge_event).size(), alerts + 1) << fails;
  }
}

}  // namespace
}  // namespace anlan::edge
