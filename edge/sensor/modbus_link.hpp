// The loop's side of one connection: whose turn it is, when to connect, the hand-over to the worker.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <type_traits>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "common/async/event.hpp"
#include "common/async/worker.hpp"
#include "common/base/metrics.hpp"
#include "edge/sensor/connect_gate.hpp"
#include "edge/sensor/modbus_session.hpp"

namespace anlan::edge {

/// One endpoint; outlives its buses while a coroutine waits in it. On the loop, but where it says so.
struct ModbusLink {
  ModbusLink(boost::asio::any_io_executor executor, Endpoint endpoint, std::shared_ptr<ConnectGate> gate,
             Metrics& metrics, std::uint64_t seed);
  std::string where(int unit) const { return endpoint.str() + " unit " + std::to_string(unit) + ": "; }

  const boost::asio::any_io_executor executor;
  const Endpoint endpoint;
  const std::shared_ptr<ConnectGate> gate;
  const std::unique_ptr<ModbusGuard> guard;  // the worker's
  int buses = 0;
  bool busy = false, was_open = false;
  std::deque<Event*> queue;  // who waits for its turn
  std::shared_ptr<ModbusSession> session;
  Worker worker;
};

/// Of one bus: outlives it like the link.
struct LinkUser {
  std::shared_ptr<ModbusLink> link;
  bool closed = false;
};
using LinkUserPtr = std::shared_ptr<LinkUser>;

/// Holds the link; hands it to the next in the queue at its end.
struct LinkTurn {
  explicit LinkTurn(std::shared_ptr<ModbusLink> l) : link(std::move(l)) {}
  ~LinkTurn();
  LinkTurn(const LinkTurn&) = delete;
  LinkTurn& operator=(const LinkTurn&) = delete;
  std::shared_ptr<ModbusLink> link;
};

/// Returns when the link is the caller's, who makes a LinkTurn at once.
boost::asio::awaitable<void> wait_for_turn(std::shared_ptr<ModbusLink> link);

/// A new session with the endpoint. Errors: no_connection, closed.
boost::asio::awaitable<BusResult<void>> open_session(LinkUserPtr user, Millis timeout);

std::unexpected<BusError> bus_stopped();

/// Lets `work` (a callable that takes a session and answers with a BusResult) run on the worker. A connection that was
/// open before may have been closed by the device while nothing was asked (a restart, an idle limit), so a lost one
/// that was is tried again, once, on a new one. All requests may be sent twice.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work, ModbusSession&>> on_session(LinkUserPtr user, Millis timeout,
                                                                              Work work) {
  const auto link = user->link;
  for (;;) {
    if (user->closed) co_return bus_stopped();
    const bool reused = link->session != nullptr;
    if (!reused) {
      const auto opened = co_await open_session(user, timeout);
      if (!opened) co_return std::unexpected(opened.error());
    }
    const auto session = link->session;
    auto result = co_await link->worker.run([session, work] { return work(*session); });
    if (user->closed) co_return bus_stopped();
    if (!session->usable()) link->session.reset();
    if (result || !reused || result.error().kind != BusError::Kind::no_connection) co_return result;
  }
}

}  // namespace anlan::edge
