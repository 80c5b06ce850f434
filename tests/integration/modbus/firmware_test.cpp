// Which firmware a device has, asked by function 43/14 over every transport, of a slave of other people's making.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "edge/sensor/modbus_bus.hpp"
#include "edge/sensor/poller.hpp"
#include "tests/integration/modbus/slave.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;
using test::run_until;

/// Unit 2 of pymodbus_slave.py has input register 0 alone; the profile's base looks for it at 9, the revision at 0.
Poller::Device device(std::uint8_t object, FirmwareRule rule) {
  ProfilePoint base;
  base.name = "p";
  base.source = ModbusSource{.table = Table::input_registers, .address = 9};
  ProfilePoint moved = base;
  std::get<ModbusSource>(moved.source).address = 0;
  Poller::Device made;
  made.name = "s/d";
  made.unit = 2;
  made.timeout = Millis{2'000};
  made.profile = std::vector{base};
  made.paces = {Pace{Millis{100}, Millis{100}}};
  made.points = {0};
  made.revisions.edit().question = FirmwareQuestion{.object = object, .source = {}};
  made.revisions.edit().list = {{.name = "moved", .rule = std::move(rule), .points = {{0, moved}}, .absent = {}}};
  return made;
}

struct Firmware : testing::TestWithParam<const char*> {
  asio::io_context io;
  Metrics metrics;
  SystemClock clock;
  test::Slave slave{"pymodbus_slave.py", GetParam()};
  BusFactory factory = modbus_factory(io.get_executor(), metrics, 1);
  std::vector<Reading> readings;
  std::vector<EdgeEvent> events;
  asio::cancellation_signal stop;
  bool ended = true;
  std::unique_ptr<Poller> poller;

  void run(Poller::Device of) {
    readings.clear();
    poller = std::make_unique<Poller>(
        clock, factory(slave.endpoint()), std::vector{std::move(of)},
        [this](std::vector<Reading> some) { readings.insert(readings.end(), some.begin(), some.end()); },
        [this](EdgeEvent event) { events.push_back(std::move(event)); }, metrics, 1);
    ended = false;
    asio::co_spawn(io, poller->run(),
                   asio::bind_cancellation_slot(stop.slot(), [this](std::exception_ptr) { ended = true; }));
  }
  void end() {
    stop.emit(asio::cancellation_type::terminal);
    EXPECT_TRUE(run_until(io, [this] { return ended; }, Millis{5'000}));
    poller.reset();
  }
  bool said(const std::string& part) const {
    return std::ranges::any_of(events, [&](const EdgeEvent& event) {
      return event.what == "firmware" && event.detail.find(part) != std::string::npos;
    });
  }
  ~Firmware() override {
    ::unsetenv("SLAVE_REVISION");
    if (poller) end();
  }
};

TEST_P(Firmware, DecidesWhatIsRead) {
  run(device(Identification::revision, {.from = "3"}));
  ASSERT_TRUE(run_until(io, [&] { return readings.size() >= 3; }));
  for (const Reading& reading : readings) EXPECT_EQ(reading.registers[0], 2222);
  EXPECT_TRUE(events.empty());
  end();
  run(device(Identification::model, {.exact = "a slave of other people's making"}));
  ASSERT_TRUE(run_until(io, [&] { return !readings.empty(); })) << "an object that is not basic";
  EXPECT_EQ(readings[0].registers[0], 2222);
}

TEST_P(Firmware, ThatNoRevisionMatchesIsNotRead) {
  run(device(Identification::revision, {.exact = "2.9"}));
  ASSERT_TRUE(run_until(io, [&] { return !events.empty() && !readings.empty(); }));
  EXPECT_TRUE(said("3.0: no revision of the profile is for that"));
  EXPECT_EQ(readings[0].quality, Quality::device_fault);
}

TEST_P(Firmware, ThatChangedWhileTheDeviceWasAwayIsNoticedAndReported) {
  run(device(Identification::revision, {.exact = "3.0"}));
  ASSERT_TRUE(run_until(io, [&] { return !readings.empty(); }));
  slave.kill();
  ASSERT_TRUE(run_until(io, [&] { return !events.empty(); }));
  ::setenv("SLAVE_REVISION", "3.1", 1);
  slave.start();
  ASSERT_TRUE(run_until(io, [&] { return said("3.0 before, 3.1 now: no revision"); }, Millis{60'000}));
}

INSTANTIATE_TEST_SUITE_P(Transports, Firmware, testing::Values("tcp", "rtutcp", "tls", "rtu"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace anlan::edge
