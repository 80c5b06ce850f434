// The edge's bus against the simulated slaves, whose answers libmodbus makes: an oracle apart from the edge's own code.
#include <atomic>
#include <filesystem>
#include <random>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "edge/sensor/modbus_bus.hpp"
#include "tests/plant/identity.hpp"
#include "tests/plant/modbus_server.hpp"
#include "tests/support/run_coro.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::plant {
namespace {

using edge::Endpoint;
using edge::ReadRequest;
using test::run_coro;

std::uint16_t value_at(int unit, int function, int address) {
  const auto mixed = static_cast<std::uint32_t>(unit * 7919 + function * 104'729 + address) * 2'654'435'761u;
  const auto value = static_cast<std::uint16_t>(mixed >> 16);
  return function <= 2 ? value & 1 : value;
}

/// Units 1 to 9, every address of every table; refuses every address that ends in 77.
Answer answer(const Request& request) {
  if (request.unit > 9) return {.silent = true};
  if (request.function == 43)
    return identify({.vendor = "Acme", .product = "LT-200", .revision = "2.1", .model = std::string(200, 'm')},
                    request);
  if (request.function > 4) return {.values = request.values};
  Answer answer;
  for (int i = 0; i < request.count; ++i) {
    if ((request.address + i) % 1'000 == 77) return Answer::refuse(illegal_address);
    answer.values.push_back(value_at(request.unit, request.function, request.address + i));
  }
  return answer;
}

struct Line : testing::TestWithParam<const char*> {
  const std::string kind = GetParam();
  test::TempDir folder;
  SerialPlace place{.device = "", .link = folder.file("tty")};
  std::unique_ptr<ModbusServer> server =
      (kind == "rtu" ? ModbusServer::start(place, answer) : ModbusServer::start("127.0.0.1", 0, answer, kind != "tcp"))
          .value();
  boost::asio::io_context io;
  Metrics metrics;
  edge::BusFactory factory = edge::modbus_factory(io.get_executor(), metrics, 1);
  std::unique_ptr<edge::Bus> bus = factory(endpoint());

  Endpoint endpoint() const {
    using Scheme = Endpoint::Scheme;
    if (kind == "rtu")
      return {.scheme = Scheme::modbus_rtu, .host = "", .device = place.link, .line = {.baud = 921600}};
    return {.scheme = kind == "tcp" ? Scheme::modbus_tcp : Scheme::modbus_rtutcp,
            .host = "127.0.0.1",
            .port = server->port()};
  }
};

TEST_P(Line, RandomReadsAreRightRegisterForRegister) {
  const int most = kind == "tcp" ? 1'000'000 : 100'000;
  std::mt19937 random(7);
  const auto upto = [&](int n) { return std::uniform_int_distribution<int>(0, n)(random); };
  int read = 0, wrong = 0, refused = 0;
  while (read < most) {
    std::vector<ReadRequest> requests;
    for (int i = 0; i < 16; ++i) {
      ReadRequest request{
          .unit = 1 + upto(8), .table = static_cast<edge::Table>(1 + upto(3)), .timeout = Millis{5'000}};
      request.count = 1 + upto(static_cast<int>(request.table) <= 2 ? 1'999 : 124);
      request.address = static_cast<std::uint16_t>(upto(65'536 - request.count));
      requests.push_back(request);
    }
    const auto results = run_coro(io, bus->read_all(requests));
    ASSERT_EQ(results.size(), requests.size()) << results.back().error().message;
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto& [unit, table, address, count, timeout] = requests[i];
      bool hole = false;
      for (int k = 0; k < count; ++k) hole = hole || (address + k) % 1'000 == 77;
      ASSERT_EQ(results[i].has_value(), !hole) << (results[i] ? "" : results[i].error().message);
      refused += hole;
      if (hole) continue;
      for (int k = 0; k < count; ++k)
        wrong += (*results[i])[static_cast<std::size_t>(k)] != value_at(unit, static_cast<int>(table), address + k);
      read += count;
    }
  }
  EXPECT_EQ(wrong, 0) << "of " << read;
  EXPECT_GT(refused, 0);
}

TEST_P(Line, IsToldWhatTheDeviceIsInSeveralAnswers) {
  const auto all =
      run_coro(io, bus->identify({.unit = 1, .read = edge::IdentifyRequest::Read::regular, .timeout = Millis{5'000}}));
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->objects,
            (std::map<std::uint8_t, std::string>{{0, "Acme"}, {1, "LT-200"}, {2, "2.1"}, {5, std::string(200, 'm')}}));
}

TEST_P(Line, ItsEndComesBackAfterItWasGone) {
  const ReadRequest one{.unit = 3, .timeout = Millis{2'000}};
  ASSERT_TRUE(run_coro(io, bus->read(one)));
  ASSERT_TRUE(server->set_open(false));
  const auto gone = run_coro(io, bus->read(one));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, edge::BusError::Kind::no_connection) << gone.error().message;
  ASSERT_TRUE(server->set_open(true));
  const auto back = run_coro(io, bus->read(one));
  EXPECT_TRUE(back) << back.error().message;
}

INSTANTIATE_TEST_SUITE_P(Transports, Line, testing::Values("tcp", "rtutcp", "rtu"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace anlan::plant
