#include "common/io/paho_thread.hpp"

#include <random>

#include <mqtt/async_client.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include "common/base/log.hpp"

namespace anlan {
namespace {

constexpr Millis kFirstRing{2}, kLastRing{512};

}  // namespace

PahoThread& PahoThread::instance() {
  static PahoThread one;
  return one;
}

PahoThread::PahoThread() {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);  // its cleanup at exit would pull Paho's threads' state away
  post([this] { hang_bell(); });
}

void PahoThread::begun(std::size_t count) {
  unfinished_.fetch_add(count, std::memory_order_relaxed);
  step_ = kFirstRing;
  if (armed_ && timer_.expiry() <= std::chrono::steady_clock::now() + kFirstRing) return;
  arm();
}

/// The idle client is never destroyed, because Paho would end its threads with the last connection: that takes a second
/// each time, and a connection made meanwhile would be lost (MQTTAsync_terminate). So the threads end with the process.
void PahoThread::hang_bell() {
  const std::string id = "anlan-bell-" + std::to_string(::getpid()) + "-" + std::to_string(std::random_device{}());
  const auto port = bell_.listen();
  idle_ = new mqtt::async_client("tcp://127.0.0.1:" + std::to_string(port ? *port : 1), id,
                                 mqtt::create_options(MQTTVERSION_3_1_1));
  if (!port) return log::warning("mqtt", "connections may be a second slow", {{"error", port.error().message}});
  mqtt::connect_options options;
  options.set_mqtt_version(MQTTVERSION_3_1_1);
  options.set_keep_alive_interval(0);
  idle_->connect(options);
  if (const auto welcome = bell_.welcome(id); !welcome)
    log::warning("mqtt", "connections may be a second slow", {{"error", welcome.error().message}});
}

void PahoThread::ring() {
  bell_.ring();
  try {
    if (idle_->is_connected()) idle_->publish("bell", "", 0, 0, false);
  } catch (const mqtt::exception&) {  // its queue is full: the sender is awake
  }
}

void PahoThread::arm() {
  armed_ = true;
  timer_.expires_after(step_);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    armed_ = false;
    if (unfinished_.load(std::memory_order_relaxed) == 0) return;
    ring();  // also where others got through meanwhile: that says nothing of the one that waits
    step_ *= 2;
    if (step_ <= kLastRing) arm();
  });
}

}  // namespace anlan
