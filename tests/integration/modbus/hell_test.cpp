// What a slave that does everything wrong cannot do: make a wrong value, or disturb anybody else.
#include <map>
#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "edge/sensor/modbus_bus.hpp"
#include "edge/sensor/sensor_metrics.hpp"
#include "tests/integration/modbus/slave.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;
using Kind = BusError::Kind;

constexpr int kRegisters = 4, kUnits = 17, kRounds = 8;

/// These answer well in the end, however slow the machine is; the others are not waited for long.
bool answers_well(int unit) { return unit == 1 || unit == 6 || unit == 7 || unit == 10 || unit == 15; }

/// As slave_from_hell.py lays them out.
bool right(const Words& words, int unit, int address) {
  for (int i = 0; i < static_cast<int>(words.size()); ++i) {
    const bool own_address = (address + i) % 2 == 0;
    if (own_address ? words[i] != address + i : words[i] >> 8 != unit) return false;
  }
  return words.size() == kRegisters;
}

struct Hell : testing::TestWithParam<std::string> {
  const bool rtu = GetParam().starts_with("rtu");
  asio::io_context io;
  Metrics metrics;
  BusFactory factory = modbus_factory(io.get_executor(), metrics, 1);
  test::Slave hell{"slave_from_hell.py", GetParam()}, neighbour{"slave_from_hell.py"};
  std::unique_ptr<Bus> bus = factory(hell.endpoint()), other_bus = factory(neighbour.endpoint());
  std::map<std::string, int> causes;  // of failed requests
  std::map<int, int> answered;        // by unit
  int address = 0;

  void read(int unit) {
    address = (address + kRegisters) % 40'000;
    const ReadRequest request{.unit = unit,
                              .table = Table::holding_registers,
                              .address = static_cast<std::uint16_t>(address),
                              .count = kRegisters,
                              .timeout = answers_well(unit) ? Millis{5'000} : Millis{100}};
    const auto words = test::run_coro(io, bus->read(request));
    if (words) {
      ++answered[unit];
      EXPECT_TRUE(right(*words, unit, address)) << "unit " << unit << ", address " << address;
    } else {
      EXPECT_NE(unit, 1) << words.error().message;
      ++causes[std::string(cause_of(words.error()))];
    }
  }

  double dropped(const std::string& kind) { return metrics.at(kBusFailures, {kind}).value(); }
};

asio::awaitable<void> read_on(Bus& bus, std::shared_ptr<const bool> stop, int& good, int& bad) {
  for (int address = 0; !*stop; address = (address + 2) % 1'000) {
    const ReadRequest request{.unit = 1,
                              .table = Table::holding_registers,
                              .address = static_cast<std::uint16_t>(address),
                              .count = kRegisters,
                              .timeout = Millis{10'000}};
    const auto words = co_await bus.read(request);
    ++(words && right(*words, 1, address) ? good : bad);
  }
}

TEST_P(Hell, NeverMakesAWrongValueAndDisturbsNobodyElse) {
  const auto stop = std::make_shared<bool>(false);
  bool ended = false;
  int good = 0, bad = 0;
  asio::co_spawn(io, read_on(*other_bus, stop, good, bad), [&](std::exception_ptr) { ended = true; });
  for (int round = 0; round < kRounds; ++round)
    for (int unit = 2; unit <= kUnits; ++unit) {
      read(unit);
      read(1);
    }
  *stop = true;
  ASSERT_TRUE(test::run_until(io, [&] { return ended; }));
  EXPECT_EQ(bad, 0) << "behind another endpoint";
  EXPECT_GT(good, 100);

  EXPECT_EQ(answered[1], kRounds * (kUnits - 1)) << "a well unit behind the same endpoint";
  for (const int unit : {6, 10}) EXPECT_EQ(answered[unit], kRounds) << unit;
  for (const int unit : {3, 4, 5, 8, 9, 11, 12, 13, 14, 16, 17})
    if (unit != 4 || !rtu) EXPECT_EQ(answered[unit], 0) << unit;

  for (const char* kind : {"late", "doubled"}) EXPECT_GT(dropped(kind), 0) << kind;
  EXPECT_GT(dropped(rtu ? "wrong-unit" : "stray"), 0);
  for (const char* cause : {"no-answer", "exception", "wrong-length"}) EXPECT_GT(causes[cause], 0) << cause;
  if (!rtu)
    for (const char* cause : {"wrong-unit", "wrong-function", "garbage", "cut"}) EXPECT_GT(causes[cause], 0) << cause;
  else
    EXPECT_GT(causes["bad-crc"], 0);
}

TEST_P(Hell, NamesEveryException) {
  for (int code = 1; code <= 255; ++code) {
    ReadRequest request{.unit = 9, .table = Table::holding_registers};
    const auto words = test::run_coro(io, bus->read(request));
    ASSERT_FALSE(words);
    const bool gateway = code == 10 || code == 11;
    EXPECT_EQ(words.error().kind, gateway ? Kind::no_answer : Kind::exception) << code;
    EXPECT_EQ(words.error().exception_code, code);
  }
  EXPECT_EQ(metrics.text().find("kind=\"garbage\""), std::string::npos) << rtu;
}

INSTANTIATE_TEST_SUITE_P(Transports, Hell, testing::Values("tcp", "tls", "rtutcp", "rtu"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace anlan::edge
