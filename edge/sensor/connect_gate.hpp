// Who may open a connection now. After an outage every endpoint wants one at once: those to the same host go through a
// few at a time, so that a small gateway or a serial server with many ports is not run over as it comes back; a new
// attempt after a loss waits a random while first. Who is not answered soon goes on trying, but without its place: an
// endpoint that takes no connection delays no other, of its own host or elsewhere.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "common/async/event.hpp"

namespace anlan::edge {

class ConnectGate {
 public:
  static constexpr int kPerHost = 4;
  static constexpr Millis kSpread{200};
  static constexpr Millis kHold{200};  // a host that is well answers sooner

  ConnectGate(boost::asio::any_io_executor executor, std::uint64_t seed, Millis hold = kHold)
      : executor_(std::move(executor)), random_(seed), hold_(hold) {}

  /// A place at the host: passed on when it is destroyed, or after `hold`. Must not outlive the gate.
  class Held;
  using Place = std::shared_ptr<Held>;

  /// Waits up to kSpread where it is `again`, then for a place: in order of arrival, so for `hold` at most for each
  /// kPerHost who came before. Waiting is no failure of the endpoint.
  boost::asio::awaitable<Place> enter(std::string host, bool again);

 private:
  struct Host {
    int inside = 0;
    std::deque<Event*> waiting;
  };
  Place take(const std::string& host);
  void leave(const std::string& host);

  boost::asio::any_io_executor executor_;
  std::mt19937_64 random_;
  const Millis hold_;
  std::map<std::string, Host> hosts_;
};

}  // namespace anlan::edge
