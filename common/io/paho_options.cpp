#include "common/io/paho_options.hpp"

#include <limits>

namespace anlan {
namespace {

mqtt::properties expiry_of(const MqttPublish& message) {
  mqtt::properties properties;
  if (message.expiry)
    properties.add({mqtt::property::MESSAGE_EXPIRY_INTERVAL, static_cast<std::int32_t>(message.expiry->count())});
  return properties;
}

mqtt::ssl_options tls_of(const MqttTls& tls) {
  mqtt::ssl_options options;
  options.set_enable_server_cert_auth(true);
  options.set_verify(true);  // the certificate must name the host
  if (!tls.ca_file.empty()) options.set_trust_store(tls.ca_file);
  if (!tls.certificate_file.empty()) options.set_key_store(tls.certificate_file);
  if (!tls.key_file.empty()) options.set_private_key(tls.key_file);
  return options;
}

}  // namespace

mqtt::connect_options connect_options_of(const MqttOptions& options, bool tls, Millis timeout) {
  mqtt::connect_options made;
  made.set_mqtt_version(MQTTVERSION_5);
  made.set_clean_start(true);
  made.set_properties({mqtt::property(mqtt::property::SESSION_EXPIRY_INTERVAL, 0)});
  made.set_keep_alive_interval(options.keep_alive);
  made.set_connect_timeout(std::chrono::ceil<std::chrono::seconds>(timeout));
  if (!options.user.empty()) made.set_user_name(options.user);
  if (!options.password.empty()) made.set_password(options.password);
  if (const auto& will = options.will) {
    mqtt::will_options last(will->topic, will->payload, will->qos, will->retain);
    last.set_properties(expiry_of(*will));
    made.set_will(std::move(last));
  }
  if (tls) made.set_ssl(tls_of(options.tls));
  return made;
}

mqtt::const_message_ptr message_of(MqttPublish message) {
  const auto expiry = expiry_of(message);
  return mqtt::message::create(std::move(message.topic), std::move(message.payload), message.qos, message.retain,
                               expiry);
}

Error failure_of(const mqtt::token& token) {
  const int reason = static_cast<int>(token.get_reason_code());
  const int code = reason >= 0x80 ? reason : token.get_return_code();
  switch (code) {
    case 0x85:
      return {Errc::refused, "the broker refuses the client id"};
    case 0x86:
      return {Errc::refused, "the broker refuses user name or password"};
    case 0x87:
      return {Errc::refused, "the broker does not authorise this client"};
    case 0x8A:
      return {Errc::refused, "the broker has banned this client"};
    case -1:  // MQTTASYNC_FAILURE: all that Paho says of a connection that was refused
      return {Errc::unavailable, "no broker answers there (is it running, and reachable from here?)"};
    default:
      break;
  }
  return {Errc::unavailable, mqtt::exception::printable_error(token.get_return_code(), reason)};
}

Result<void> subscribed(const mqtt::token& token) {
  for (const auto reason : token.get_subscribe_response().get_reason_codes())
    if (static_cast<int>(reason) >= 0x80)
      return fail(Errc::refused, "the broker refuses a subscription (code " + std::to_string(reason) + ")");
  return {};
}

std::size_t receive_maximum(const mqtt::token& token) {
  const auto response = token.get_connect_response();
  const auto& said = response.get_properties();
  if (!said.contains(mqtt::property::RECEIVE_MAXIMUM)) return std::numeric_limits<std::uint16_t>::max();
  return mqtt::get<std::uint16_t>(said, mqtt::property::RECEIVE_MAXIMUM);
}

}  // namespace anlan
