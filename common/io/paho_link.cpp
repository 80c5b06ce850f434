#include "common/io/paho_link.hpp"

#include <algorithm>
#include <utility>

#include "common/io/no_delay.hpp"
#include "common/io/paho_client.hpp"
#include "common/io/paho_options.hpp"
#include "common/io/paho_thread.hpp"

namespace anlan {
namespace {

constexpr std::size_t kMostInFlight = 256;

Result<void> failed(const mqtt::exception& e) { return fail(Errc::unavailable, e.to_string()); }

}  // namespace

// ---- from the loop to the worker ------------------------------------------------------------------------------------

void PahoLink::connect(Target target, MqttOptions options, Millis timeout) {
  PahoThread::instance().post(
      [self = shared_from_this(), target = std::move(target), options = std::move(options), timeout]() mutable {
        if (!self->inbox_->is_open()) return;
        self->target_ = std::move(target);
        self->attempt(PahoStep::connect, [&] {
          self->create(self->target_.uri, options.client_id);
          self->client_->connect(connect_options_of(options, self->target_.tls, timeout), nullptr, self->on_connect_);
        });
      });
}

void PahoLink::subscribe(std::vector<std::string> filters) {
  PahoThread::instance().post([self = shared_from_this(), filters = std::move(filters)] {
    self->attempt(PahoStep::subscribe, [&] {
      if (self->client_ == nullptr) throw mqtt::exception(MQTTASYNC_DISCONNECTED);
      const mqtt::iasync_client::qos_collection qos(filters.size(), 1);
      self->client_->subscribe(mqtt::string_collection::create(filters), qos, nullptr, self->on_subscribe_);
    });
  });
}

/// Thousands a second: the worker is woken once for all that come before it looks.
bool PahoLink::publish(MqttPublish message) {
  {
    const std::lock_guard lock(mutex_);
    if (queued_ >= kMqttQueueMessages || queued_bytes_ + message.payload.size() > kMqttQueueBytes) return false;
    ++queued_;
    queued_bytes_ += message.payload.size();
    handed_.push_back(std::move(message));
    if (std::exchange(woken_, true)) return true;
  }
  PahoThread::instance().post([self = shared_from_this()] { self->send_waiting(); });
  return true;
}

std::size_t PahoLink::queued() const {
  const std::lock_guard lock(mutex_);
  return queued_;
}

bool PahoLink::drain() {
  const std::lock_guard lock(mutex_);
  drain_awaited_ = queued_ > 0;
  return drain_awaited_;
}

/// With a time to wait Paho would look only every three seconds whether its messages are through.
void PahoLink::disconnect() {
  PahoThread::instance().post([self = shared_from_this()] {
    self->attempt(PahoStep::disconnect, [&] {
      if (self->client_ == nullptr) throw mqtt::exception(MQTTASYNC_DISCONNECTED);
      self->client_->disconnect(0, nullptr, self->on_end_);
    });
  });
}

void PahoLink::drop() {
  PahoThread::instance().post([self = shared_from_this()] {
    const auto keep = std::move(self->self_);
    delete std::exchange(self->client_, nullptr);  // closes the socket; no listener is called afterwards
    const std::lock_guard lock(self->mutex_);
    PahoThread::instance().finished(std::exchange(self->unfinished_, 0));
  });
}

// ---- on the worker --------------------------------------------------------------------------------------------------

void PahoLink::attempt(PahoStep step, const std::function<void()>& call) {
  begun();
  try {
    call();
  } catch (const mqtt::exception& e) {
    finished();
    inbox_->put(PahoDone{step, failed(e)});
  }
}

void PahoLink::create(const std::string& uri, const std::string& client_id) {
  client_ =
      new mqtt::async_client(uri, client_id, mqtt::create_options(MQTTVERSION_5, 2 * static_cast<int>(kMostInFlight)));
  self_ = shared_from_this();
  client_->set_message_callback([this](const mqtt::const_message_ptr& m) {
    inbox_->put(MqttMessage{m->get_topic(), m->get_payload_str(), m->is_retained()});
  });
  client_->set_connection_lost_handler(
      [this](const std::string& cause) { inbox_->put(PahoLost{cause.empty() ? "the broker is gone" : cause}); });
  // Paho does not call the connection lost after the broker said DISCONNECT itself.
  client_->set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode code) {
    inbox_->put(PahoLost{"the broker ended it (code " + std::to_string(code) + ")"});
  });
}

/// False where there is nothing, or nothing more may be on its way.
bool PahoLink::take_waiting() {
  const std::lock_guard lock(mutex_);
  woken_ = false;
  const std::size_t room = window_ - std::min(in_flight_, window_);
  for (std::size_t i = std::min(room, handed_.size()); i > 0; --i) {
    sending_.push_back(std::move(handed_.front()));
    handed_.pop_front();
  }
  in_flight_ += sending_.size();
  unfinished_ += sending_.size();
  return !sending_.empty();
}

void PahoLink::send_waiting() {
  while (client_ != nullptr && take_waiting()) {
    PahoThread::instance().begun(sending_.size());
    for (MqttPublish& message : std::exchange(sending_, {})) {
      const std::size_t bytes = message.payload.size();
      try {
        client_->publish(message_of(std::move(message)), nullptr, on_sent_);
      } catch (const mqtt::exception&) {  // the connection was lost meanwhile, which is news of its own
        forget(bytes);
      }
    }
  }
}

// ---- on Paho's threads ----------------------------------------------------------------------------------------------

void PahoLink::Listener::on_failure(const mqtt::token& token) {
  link.finished();
  link.inbox_->put(PahoDone{step, fail(failure_of(token))});
}

void PahoLink::Listener::on_success(const mqtt::token& token) {
  link.finished();
  if (step == PahoStep::connect) link.connected(token);
  link.inbox_->put(PahoDone{step, step == PahoStep::subscribe ? subscribed(token) : Result<void>{}});
}

/// Before the loop hears of it, so before anything is published. Paho keeps to the broker's maximum too, but looks only
/// once a second whether it may go on.
void PahoLink::connected(const mqtt::token& token) {
  {
    const std::lock_guard lock(mutex_);
    window_ = std::clamp<std::size_t>(receive_maximum(token), 1, kMostInFlight);
  }
  PahoThread::instance().post(
      [self = shared_from_this()] { set_no_delay(self->target_.addresses, self->target_.port); });
}

void PahoLink::sent(const mqtt::token& token) {
  forget(static_cast<const mqtt::delivery_token&>(token).get_message()->get_payload().size());
}

/// The worker and the loop are woken only where one has something to send and the other waits for it.
void PahoLink::forget(std::size_t bytes) {
  bool more = false, drained = false;
  {
    const std::lock_guard lock(mutex_);
    --unfinished_;
    --in_flight_;
    --queued_;
    queued_bytes_ -= bytes;
    more = !handed_.empty() && !std::exchange(woken_, true);
    drained = queued_ == 0 && std::exchange(drain_awaited_, false);
  }
  PahoThread::instance().finished();
  if (more) PahoThread::instance().post([self = shared_from_this()] { self->send_waiting(); });
  if (drained) inbox_->put(PahoDone{PahoStep::drained, {}});
}

void PahoLink::begun() {
  {
    const std::lock_guard lock(mutex_);
    ++unfinished_;
  }
  PahoThread::instance().begun();
}

void PahoLink::finished() {
  {
    const std::lock_guard lock(mutex_);
    --unfinished_;
  }
  PahoThread::instance().finished();
}

}  // namespace anlan
