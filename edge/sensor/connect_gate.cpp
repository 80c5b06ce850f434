#include "edge/sensor/connect_gate.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace anlan::edge {

boost::asio::awaitable<std::unique_ptr<ConnectGate::Place>> ConnectGate::enter(std::string host, bool again,
                                                                               Millis timeout) {
  if (again) {
    boost::asio::steady_timer pause(executor_);
    pause.expires_after(Millis{std::uniform_int_distribution<Millis::rep>(0, kSpread.count())(random_)});
    co_await pause.async_wait(boost::asio::use_awaitable);
  }
  Host& at = hosts_[host];
  if (at.inside < kPerHost) {
    ++at.inside;
    co_return std::make_unique<Place>(*this, host);
  }
  Event turn(executor_);
  at.waiting.push_back(&turn);
  // Whoever leaves hands the place over; it is ours even if we are cancelled or late just then.
  struct Wait {
    ConnectGate& gate;
    std::string host;
    Event* turn;
    bool taken = false;
    ~Wait() {
      const bool still_waits = std::erase(gate.hosts_[host].waiting, turn) > 0;
      if (!still_waits && !taken) gate.leave(host);
    }
  } wait{*this, host, &turn};
  if (!co_await turn.wait(timeout)) co_return nullptr;
  wait.taken = true;
  co_return std::make_unique<Place>(*this, host);
}

void ConnectGate::leave(const std::string& host) {
  Host& at = hosts_[host];
  if (!at.waiting.empty()) {
    at.waiting.front()->set();
    at.waiting.pop_front();
  } else if (--at.inside == 0) {
    hosts_.erase(host);
  }
}

}  // namespace anlan::edge
