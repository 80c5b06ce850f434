// The line to the edges: two MQTT connections (a subscriber has one queue, so urgent has its own: PROTOCOL.md rule 14)
// that feed the two lanes and carry receipts and answers back. Messages of one edge are trusted for that edge's topics
// only; the broker's ACL binds a certificate to them (rule 15).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "collector/ingest/credit_desk.hpp"
#include "collector/ingest/event_lane.hpp"
#include "collector/ingest/receipt_desk.hpp"
#include "collector/ingest/telemetry_lane.hpp"
#include "collector/ingest/waiting_book.hpp"
#include "common/base/backoff.hpp"
#include "common/base/log_limit.hpp"
#include "common/io/mqtt_client.hpp"
#include "common/wire/topics.hpp"

namespace anlan::collector {

class Ingest {
 public:
  /// `broker`: address and credentials; client ids and the Will are set here. `broker_queue`: messages that it keeps
  /// for one subscriber. All references must outlive run().
  Ingest(boost::asio::any_io_executor executor, Clock& clock, Records& records, AsyncTelemetry& telemetry,
         StoreIdentity identity, EventSink& sink, MqttOptions broker, std::uint64_t broker_queue, MqttFactory connect,
         Metrics& metrics, std::uint64_t seed);

  /// Until cancelled; the caller owns the coroutine. Both lanes run inside it.
  boost::asio::awaitable<void> run();

  bool connected() const { return connected_; }

  /// While held, telemetry is not taken in: it stays with the edges, without a receipt. Events are not concerned.
  void hold_telemetry(bool held) { telemetry_.hold(held); }

  /// A payload for the edge's …/down/command, gone after `life`. False where there is no line to the broker.
  bool command(const Origin& to, const std::string& payload, Millis life);

  /// The newest signed head of the log goes with the collector's state, retained: to every edge, now and when it
  /// connects.
  void say_head(std::string head);

  /// Edges heard since the last call, for the watch over silent ones.
  std::set<Origin> take_heard() { return std::exchange(heard_, {}); }

 private:
  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<Result<void>> connect();
  boost::asio::awaitable<void> end();
  Result<void> say_state();
  std::unique_ptr<MqttClient> client(const char* suffix);
  void take(MqttMessage message);
  void take(const Origin& origin, RecordBatch batch, bool at_once);
  void reply(const Origin& to, const Message& message);
  void send(MqttClient& client, const Origin& to, const Message& message);
  void send_telemetry(ReceiptDesk::Out receipts);
  boost::asio::awaitable<void> send_waiting();
  Credit credit();

  boost::asio::any_io_executor executor_;
  Clock& clock_;
  StoreIdentity identity_;
  MqttOptions broker_;
  MqttFactory factory_;
  Metrics& metrics_;
  std::map<topics::Lane, Metric*> frames_;      // looked up once: thousands a second
  std::map<Stream, Metric*> receipts_counted_;  // the same
  Backoff backoff_;
  LogLimit quiet_;
  std::string process_;  // tells this process's client ids from another's
  Ledgers ledgers_;
  TelemetryLane telemetry_;
  EventLane events_;
  WaitingBook waiting_;
  CreditDesk credit_;
  ReceiptDesk receipts_;
  Event event_;
  std::unique_ptr<MqttClient> urgent_, bulk_;
  std::set<Origin> heard_;
  bool connected_ = false, lost_ = false;
  std::string trouble_, audit_head_;
};

}  // namespace anlan::collector
