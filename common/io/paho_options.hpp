// Anlan's values to Paho's, and Paho's answers to Anlan's.
#pragma once

#include <mqtt/async_client.h>

#include "common/io/mqtt_client.hpp"

namespace anlan {

/// MQTT 5, clean start, session expiry 0.
mqtt::connect_options connect_options_of(const MqttOptions& options, bool tls, Millis timeout);

mqtt::const_message_ptr message_of(MqttPublish message);

/// Why a step failed. Errors: refused (by name), unavailable (all else).
Error failure_of(const mqtt::token& token);

/// Of a SUBACK. Errors: refused, where any of the filters was.
Result<void> subscribed(const mqtt::token& token);

/// How many unacknowledged messages the broker takes at once (CONNACK's Receive Maximum, MQTT 5 §3.2.2.3.3).
std::size_t receive_maximum(const mqtt::token& token);

}  // namespace anlan
