#include "edge/sensor/connect_gate.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace anlan::edge {

class ConnectGate::Held {
 public:
  Held(ConnectGate& gate, std::string host) : gate_(gate), host_(std::move(host)), timer_(gate.executor_, gate.hold_) {}
  ~Held() { pass_on(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  static void limit(const Place& place) {
    place->timer_.async_wait([held = std::weak_ptr(place)](const boost::system::error_code&) {
      if (const Place still = held.lock()) still->pass_on();
    });
  }

 private:
  void pass_on() {
    if (!std::exchange(passed_on_, true)) gate_.leave(host_);
  }

  ConnectGate& gate_;
  const std::string host_;
  boost::asio::steady_timer timer_;
  bool passed_on_ = false;
};

boost::asio::awaitable<ConnectGate::Place> ConnectGate::enter(std::string host, bool again) {
  if (again) {
    boost::asio::steady_timer pause(executor_);
    pause.expires_after(Millis{std::uniform_int_distribution<Millis::rep>(0, kSpread.count())(random_)});
    co_await pause.async_wait(boost::asio::use_awaitable);
  }
  Host& at = hosts_[host];
  if (at.inside < kPerHost) {
    ++at.inside;
    co_return take(host);
  }
  Event turn(executor_);
  at.waiting.push_back(&turn);
  // Whoever leaves hands the place over; it is ours even if we are cancelled just then.
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
  while (!co_await turn.wait(Millis{3600'000})) {
  }
  wait.taken = true;
  co_return take(host);
}

ConnectGate::Place ConnectGate::take(const std::string& host) {
  auto place = std::make_shared<Held>(*this, host);
  Held::limit(place);
  return place;
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
