#include "edge/annunciator/annunciator_driver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "tests/support/run_coro.hpp"
#include "tests/unit/edge/annunciator/transitions.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;

struct HandClock final : Clock {
  WallTime wall() const override { return wall_from_ms(0); }
  MonoTime mono() const override { return now; }
  asio::awaitable<void> sleep_until(MonoTime) override { co_return; }
  MonoTime now = mono_from_ms(5000);
};

struct FakeSounder final : Sounder {
  explicit FakeSounder(asio::io_context& io) : answer(io) {}

  asio::awaitable<Result<void>> show(const AnnunciatorOutput& output) override {
    shown.push_back(output);
    if (hangs) {
      answer.expires_at(asio::steady_timer::time_point::max());
      boost::system::error_code ignored;
      co_await answer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (dead) co_return fail(Errc::timeout, "no answer after 500 ms");
    co_return Result<void>{};
  }
  std::string name() const override { return "fake"; }

  asio::steady_timer answer;
  std::vector<AnnunciatorOutput> shown;
  bool dead = false, hangs = false;
};

struct AnnunciatorDriverTest : testing::Test {
  void start(Millis beat = Millis{3'600'000}) {
    driver.emplace(io.get_executor(), Annunciator(Level::orange, beat), sounder, clock, metrics);
    asio::co_spawn(io, driver->run(), [this](std::exception_ptr e) {
      ended = true;
      failed = e;
    });
    drain();
  }
  void drain() {
    io.restart();
    io.poll();
  }
  double metric(std::string_view name) { return metrics.gauge(name, "").value(); }

  asio::io_context io;
  HandClock clock;
  Metrics metrics;
  FakeSounder sounder{io};
  std::optional<AnnunciatorDriver> driver;
  bool ended = false;
  std::exception_ptr failed;
};

TEST_F(AnnunciatorDriverTest, TellsTheSounderAtOnceWhatIsSo) {
  start();
  EXPECT_EQ(sounder.shown, (std::vector<AnnunciatorOutput>{{false, Level::none, 0}}));
  EXPECT_EQ(metric("anlan_edge_annunciator_up"), 1);
}

TEST_F(AnnunciatorDriverTest, TellsAChangeAtOnceNotAtTheNextBeat) {
  start();
  driver->apply(transition(1, AlertStep::raised, Level::red));
  drain();
  ASSERT_EQ(sounder.shown.size(), 2u);
  EXPECT_EQ(sounder.shown[1], (AnnunciatorOutput{true, Level::red, 0}));
  EXPECT_EQ(driver->shown(), sounder.shown[1]);
  EXPECT_EQ(metric("anlan_edge_annunciator_sounding"), 1);
  EXPECT_EQ(metric("anlan_edge_annunciator_level"), 4);
}

TEST_F(AnnunciatorDriverTest, TellsASilenceAtOnce) {
  start();
  driver->apply(transition(1, AlertStep::raised, Level::red));
  drain();
  ASSERT_TRUE(driver->silence("李工"));
  drain();
  EXPECT_EQ(sounder.shown.back(), (AnnunciatorOutput{false, Level::red, 0}));
  EXPECT_FALSE(driver->silence("李工"));
}

TEST_F(AnnunciatorDriverTest, BeatsWithoutAnyChange) {
  start(Millis{1});
  for (int beat = 1; beat <= 3; ++beat) {
    clock.now += Millis{1};
    const std::size_t before = sounder.shown.size();
    ASSERT_TRUE(test::run_until(io, [&] { return sounder.shown.size() > before; }));
    EXPECT_EQ(sounder.shown.back().beat, beat);
  }
}

TEST_F(AnnunciatorDriverTest, TriesADeadSounderAgainAndReportsIt) {
  sounder.dead = true;
  start(Millis{1});
  ASSERT_TRUE(test::run_until(io, [&] { return sounder.shown.size() >= 3; }));
  EXPECT_EQ(metric("anlan_edge_annunciator_up"), 0);
  EXPECT_GE(metrics.counter("anlan_edge_annunciator_failures_total", "").value(), 2);
  EXPECT_EQ(driver->shown(), std::nullopt);
  driver->apply(transition(1, AlertStep::raised, Level::orange));
  sounder.dead = false;
  ASSERT_TRUE(test::run_until(io, [&] { return driver->shown().has_value(); }));
  EXPECT_TRUE(sounder.shown.back().sound);
  EXPECT_EQ(metric("anlan_edge_annunciator_up"), 1);
}

TEST_F(AnnunciatorDriverTest, NeverKeepsAnybodyWaitingForAHungSounder) {
  sounder.hangs = true;
  start();
  ASSERT_EQ(sounder.shown.size(), 1u);
  driver->apply(transition(1, AlertStep::raised, Level::red));  // returns
  driver->apply(transition(2, AlertStep::raised, Level::orange));
  drain();
  EXPECT_EQ(sounder.shown.size(), 1u) << "one call at a time";
  sounder.hangs = false;
  sounder.answer.cancel();
  drain();
  ASSERT_EQ(sounder.shown.size(), 2u) << "and the newest state as soon as it answers";
  EXPECT_EQ(sounder.shown[1], (AnnunciatorOutput{true, Level::red, 0}));
}

TEST_F(AnnunciatorDriverTest, StopsWithoutWaitingForABeat) {
  start();
  driver->stop();
  driver->stop();
  drain();
  EXPECT_TRUE(ended);
  EXPECT_FALSE(failed);
  EXPECT_EQ(sounder.shown.size(), 1u);
}

}  // namespace
}  // namespace anlan::edge
