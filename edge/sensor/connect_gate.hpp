// Who may open a connection now. After an outage every endpoint wants one at once: those to the same host go through a
// few at a time, so that a small gateway or a serial server with many ports is not run over as it comes back; a new
// attempt after a loss waits a random while first. A host that answers nobody delays no other host.
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

  ConnectGate(boost::asio::any_io_executor executor, std::uint64_t seed)
      : executor_(std::move(executor)), random_(seed) {}

  /// A place at the host; given back when it is destroyed. Must not outlive the gate.
  class Place {
   public:
    Place(ConnectGate& gate, std::string host) : gate_(gate), host_(std::move(host)) {}
    ~Place() { gate_.leave(host_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    ConnectGate& gate_;
    const std::string host_;
  };

  /// Waits up to kSpread where it is `again`, then for a place, at most `timeout`; nullptr: there was none in time.
  boost::asio::awaitable<std::unique_ptr<Place>> enter(std::string host, bool again, Millis timeout);

 private:
  struct Host {
    int inside = 0;
    std::deque<Event*> waiting;
  };
  void leave(const std::string& host);

  boost::asio::any_io_executor executor_;
  std::mt19937_64 random_;
  std::map<std::string, Host> hosts_;
};

}  // namespace anlan::edge
