// Every transport against a slave of other people's making, and what is special about each.
#include <filesystem>

#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "edge/sensor/modbus_bus.hpp"
#include "tests/integration/modbus/slave.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

namespace asio = boost::asio;
using Kind = BusError::Kind;
using test::run_coro;

const ReadRequest kInput{
    .unit = 2, .table = Table::input_registers, .address = 0, .count = 1, .timeout = Millis{3'000}};

struct Transport : testing::TestWithParam<const char*> {
  asio::io_context io;
  Metrics metrics;
  BusFactory factory = modbus_factory(io.get_executor(), metrics, 1);
  test::Slave slave{"pymodbus_slave.py", GetParam()};
  std::unique_ptr<Bus> bus = factory(slave.endpoint());
};

TEST_P(Transport, ReadsWritesAndIdentifies) {
  EXPECT_EQ(run_coro(io, bus->read(kInput)), Words{2222});
  ReadRequest many{.unit = 1, .table = Table::holding_registers, .count = 72, .timeout = Millis{3'000}};
  const auto words = run_coro(io, bus->read(many));
  ASSERT_TRUE(words) << words.error().message;
  EXPECT_EQ(words->front(), 54321);
  many.table = Table::coils;
  many.count = 2000;
  const auto bits = run_coro(io, bus->read(many));
  ASSERT_TRUE(bits) << bits.error().message;
  for (std::size_t i = 0; i < bits->size(); ++i) ASSERT_EQ((*bits)[i], i % 3 == 0) << i;

  Words values(100);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint16_t>(7 * i);
  const WriteRequest write{
      .unit = 3, .table = Table::holding_registers, .address = 0, .values = values, .timeout = Millis{3'000}};
  const auto in_anothers_name = run_coro(io, bus->write(write));
  EXPECT_FALSE(in_anothers_name) << "unit 3 answers as unit 33";
  WriteRequest one{.unit = 1, .table = Table::holding_registers, .address = 3, .values = {0xCAFE}};
  one.timeout = Millis{3'000};
  const auto written = run_coro(io, bus->write(one));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(run_coro(io, bus->read({.unit = 1, .address = 3, .timeout = Millis{3'000}})), Words{0xCAFE});

  const auto identity = run_coro(io, bus->identify({.unit = 1, .timeout = Millis{3'000}}));
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->objects.at(Identification::vendor), "Anlan");
}

TEST_P(Transport, ARefusalIsAnAnswerAndASilentUnitCostsItself) {
  ReadRequest refused = kInput;
  refused.address = 5;
  EXPECT_EQ(run_coro(io, bus->read(refused)).error().exception_code, 2);
  ReadRequest hung = kInput;
  hung.unit = 99;
  hung.timeout = Millis{150};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(run_coro(io, bus->read(hung)).error().kind, Kind::no_answer);
    const auto words = run_coro(io, bus->read(kInput));
    EXPECT_EQ(words, Words{2222}) << words.error().message;
  }
}

TEST_P(Transport, ASlaveThatGoesAndComesIsFoundAgain) {
  ASSERT_EQ(run_coro(io, bus->read(kInput)), Words{2222});
  slave.kill();
  ReadRequest quick = kInput;
  quick.timeout = Millis{200};
  const auto dead = run_coro(io, bus->read(quick));
  ASSERT_FALSE(dead);
  EXPECT_EQ(dead.error().kind, Kind::no_connection) << dead.error().message;
  slave.start();
  BusResult<Words> words;
  for (int i = 0; i < 20 && !(words = run_coro(io, bus->read(kInput))); ++i) {
  }
  EXPECT_EQ(words, Words{2222}) << words.error().message;
}

TEST_P(Transport, ABatchIsAnsweredInOrder) {
  ReadRequest refused = kInput;
  refused.address = 5;
  const auto results = run_coro(io, bus->read_all({kInput, refused, kInput}));
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0], Words{2222});
  EXPECT_EQ(results[1].error().kind, Kind::exception);
  EXPECT_EQ(results[2], Words{2222});
}

INSTANTIATE_TEST_SUITE_P(Transports, Transport, testing::Values("tcp", "rtutcp", "tls", "rtu"),
                         [](const auto& param) { return std::string(param.param); });

struct Pieces {
  asio::io_context io;
  Metrics metrics;
  BusFactory factory = modbus_factory(io.get_executor(), metrics, 1);
};

TEST(ModbusTls, TrustsNobodyElse) {
  Pieces p;
  test::Slave slave("pymodbus_slave.py", "tls");
  const Endpoint good = slave.endpoint();
  EXPECT_EQ(run_coro(p.io, p.factory(good)->read(kInput)), Words{2222});

  Endpoint wrong = good;
  wrong.tls.ca_file = slave.file("another-ca.pem");
  auto answer = run_coro(p.io, p.factory(wrong)->read(kInput));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::no_connection);
  EXPECT_NE(answer.error().message.find("certificate verify failed"), std::string::npos) << answer.error().message;

  wrong = good;
  wrong.host = "localhost";  // the certificate is for the address
  EXPECT_NE(run_coro(p.io, p.factory(wrong)->read(kInput)).error().message.find("verify failed"), std::string::npos);

  wrong = good;  // a certificate that the slave does not trust
  wrong.tls.certificate_file = slave.file("another-client.pem");
  wrong.tls.key_file = slave.file("another-client.key");
  answer = run_coro(p.io, p.factory(wrong)->read(kInput));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Kind::no_connection);

  wrong.tls.key_file = slave.file("nothing.key");
  EXPECT_NE(run_coro(p.io, p.factory(wrong)->read(kInput)).error().message.find("nothing.key"), std::string::npos);
}

TEST(ModbusSerial, OneLineHasOneUserAndManyBuses) {
  Pieces p;
  test::Slave slave("pymodbus_slave.py", "rtu");
  const auto first = p.factory(slave.endpoint()), second = p.factory(slave.endpoint());
  EXPECT_EQ(run_coro(p.io, first->read(kInput)), Words{2222});
  EXPECT_EQ(run_coro(p.io, second->read(kInput)), Words{2222});
  Pieces other;
  ReadRequest quick = kInput;
  quick.timeout = Millis{100};
  const auto refused = run_coro(other.io, other.factory(slave.endpoint())->read(quick));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("in use by another program"), std::string::npos) << refused.error().message;
}

TEST(ModbusSerial, AskingEveryoneIsRefusedUnasked) {
  Pieces p;
  test::Slave slave("pymodbus_slave.py", "rtu");
  const auto bus = p.factory(slave.endpoint());
  ReadRequest everyone = kInput;
  everyone.unit = 0;
  EXPECT_EQ(run_coro(p.io, bus->read(everyone)).error().cause, "not-asked");
  const WriteRequest write{.unit = 0, .table = Table::holding_registers, .address = 0, .values = {1}};
  EXPECT_TRUE(run_coro(p.io, bus->write(write))) << "nobody answers, and nobody is waited for";
}

TEST(ModbusSerial, WhatIsNoLineIsSaid) {
  Pieces p;
  Endpoint nothing{.scheme = Endpoint::Scheme::modbus_rtu, .host = "", .device = "/nowhere/tty"};
  auto answer = run_coro(p.io, p.factory(nothing)->read(kInput));
  EXPECT_NE(answer.error().message.find("No such file"), std::string::npos) << answer.error().message;
  nothing.device = "/etc/hostname";
  answer = run_coro(p.io, p.factory(nothing)->read(kInput));
  EXPECT_EQ(answer.error().kind, Kind::no_connection);
}

}  // namespace
}  // namespace anlan::edge
