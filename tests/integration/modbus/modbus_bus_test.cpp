#include "edge/sensor/modbus_bus.hpp"

#include <thread>

#include <arpa/inet.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "edge/sample/decoder.hpp"
#include "edge/sensor/poller.hpp"
#include "tests/integration/modbus/slave.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;
using Kind = BusError::Kind;
using test::run_coro;
using test::run_until;
using Read = BusResult<Words>;

Endpoint tcp(std::uint16_t port) { return {.host = "127.0.0.1", .port = port}; }

struct Fixture : testing::Test {
  asio::io_context io;
  test::Slave slave;
  Metrics metrics;
  BusFactory factory = modbus_factory(io.get_executor(), metrics, 1);
  std::unique_ptr<Bus> bus = factory(slave.endpoint());

  Read read(int unit, Table table, int address, int count, Millis timeout = Millis{2'000}) {
    const ReadRequest request{.unit = unit,
                              .table = table,
                              .address = static_cast<std::uint16_t>(address),
                              .count = count,
                              .timeout = timeout};
    return run_coro(io, bus->read(request));
  }
};

Millis elapsed(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - since);
}

using ModbusBus = Fixture;

TEST_F(ModbusBus, ReadsEveryTypeInEveryByteOrderAsAnotherImplementationWritesThem) {
  struct {
    ValueType type;
    double value;
  } const values[] = {{ValueType::u16, 54321},
                      {ValueType::i16, -12345},
                      {ValueType::u32, 4023456789},
                      {ValueType::i32, -2012345678},
                      {ValueType::u64, 12345678901234567890.0},
                      {ValueType::i64, -1234567890123456789.0},
                      {ValueType::f32, 23.4375},
                      {ValueType::f64, 0.1}};
  int address = 0;
  for (const auto& [type, value] : values)
    for (const ByteOrder order : {ByteOrder::abcd, ByteOrder::cdab, ByteOrder::badc, ByteOrder::dcba}) {
      const int count = register_count(type);
      const auto words = read(1, Table::holding_registers, address, count);
      ASSERT_TRUE(words) << words.error().message;
      ProfilePoint point;
      point.source = ModbusSource{.table = Table::holding_registers, .address = 0, .type = type, .order = order};
      EXPECT_EQ(Decoder(point)(*words), (Normalized{value, Quality::good})) << "register " << address;
      address += count;
    }
}

TEST_F(ModbusBus, ReadsTwoThousandBits) {
  for (const Table table : {Table::coils, Table::discrete_inputs}) {
    const auto bits = read(1, table, 0, 2000);
    ASSERT_TRUE(bits) << bits.error().message;
    ASSERT_EQ(bits->size(), 2000u);
    for (std::size_t i = 0; i < 2000; ++i) ASSERT_EQ((*bits)[i], i % 3 == 0) << i;
  }
}

TEST_F(ModbusBus, WritesCoilsAndRegisters) {
  const WriteRequest coil{.unit = 1, .table = Table::coils, .address = 1, .values = {1}};
  ASSERT_TRUE(run_coro(io, bus->write(coil)));
  EXPECT_EQ(read(1, Table::coils, 0, 3)->at(1), 1);
  const WriteRequest off{.unit = 1, .table = Table::coils, .address = 1, .values = {0}};
  ASSERT_TRUE(run_coro(io, bus->write(off)));
  EXPECT_EQ(read(1, Table::coils, 0, 3)->at(1), 0);
  const WriteRequest word{.unit = 1, .table = Table::holding_registers, .address = 0, .values = {0xBEEF}};
  ASSERT_TRUE(run_coro(io, bus->write(word)));
  EXPECT_EQ(read(1, Table::holding_registers, 0, 1)->at(0), 0xBEEF);
}

