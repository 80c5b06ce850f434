// The real MqttClient: Eclipse Paho MQTT C++, which only the paho_ files of this folder include.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "common/io/mqtt_client.hpp"

namespace anlan {

/// What a connection holds at most that the broker has not taken yet; publish() is refused above.
inline constexpr std::size_t kMqttQueueMessages = 16'384;
inline constexpr std::size_t kMqttQueueBytes = 32u << 20;

/// Makes connections whose methods and callbacks run on `executor`: one thread, or a strand. `executor` must outlive
/// them. A connection may be destroyed at any moment, while it connects and inside its own callbacks too; a coroutine
/// that waits in one of its methods then gets Errc::closed.
MqttFactory paho_factory(boost::asio::any_io_executor executor);

}  // namespace anlan
