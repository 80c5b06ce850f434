#include "edge/sensor/modbus_link.hpp"

#include <utility>

#include "common/async/clock.hpp"
#include "common/io/resolve.hpp"
#include "edge/sensor/sensor_metrics.hpp"

namespace anlan::edge {

namespace asio = boost::asio;
using Scheme = Endpoint::Scheme;

namespace {

std::unique_ptr<ModbusGuard> guard_for(const Endpoint& endpoint, Metrics& metrics, std::uint64_t seed) {
  auto count = [&metrics](std::string_view kind) { metrics.at(kBusFailures, {kind}).add(); };
  if (endpoint.scheme == Scheme::modbus_rtu || endpoint.scheme == Scheme::modbus_rtutcp)
    return std::make_unique<RtuGuard>(std::move(count));
  return std::make_unique<TcpGuard>(std::move(count), static_cast<std::uint16_t>(seed));
}

std::unique_ptr<ModbusLine> line_to(const Endpoint& endpoint, Addresses addresses) {
  switch (endpoint.scheme) {
    case Scheme::modbus_rtu:
      return serial_line(endpoint.device, endpoint.line);
    case Scheme::modbus_tls:
      return tls_line(std::move(addresses), endpoint.port, endpoint.host, endpoint.tls);
    default:
      return tcp_line(std::move(addresses), endpoint.port);
  }
}

}  // namespace

ModbusLink::ModbusLink(asio::any_io_executor e, Endpoint to, std::shared_ptr<ConnectGate> g, Metrics& metrics,
                       std::uint64_t seed)
    : executor(std::move(e)), endpoint(std::move(to)), gate(std::move(g)), guard(guard_for(endpoint, metrics, seed)) {}

LinkTurn::~LinkTurn() {
  if (link->queue.empty()) {
    link->busy = false;
  } else {
    link->queue.front()->set();
    link->queue.pop_front();
  }
}

asio::awaitable<void> wait_for_turn(std::shared_ptr<ModbusLink> link) {
  if (!std::exchange(link->busy, true)) co_return;
  Event turn(link->executor);
  link->queue.push_back(&turn);
  struct Leave {
    std::shared_ptr<ModbusLink> link;
    Event* turn;
    bool served = false;
    ~Leave() {
      const bool waits = std::erase(link->queue, turn) > 0;
      if (!waits && !served) const LinkTurn unused(link);  // cancelled just when its turn came
    }
  } leave{link, &turn};
  while (!co_await turn.wait(Millis{3600'000})) {
  }
  leave.served = true;
}

std::unexpected<BusError> bus_stopped() { return std::unexpected(BusError{BusError::Kind::closed, 0, "stopped"}); }

asio::awaitable<BusResult<void>> open_session(LinkUserPtr user, Millis timeout) {
  const auto link = user->link;
  Addresses addresses;
  ConnectGate::Place place;
  if (link->endpoint.scheme != Scheme::modbus_rtu) {
    auto found = co_await resolve(link->endpoint.host, timeout);
    if (!found) co_return no_connection(found.error().message);
    addresses = *std::move(found);
    place = co_await link->gate->enter(link->endpoint.host, link->was_open);
  }
  if (user->closed) co_return bus_stopped();
  link->was_open = true;
  link->session = std::make_shared<ModbusSession>(line_to(link->endpoint, std::move(addresses)), *link->guard,
                                                  timing_of(link->endpoint));
  const auto session = link->session;
  auto opened = co_await link->worker.run([session, timeout] { return session->open(SystemClock().mono() + timeout); });
  if (user->closed) co_return bus_stopped();
  if (!opened) link->session.reset();
  co_return opened;
}

}  // namespace anlan::edge