TEST_F(ModbusBus, WritesSeveralCoilsAndRegistersAtOnce) {
  const WriteRequest coils{.unit = 1, .table = Table::coils, .address = 1, .values = {1, 0, 1, 1, 0, 0, 1, 0, 1, 1}};
  ASSERT_TRUE(run_coro(io, bus->write(coils)));
  EXPECT_EQ(read(1, Table::coils, 1, 10).value(), coils.values);
  Words many(123);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::uint16_t>(0xFF00 + i);
  WriteRequest words{.unit = 4, .table = Table::holding_registers, .address = 3, .values = many};
  words.timeout = Millis{5'000};
  ASSERT_TRUE(run_coro(io, bus->write(words)));
  EXPECT_EQ(read(4, Table::holding_registers, 3, 123, Millis{5'000}).value(), many);
  const WriteRequest one{
      .unit = 1, .table = Table::holding_registers, .address = 1, .values = {0xCAFE}, .multiple = true};
  ASSERT_TRUE(run_coro(io, bus->write(one)));
  EXPECT_EQ(read(1, Table::holding_registers, 1, 1)->at(0), 0xCAFE);
}

TEST_F(ModbusBus, ABatchHasOneResultForEachRequestUpToTheFirstSilence) {
  const auto at = [](int unit, int address) {
    ReadRequest request{.unit = unit, .table = Table::input_registers};
    request.address = static_cast<std::uint16_t>(address);
    request.timeout = unit == 99 ? Millis{200} : Millis{2'000};
    return request;
  };
  const auto results = run_coro(io, bus->read_all({at(2, 0), at(2, 5), at(2, 0), at(99, 0), at(2, 0)}));
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results[0], Words{2222});
  EXPECT_EQ(results[1].error().exception_code, 2);  // an exception is an answer
  EXPECT_EQ(results[2], Words{2222});
  EXPECT_EQ(results[3].error().kind, Kind::no_answer);
}

TEST_F(ModbusBus, AsksADeviceWhatItIs) {
  const auto basic = run_coro(io, bus->identify({.unit = 1}));
  ASSERT_TRUE(basic) << basic.error().message;
  EXPECT_EQ(basic->objects, (std::map<std::uint8_t, std::string>{{0, "Anlan"}, {1, "SLV"}, {2, "3.0"}}));
  const auto regular = run_coro(io, bus->identify({.unit = 1, .read = IdentifyRequest::Read::regular}));
  ASSERT_TRUE(regular) << regular.error().message;
  EXPECT_EQ(regular->objects.at(Identification::model), "a slave of other people's making");
  const auto one = run_coro(io, bus->identify({.unit = 1, .read = IdentifyRequest::Read::object, .object = 2}));
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->objects, (std::map<std::uint8_t, std::string>{{2, "3.0"}}));
}

TEST_F(ModbusBus, AnExceptionIsNamedAndLeavesTheConnectionAsItIs) {
  const auto refused = read(2, Table::input_registers, 5, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::exception);
  EXPECT_EQ(refused.error().exception_code, 2);
  EXPECT_NE(refused.error().message.find("unit 2: exception 2 (illegal data address)"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(read(5, Table::holding_registers, 0, 1).error().exception_code, 4);
  EXPECT_EQ(read(2, Table::input_registers, 0, 1)->at(0), 2222);
}

TEST_F(ModbusBus, AHungUnitIsATimeoutInTimeAndItsNeighboursGoOn) {
  const auto start = std::chrono::steady_clock::now();
  const auto hung = read(99, Table::holding_registers, 0, 1, Millis{300});
  ASSERT_FALSE(hung);
  EXPECT_EQ(hung.error().kind, Kind::no_answer) << hung.error().message;
  EXPECT_GE(elapsed(start), Millis{290});
  EXPECT_LT(elapsed(start), Millis{1'500});
  EXPECT_EQ(read(2, Table::input_registers, 0, 1)->at(0), 2222);
}

TEST_F(ModbusBus, ALateAnswerIsNeverTakenForTheNextOne) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(read(4, Table::holding_registers, i, 1, Millis{200}).error().kind, Kind::no_answer);
    const auto next = read(4, Table::holding_registers, 100 + i, 1, Millis{3'000});  // the late one comes meanwhile
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(next->at(0), 1100 + i);
  }
}

TEST_F(ModbusBus, AnAnswerInAnothersNameIsMalformed) {
  const auto wrong = read(3, Table::holding_registers, 0, 1);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, Kind::malformed);
  EXPECT_NE(wrong.error().message.find("unit 33"), std::string::npos) << wrong.error().message;
  EXPECT_TRUE(read(2, Table::input_registers, 0, 1));
}

TEST_F(ModbusBus, AKilledSlaveIsNoConnectionAndARestartedOneAnswersAtOnce) {
  ASSERT_TRUE(read(2, Table::input_registers, 0, 1));
  slave.kill();
  const auto dead = read(2, Table::input_registers, 0, 1);
  ASSERT_FALSE(dead);
  EXPECT_EQ(dead.error().kind, Kind::no_connection) << dead.error().message;
  slave.start();
  EXPECT_TRUE(read(2, Table::input_registers, 0, 1));
}

TEST_F(ModbusBus, ASlaveThatWasRestartedBetweenTwoReadsIsNotNoticed) {
  ASSERT_TRUE(read(2, Table::input_registers, 0, 1));
  slave.kill();
  slave.start();
  const auto words = read(2, Table::input_registers, 0, 1);
  EXPECT_TRUE(words) << words.error().message;
}

TEST_F(ModbusBus, AUnitThatHangsUpIsNoEndlessLoop) {
  const auto cut = read(6, Table::holding_registers, 0, 1);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, Kind::no_connection);
  EXPECT_TRUE(read(2, Table::input_registers, 0, 1));
}

TEST_F(ModbusBus, RequestsMadeTogetherAreAnsweredInOrder) {
  std::vector<int> order;
  for (int i = 0; i < 10; ++i)
    asio::co_spawn(
        io, bus->read({.unit = 1, .table = Table::coils, .address = 0, .count = 1 + i, .timeout = Millis{2'000}}),
        [&, i](std::exception_ptr, Read words) {
          if (words && words->size() == static_cast<std::size_t>(i) + 1) order.push_back(i);
        });
  ASSERT_TRUE(run_until(io, [&] { return order.size() == 10; }));
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_F(ModbusBus, DestructionCutsWhatIsUnderWay) {
  std::vector<Kind> ends;
  const auto note = [&](std::exception_ptr, Read words) {
    if (!words) ends.push_back(words.error().kind);
  };
  const ReadRequest hung{
      .unit = 99, .table = Table::holding_registers, .address = 0, .count = 1, .timeout = Millis{60'000}};
  asio::co_spawn(io, bus->read(hung), note);
  asio::co_spawn(io, bus->read(hung), note);  // waits for its turn
  run_until(io, [] { return false; }, Millis{300});
  const auto start = std::chrono::steady_clock::now();
  bus.reset();
  EXPECT_LT(elapsed(start), Millis{500});
  ASSERT_TRUE(run_until(io, [&] { return ends.size() == 2; }, Millis{2'000}));
  EXPECT_EQ(ends[0], Kind::closed);
  EXPECT_EQ(ends[1], Kind::closed);
}

TEST_F(ModbusBus, ACancelledReadLeavesTheBusUsable) {
  for (int i = 0; i < 3; ++i) {
    asio::cancellation_signal cancel;
    bool ended = false;
    asio::co_spawn(io, bus->read({.unit = 99, .table = Table::coils, .address = 0, .count = 1, .timeout = Millis{400}}),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr, Read) { ended = true; }));
    run_until(io, [] { return false; }, Millis{50});
    cancel.emit(asio::cancellation_type::terminal);
    ASSERT_TRUE(run_until(io, [&] { return ended; }, Millis{3'000}));
  }
  const auto words = read(2, Table::input_registers, 0, 1);
  EXPECT_TRUE(words) << words.error().message;
}

TEST(ModbusConnection, ARefusedPortAndAnUnknownHostAreNoConnection) {
  asio::io_context io;
  Metrics metrics;
  const ReadRequest request{.unit = 1, .table = Table::coils, .address = 0, .count = 1, .timeout = Millis{1'000}};
  auto nobody = modbus_factory(io.get_executor(), metrics, 1)(tcp(test::free_port()));
  const auto refused = run_coro(io, nobody->read(request));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::no_connection);
  EXPECT_NE(refused.error().message.find("Connection refused"), std::string::npos) << refused.error().message;
}

TEST(ModbusConnection, ADrippingAnswerIsBoundedByTheTimeoutAsAWhole) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(test::free_port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  std::thread dripper([listener] {
    const int fd = ::accept(listener, nullptr, nullptr);
    const unsigned char answer[] = {0, 1, 0, 0, 0, 7, 1, 3, 4, 1, 2, 3, 4};
    for (const unsigned char byte : answer) {
      std::this_thread::sleep_for(Millis{150});
      if (::send(fd, &byte, 1, MSG_NOSIGNAL) != 1) break;
    }
    ::close(fd);
  });
  asio::io_context io;
  Metrics metrics;
  auto bus = modbus_factory(io.get_executor(), metrics, 1)(tcp(ntohs(address.sin_port)));
  const auto start = std::chrono::steady_clock::now();
  const ReadRequest request{
      .unit = 1, .table = Table::holding_registers, .address = 0, .count = 2, .timeout = Millis{500}};
  const auto slow = run_coro(io, bus->read(request));
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().kind, Kind::no_answer) << slow.error().message;
  EXPECT_LT(elapsed(start), Millis{1'200});
  bus.reset();
  ::close(listener);
  dripper.join();
}

/// The whole reading chain over a real line: a hung unit beside healthy ones, and a slave that dies and comes back.
TEST_F(ModbusBus, APollerKeepsHealthyUnitsGoingBesideAHungOneAndThroughARestart) {
  SystemClock clock;
  std::vector<Reading> readings;
  std::vector<std::string> events;
  const auto device = [](std::string name, int unit, Table table, std::uint32_t index) {
    ProfilePoint point;
    point.source = ModbusSource{.table = table, .address = 0, .type = ValueType::u16, .order = {}};
    return Poller::Device{.name = std::move(name),
                          .unit = unit,
                          .timeout = Millis{60},
                          .reading = {},
                          .profile = std::vector{point},
                          .paces = {Pace{Millis{100}, Millis{100}}},
                          .points = {index}};
  };
  Poller poller(
      clock, std::move(bus),
      {device("s/well", 1, Table::holding_registers, 0), device("s/hung", 99, Table::holding_registers, 1),
       device("s/also-well", 2, Table::input_registers, 2)},
      [&](std::vector<Reading> some) { readings.insert(readings.end(), some.begin(), some.end()); },
      [&](EdgeEvent event) { events.push_back(event.subject + " " + event.what); }, metrics, 1);
  asio::cancellation_signal stop;
  bool ended = false;
  asio::co_spawn(io, poller.run(),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { ended = true; }));
  const auto good = [&](std::uint32_t point) {
    return std::ranges::count_if(readings,
                                 [&](const Reading& r) { return r.point == point && r.quality == Quality::good; });
  };
  run_until(io, [] { return false; }, Millis{3'000});
  EXPECT_GE(good(0), 25);
  EXPECT_GE(good(2), 25);
  EXPECT_EQ(good(1), 0);
  EXPECT_EQ(events, (std::vector<std::string>{"s/hung device-lost"}));

  slave.kill();
  ASSERT_TRUE(run_until(io, [&] { return events.size() >= 3; }, Millis{5'000}));
  slave.start();
  const auto before = good(0);
  ASSERT_TRUE(run_until(io, [&] { return good(0) >= before + 10; }, Millis{40'000}));
  stop.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(run_until(io, [&] { return ended; }, Millis{2'000}));
}

}  // namespace
}  // namespace anlan::edge
