// An MQTT 5 connection, as little of it as Anlan needs. Interface; io/paho_client.hpp is the real one.
// One connection is one object: it does not reconnect by itself, its owner does (with base/backoff.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace anlan {

struct MqttMessage {
  std::string topic{}, payload{};
  bool retained = false;
};

struct MqttPublish {
  std::string topic{}, payload{};
  int qos = 1;
  bool retain = false;
  std::optional<std::chrono::seconds> expiry{};  // MQTT 5 message expiry
};

struct MqttTls {
  std::string ca_file, certificate_file, key_file;  // PEM; empty: the system's CAs, no client certificate
};

struct MqttOptions {
  std::string broker;  // mqtt://host[:port] or mqtts://host[:port]; ports default to 1883 and 8883
  std::string client_id;
  std::string user, password;  // empty: none
  MqttTls tls;
  std::chrono::seconds keep_alive{15};
  std::optional<MqttPublish> will;  // session expiry is always 0, clean start always true (PROTOCOL.md rule 14)
};

/// All methods and callbacks run on the executor it was made with.
class MqttClient {
 public:
  virtual ~MqttClient() = default;

  /// Called for each message, and once when an established connection ends (with a reason for people). Set both before
  /// connect(). After disconnect() or destruction neither is called again.
  std::function<void(MqttMessage)> on_message;
  std::function<void(std::string reason)> on_lost;

  /// Once per object. Errors: unavailable, timeout, refused (credentials), invalid_argument (URI).
  virtual boost::asio::awaitable<Result<void>> connect(Millis timeout) = 0;

  /// QoS 1; one at a time. Errors: unavailable, timeout, refused, conflict (another one is under way).
  virtual boost::asio::awaitable<Result<void>> subscribe(std::vector<std::string> filters, Millis timeout) = 0;

  /// Hands the message to the library and returns; the broker's PUBACK is not waited for (it proves nothing).
  /// Errors: unavailable (not connected, or the library's queue is full).
  virtual Result<void> publish(MqttPublish message) = 0;

  /// Orderly end, at most `timeout`; idempotent. The Will is not sent.
  virtual boost::asio::awaitable<void> disconnect(Millis timeout) = 0;
};

/// Makes connections; app/ and tests choose which.
using MqttFactory = std::function<std::unique_ptr<MqttClient>(MqttOptions)>;

}  // namespace anlan
