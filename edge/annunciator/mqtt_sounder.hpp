// A local alarm behind an MQTT topic: {"sound":true,"level":"red","beat":17}, QoS 1, not retained, expiring after three
// beats (at least a second), so that a broker which comes back does not replay an old alarm.
#pragma once

#include "common/async/clock.hpp"
#include "common/base/backoff.hpp"
#include "common/io/mqtt_client.hpp"
#include "edge/annunciator/sounder.hpp"

namespace anlan::edge {

/// Connects when it is first told something, and again (after 1 to 5 s) when the connection has ended. On one strand.
class MqttSounder final : public Sounder {
 public:
  MqttSounder(MqttFactory factory, MqttOptions options, std::string topic, Millis beat, const Clock& clock,
              std::uint64_t seed);

  boost::asio::awaitable<Result<void>> show(const AnnunciatorOutput& output) override;
  std::string name() const override { return options_.broker + " topic " + topic_; }

 private:
  boost::asio::awaitable<Result<void>> connect();
  /// Drops the connection and says when to try again.
  void lose(std::string reason);

  MqttFactory factory_;
  MqttOptions options_;
  std::string topic_;
  std::chrono::seconds expiry_;
  const Clock& clock_;
  Backoff backoff_;
  std::unique_ptr<MqttClient> client_;
  std::string lost_;  // why there is no connection
  MonoTime retry_at_{};
};

/// The payload: {"sound":…,"level":…,"beat":…}.
std::string sounder_payload(const AnnunciatorOutput& output);

}  // namespace anlan::edge
