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
  std::map<int, int> write_exceptions;             // by unit: what it answers to a write, which it does not take
  std::set<int> mute;                              // units that do not answer a write (silent ones answer nothing)
  std::set<int> stubborn;                          // units that do not take a write, whatever they answer
  Millis inertia{0};                               // how long after its answer a write takes effect
  struct Asked {
    edge::ReadRequest request;
    MonoTime at{};
  };
  std::vector<Asked> asked;
  std::vector<edge::WriteRequest> written;
  std::vector<std::pair<MonoTime, edge::WriteRequest>> coming;  // take effect then

  void set(int unit, edge::Table table, std::uint16_t address, std::vector<std::uint16_t> values) {
    for (const std::uint16_t value : values) words[{unit, table, address++}] = value;
  }
  void settle(MonoTime now) {
    for (const auto& [when, write] : coming)
      if (when <= now) set(write.unit, write.table, write.address, write.values);
    std::erase_if(coming, [&](const auto& each) { return each.first <= now; });
  }
};

class FakeBus final : public edge::Bus {
 public:
  FakeBus(Clock& clock, FakeEndpoint& endpoint) : clock_(clock), endpoint_(endpoint) {}

  boost::asio::awaitable<edge::BusResult<std::vector<std::uint16_t>>> read(edge::ReadRequest request) override {
    endpoint_.asked.push_back({request, clock_.mono()});
    auto ready = co_await answer(request.unit, request.timeout);
    if (!ready) co_return std::unexpected(ready.error());
    endpoint_.settle(clock_.mono());
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
    using Kind = edge::BusError::Kind;
    endpoint_.written.push_back(request);
    if (const auto refuses = endpoint_.write_exceptions.find(request.unit); refuses != endpoint_.write_exceptions.end())
      co_return std::unexpected(edge::BusError{Kind::exception, refuses->second, "exception"});
    if (!endpoint_.stubborn.contains(request.unit))
      endpoint_.coming.emplace_back(clock_.mono() + endpoint_.inertia, request);
    endpoint_.settle(clock_.mono());
    if (!endpoint_.mute.contains(request.unit)) co_return edge::BusResult<void>{};
    co_await clock_.sleep_for(request.timeout);
    co_return std::unexpected(edge::BusError{Kind::no_answer, 0, "no answer"});
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
