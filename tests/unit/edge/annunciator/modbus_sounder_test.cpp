#include "edge/annunciator/modbus_sounder.hpp"

#include <map>

#include <gtest/gtest.h>

#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;

/// Takes every write but those at addresses that fail.
struct FakeBus final : Bus {
  asio::awaitable<BusResult<std::vector<std::uint16_t>>> read(ReadRequest) override {
    co_return std::unexpected(BusError{BusError::Kind::closed, 0, "not read here"});
  }
  asio::awaitable<BusResult<void>> write(WriteRequest request) override {
    written += (written.empty() ? "" : ", ") + std::string(request.table == Table::coils ? "coil " : "register ") +
               std::to_string(request.address) + "=" + std::to_string(request.values.front());
    last = request;
    const auto failure = failures.find(request.address);
    if (failure != failures.end()) co_return std::unexpected(failure->second);
    co_return BusResult<void>{};
  }
  std::map<std::uint16_t, BusError> failures;
  std::string written;
  WriteRequest last;
};

ModbusSounderSettings settings() {
  ModbusSounderSettings s;
  s.name = "modbus+tcp://10.1.2.3:502";
  s.unit = 9;
  s.coil = 1;
  s.level_register = 10;
  s.heartbeat_register = 11;
  s.timeout = Millis{250};
  return s;
}

constexpr AnnunciatorOutput kRed{true, Level::red, 77};

TEST(ModbusSounder, WritesCoilLevelAndHeartbeatInThisOrder) {
  FakeBus bus;
  ModbusSounder sounder(bus, settings());
  EXPECT_TRUE(test::run_coro(sounder.show(kRed)));
  EXPECT_EQ(bus.written, "coil 1=1, register 10=4, register 11=77");
  EXPECT_EQ(bus.last.unit, 9);
  EXPECT_EQ(bus.last.timeout, Millis{250});
  EXPECT_EQ(sounder.name(), "modbus+tcp://10.1.2.3:502 unit 9");
}

TEST(ModbusSounder, SwitchesTheCoilOff) {
  FakeBus bus;
  ModbusSounder sounder(bus, settings());
  EXPECT_TRUE(test::run_coro(sounder.show({false, Level::yellow, 78})));
  EXPECT_EQ(bus.written, "coil 1=0, register 10=2, register 11=78");
}

TEST(ModbusSounder, WritesOnlyWhatIsConfigured) {
  FakeBus bus;
  ModbusSounderSettings only_coil = settings();
  only_coil.level_register.reset();
  only_coil.heartbeat_register.reset();
  ModbusSounder sounder(bus, only_coil);
  EXPECT_TRUE(test::run_coro(sounder.show(kRed)));
  EXPECT_EQ(bus.written, "coil 1=1");
}

TEST(ModbusSounder, StopsAtADeviceThatDoesNotAnswer) {
  FakeBus bus;
  bus.failures[1] = {BusError::Kind::no_answer, 0, "timeout after 250 ms"};
  ModbusSounder sounder(bus, settings());
  const auto result = test::run_coro(sounder.show(kRed));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "writing its coil: timeout after 250 ms");
  EXPECT_EQ(bus.written, "coil 1=1");
}

TEST(ModbusSounder, TriesTheLevelWhereTheCoilIsRefusedButDoesNotBeat) {
  FakeBus bus;
  bus.failures[1] = {BusError::Kind::exception, 2, "illegal data address"};
  ModbusSounder sounder(bus, settings());
  EXPECT_EQ(test::run_coro(sounder.show(kRed)).error().message, "writing its coil: illegal data address");
  EXPECT_EQ(bus.written, "coil 1=1, register 10=4") << "no heartbeat: the device must not trust what it was told";
}

TEST(ModbusSounder, ReportsAHeartbeatThatIsNotTaken) {
  FakeBus bus;
  bus.failures[11] = {BusError::Kind::no_connection, 0, "connection reset"};
  ModbusSounder sounder(bus, settings());
  EXPECT_EQ(test::run_coro(sounder.show(kRed)).error().message, "writing its heartbeat register: connection reset");
}

}  // namespace
}  // namespace anlan::edge
