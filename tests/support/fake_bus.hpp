// A Modbus endpoint in memory: tables of words, and everything that can go wrong with it, on a test's own time.
#pragma once

#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "common/async/clock.hpp"
#include "edge/sensor/bus.hpp"

namespace anlan::test {

/// What the endpoint is; tests change it between polls. Shared with the buses made for it.
struct FakeEndpoint {
  using Address = std::tuple<int, edge::Table, std::uint16_t>;  // unit, table, address

  std::map<Address, std::uint16_t> words;          // what is not here reads 0
  std::map<Address, int> exceptions;               // a request that touches one of these gets this exception
  std::map<int, edge::Identification> identities;  // by unit; others know no function 43/14
  std::set<int> silent;                            // units that do not answer: each request takes its timeout
  bool dead = false;                               // nobody accepts a connection
  Millis latency{0};                               // of every answer
  struct Asked {
    edge::ReadRequest request;
    MonoTime at{};
  };
  std::vector<Asked> asked;
  std::vector<edge::WriteRequest> written;

  void set(int unit, edge::Table table, std::uint16_t address, std::vector<std::uint16_t> values) {
    for (const std::uint16_t value : values) words[{unit, table, address++}] = value;
  }
};

class FakeBus final : public edge::Bus {
 public:
  FakeBus(Clock& clock, FakeEndpoint& endpoint) : clock_(clock), endpoint_(endpoint) {}

  boost::asio::awaitable<edge::BusResult<std::vector<std::uint16_t>>> read(edge::ReadRequest request) override {
    endpoint_.asked.push_back({request, clock_.mono()});
    auto ready = co_await answer(request.unit, request.timeout);
    if (!ready) co_return std::unexpected(ready.error());
    std::vector<std::uint16_t> words;
    for (int i = 0; i < request.count; ++i) {
      const FakeEndpoint::Address at{request.unit, request.table, static_cast<std::uint16_t>(request.address + i)};
      if (const auto exception = endpoint_.exceptions.find(at); exception != endpoint_.exceptions.end())
        co_return std::unexpected(edge::BusError{edge::BusError::Kind::exception, exception->second, "exception"});
      const auto word = endpoint_.words.find(at);
      words.push_back(word == endpoint_.words.end() ? std::uint16_t{0} : word->second);
    }
    co_return words;
  }

  boost::asio::awaitable<edge::BusResult<void>> write(edge::WriteRequest request) override {
    auto ready = co_await answer(request.unit, request.timeout);
    if (!ready) co_return std::unexpected(ready.error());
    endpoint_.written.push_back(request);
    endpoint_.set(request.unit, request.table, request.address, request.values);
    co_return edge::BusResult<void>{};
  }

  boost::asio::awaitable<edge::BusResult<edge::Identification>> identify(edge::IdentifyRequest request) override {
    auto ready = co_await answer(request.unit, request.timeout);
    if (!ready) co_return std::unexpected(ready.error());
    const auto identity = endpoint_.identities.find(request.unit);
    if (identity == endpoint_.identities.end()) co_return co_await Bus::identify(request);
    co_return identity->second;
  }

 private:
  boost::asio::awaitable<edge::BusResult<void>> answer(int unit, Millis timeout) {
    using Kind = edge::BusError::Kind;
    if (endpoint_.dead) co_return std::unexpected(edge::BusError{Kind::no_connection, 0, "connection refused"});
    if (endpoint_.silent.contains(unit)) {
      co_await clock_.sleep_for(timeout);
      co_return std::unexpected(edge::BusError{Kind::no_answer, 0, "no answer"});
    }
    if (endpoint_.latency > Millis{0}) co_await clock_.sleep_for(endpoint_.latency);
    co_return edge::BusResult<void>{};
  }

  Clock& clock_;
  FakeEndpoint& endpoint_;
};

}  // namespace anlan::test
