// The line to the centre: two MQTT connections (alert events have their own, DESIGN.md promise 4) that carry what
// uplink_machine.hpp decides. A dead line is tried again with back-off; nothing here decides what is lost or received.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "common/async/event.hpp"
#include "common/base/backoff.hpp"
#include "common/base/log_limit.hpp"
#include "common/base/metrics.hpp"
#include "common/io/mqtt_client.hpp"
#include "edge/buffer/async_buffer.hpp"
#include "edge/uplink/command_gate.hpp"
#include "edge/uplink/uplink_machine.hpp"

namespace anlan::edge {

class Uplink {
 public:
  struct Status {
    bool connected = false;  // to the broker
    bool answered = false;   // the centre has answered this connection's hello
    WallTime since{};        // of the present state of `connected`
    std::string trouble;     // why it is not connected, for people
  };

  /// `broker`: address and credentials; client id and Will are set here. All references must outlive run().
  Uplink(boost::asio::any_io_executor executor, Clock& clock, AsyncBuffer& buffer, UplinkMachine::Settings settings,
         UplinkMachine::Identity identity, MqttOptions broker, MqttFactory connect, Metrics& metrics,
         std::uint64_t seed);

  /// Until cancelled; the caller owns the coroutine.
  boost::asio::awaitable<void> run();

  /// The buffer has changed. On the loop.
  void wake() { event_.set(); }

  const Status& status() const { return status_; }

  /// When the oldest telemetry record was committed that waits for a receipt, as far as it is known now: asked while
  /// greeting, so it must not look at a disk. Set before run(); without, it is not said.
  void tell_oldest(std::function<std::optional<WallTime>()> oldest) { oldest_ = std::move(oldest); }

  /// Orders of the centre (…/down/command) that pass `gate`, and those of the centre's own that do not (each at
  /// most once a minute, however often it is repeated). On the loop,
  /// from run(). Set before run(); without, nothing is asked for and nothing taken.
  struct Orders {
    CommandGate gate;
    std::function<void(Command)> obey;
    std::function<void(const Command&, const std::string& why)> refused;
  };
  void take_orders(Orders orders) { orders_.emplace(std::move(orders)); }

  /// Gets each head of the log that the centre sends, as it came. On the loop, from run(). Set before run().
  std::function<void(const std::string& line)> on_head;

 private:
  boost::asio::awaitable<Result<void>> connect();
  boost::asio::awaitable<void> pump();
  void greet();
  void report();
  bool countable() const;
  boost::asio::awaitable<void> take_inbox();
  boost::asio::awaitable<void> take(MqttMessage message);
  void take_order(const MqttMessage& message);
  boost::asio::awaitable<void> take_answer(Answer answer);
  boost::asio::awaitable<void> mark_received();
  boost::asio::awaitable<bool> send_next();
  boost::asio::awaitable<void> end();
  bool red_waits() const;
  bool publish(topics::Lane lane, const Message& message);
  std::unique_ptr<MqttClient> client(const char* suffix);
  void lost(std::string reason);

  boost::asio::any_io_executor executor_;
  Clock& clock_;
  AsyncBuffer& buffer_;
  UplinkMachine::Settings settings_;
  UplinkMachine::Identity identity_;
  MqttOptions broker_;
  MqttFactory factory_;
  Metrics& metrics_;
  UplinkMachine machine_;
  Backoff backoff_;
  Event event_;
  Status status_;
  std::unique_ptr<MqttClient> urgent_, bulk_;
  std::deque<MqttMessage> inbox_;
  RangesByPlace received_;  // by receipts taken from the inbox, not yet committed: one commit for many
  std::optional<Orders> orders_;
  std::function<std::optional<WallTime>()> oldest_ = [] { return std::optional<WallTime>(); };
  LogLimit quiet_;
  bool lost_ = false;
};

}  // namespace anlan::edge
