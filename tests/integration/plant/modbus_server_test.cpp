// The simulated slaves as a libmodbus master sees them, over loopback.
#include "tests/plant/modbus_server.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <modbus/modbus.h>

#include "common/async/clock.hpp"
#include "tests/plant/plant.hpp"

namespace anlan::plant {
namespace {

/// A master whose answers take at most 300 ms.
class Master {
 public:
  Master(std::uint16_t port, int unit) : context_(modbus_new_tcp("127.0.0.1", port)) {
    modbus_set_slave(context_, unit);
    modbus_set_response_timeout(context_, 0, 300'000);
  }
  ~Master() {
    modbus_close(context_);
    modbus_free(context_);
  }
  Master(const Master&) = delete;
  Master& operator=(const Master&) = delete;

  bool connect() { return modbus_connect(context_) == 0; }

  /// Number of registers, or minus the errno.
  int read(int address, int count) {
    const int got = modbus_read_registers(context_, address, count, words.data());
    return got < 0 ? -errno : got;
  }

  modbus_t* get() { return context_; }
  std::array<std::uint16_t, 125> words{};

 private:
  modbus_t* context_;
};

class PlantOverTcp : public testing::Test {
 protected:
  static Scenario farm() {
    Scenario scenario;
    scenario.endpoints = {{"farm", {"127.0.0.1", 0, true}}};
    for (const int unit : {1, 2}) {
      Device tank{.name = "tank-" + std::to_string(unit), .endpoint = "farm", .unit = unit, .topic = {}, .points = {}};
      for (int i = 0; i < 125; ++i)
        tank.points.push_back(
            {"r" + std::to_string(i), Place{.address = static_cast<std::uint16_t>(i)}, unit * 1000.0 + i});
      for (int i = 0; i < 20; ++i)
        tank.points.push_back(
            {"c" + std::to_string(i),
             Place{.table = Table::coils, .address = static_cast<std::uint16_t>(i), .type = ValueType::boolean},
             static_cast<double>(i % 3 == 0), 0, true});
      tank.points.push_back({"set", Place{.address = 200, .type = ValueType::u32}, 70000, 0, true});
      scenario.devices.push_back(tank);
    }
    return scenario;
  }

  void SetUp() override {
    auto server = ModbusServer::start(
        "127.0.0.1", 0, [this](const Request& request) { return plant.answer("farm", request, clock.mono()); });
    ASSERT_TRUE(server) << server.error().message;
    slaves = *std::move(server);
  }

  void tell(std::string_view line) {
    const auto done = plant.apply(*parse_action(line), clock.mono());
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(slaves->set_open(plant.listening("farm")));
  }

  SystemClock clock;
  Plant plant{farm(), clock.mono()};
  std::unique_ptr<ModbusServer> slaves;
};

TEST_F(PlantOverTcp, EveryRegisterAndCoilReadsAsTheScenarioSays) {
  Master master(slaves->port(), 2);
  ASSERT_TRUE(master.connect());
  ASSERT_EQ(master.read(0, 125), 125);
  for (int i = 0; i < 125; ++i) EXPECT_EQ(master.words[static_cast<std::size_t>(i)], 2000 + i);
  std::array<std::uint8_t, 20> bits{};
  ASSERT_EQ(modbus_read_bits(master.get(), 0, 20, bits.data()), 20);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(bits[static_cast<std::size_t>(i)], i % 3 == 0);
  ASSERT_EQ(modbus_read_bits(master.get(), 9, 5, bits.data()), 5);
  EXPECT_EQ(bits[0], 1);
  EXPECT_EQ(bits[1], 0);
  EXPECT_EQ(bits[3], 1);
}

TEST_F(PlantOverTcp, ExceptionsArriveAsThemselves) {
  Master master(slaves->port(), 1), stranger(slaves->port(), 9);
  ASSERT_TRUE(master.connect() && stranger.connect());
  EXPECT_EQ(master.read(120, 10), -EMBXILADD);
  EXPECT_EQ(stranger.read(0, 1), -EMBXGTAR);
  tell("fault tank-1 exception 4");
  EXPECT_EQ(master.read(0, 1), -EMBXSFAIL);
  tell("fault tank-1 none");
  EXPECT_EQ(master.read(0, 1), 1);
}

TEST_F(PlantOverTcp, WritesAreTakenAndReadBack) {
  Master master(slaves->port(), 1);
  ASSERT_TRUE(master.connect());
  const std::array<std::uint16_t, 2> words{0x0001, 0x86A0};  // 100000
  ASSERT_EQ(modbus_write_registers(master.get(), 200, 2, words.data()), 2);
  ASSERT_EQ(modbus_write_register(master.get(), 201, 0x86A1), 1);
  ASSERT_EQ(modbus_write_bit(master.get(), 1, 1), 1);
  const std::array<std::uint8_t, 10> bits{0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  ASSERT_EQ(modbus_write_bits(master.get(), 5, 10, bits.data()), 10);
  EXPECT_EQ(*plant.apply(Show{"tank-1/set"}, clock.mono()), "tank-1/set 100001\n");
  EXPECT_EQ(*plant.apply(Show{"tank-1/c1"}, clock.mono()), "tank-1/c1 1\n");
  EXPECT_EQ(*plant.apply(Show{"tank-1/c14"}, clock.mono()), "tank-1/c14 1\n");
  EXPECT_EQ(modbus_write_register(master.get(), 3, 7), -1);  // not writable
  EXPECT_EQ(errno, EMBXILADD);
}

TEST_F(PlantOverTcp, AHungUnitHoldsUpNobodyOnAnotherConnection) {
  Master hung(slaves->port(), 1), well(slaves->port(), 2);
  ASSERT_TRUE(hung.connect() && well.connect());
  tell("fault tank-1 hang");
  std::thread waiting([&] { EXPECT_EQ(hung.read(0, 1), -ETIMEDOUT); });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(well.read(0, 10), 10);
  waiting.join();
}

TEST_F(PlantOverTcp, ALateAnswerComesLateAndNotAtAllOnceTheServerEnds) {
  Master master(slaves->port(), 1);
  ASSERT_TRUE(master.connect());
  tell("fault tank-1 late 150ms");
  const MonoTime before = clock.mono();
  EXPECT_EQ(master.read(0, 1), 1);
  EXPECT_GE(clock.mono() - before, Millis{149});
  tell("fault tank-1 late 1h");
  std::thread waiting([&] { EXPECT_LT(master.read(0, 1), 0); });
  while (plant.apply(Show{"tank-1"}, clock.mono())->find("requests 2\n") == std::string::npos)
    std::this_thread::yield();
  const MonoTime end = clock.mono();
  slaves.reset();
  EXPECT_LT(clock.mono() - end, Millis{2000});
  waiting.join();
}

TEST_F(PlantOverTcp, WrongUnitAnswersInAnothersName) {
  Master master(slaves->port(), 1);
  ASSERT_TRUE(master.connect());
  tell("fault tank-1 wrong-unit");
  // libmodbus itself does not look (3.1.6), so the raw frame is judged.
  const std::array<std::uint8_t, 6> request{1, 3, 0, 0, 0, 1};
  ASSERT_GT(modbus_send_raw_request(master.get(), request.data(), request.size()), 0);
  std::array<std::uint8_t, MODBUS_TCP_MAX_ADU_LENGTH> frame{};
  ASSERT_GT(modbus_receive_confirmation(master.get(), frame.data()), 0);
  EXPECT_EQ(frame[6], 2);
  EXPECT_EQ(frame[7], 3);
}

TEST_F(PlantOverTcp, GoneClosesEverythingAndComesBackOnItsPort) {
  Master master(slaves->port(), 1);
  ASSERT_TRUE(master.connect());
  ASSERT_EQ(master.read(0, 1), 1);
  const auto port = slaves->port();
  tell("fault farm gone");
  EXPECT_LT(master.read(0, 1), 0);
  EXPECT_FALSE(Master(port, 1).connect());
  tell("fault farm none");
  EXPECT_EQ(slaves->port(), port);
  Master again(port, 1);
  ASSERT_TRUE(again.connect());
  EXPECT_EQ(again.read(0, 1), 1);
}

TEST_F(PlantOverTcp, AnUnknownFunctionLeavesTheNextRequestWhole) {
  Master master(slaves->port(), 1);
  ASSERT_TRUE(master.connect());
  const std::array<std::uint8_t, 5> identification{1, 43, 14, 1, 0};
  ASSERT_GT(modbus_send_raw_request(master.get(), identification.data(), identification.size()), 0);
  std::array<std::uint8_t, MODBUS_TCP_MAX_ADU_LENGTH> frame{};
  ASSERT_EQ(modbus_receive_confirmation(master.get(), frame.data()), 9);
  EXPECT_EQ(frame[7], 43 | 0x80);
  EXPECT_EQ(frame[8], illegal_function);
  EXPECT_EQ(master.read(0, 3), 3);
  EXPECT_EQ(master.words[2], 1002);
}

TEST_F(PlantOverTcp, ServesManyConnectionsAndRefusesOnesAboveItsLimit) {
  std::vector<std::unique_ptr<Master>> masters;
  for (std::size_t i = 0; i < ModbusServer::most_connections; ++i) {
    masters.push_back(std::make_unique<Master>(slaves->port(), 1));
    ASSERT_TRUE(masters.back()->connect());
    ASSERT_EQ(masters.back()->read(0, 1), 1);
  }
  Master above(slaves->port(), 1);
  ASSERT_TRUE(above.connect());  // the kernel accepts; the server closes
  EXPECT_LT(above.read(0, 1), 0);
  masters.clear();
  bool served = false;
  for (int tries = 0; tries < 100 && !served; ++tries) {  // the server notices closed connections in its own time
    Master next(slaves->port(), 1);
    served = next.connect() && next.read(0, 1) == 1;
  }
  EXPECT_TRUE(served);
}

}  // namespace
}  // namespace anlan::plant
