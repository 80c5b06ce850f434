// One Paho connection, as its two kinds of thread see it. The worker (paho_thread.hpp) calls into Paho; Paho's own two
// threads call the listeners back while they hold Paho's mutex: these only count and put news into the inbox.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include <boost/asio/ip/address.hpp>
#include <mqtt/async_client.h>

#include "common/io/paho_news.hpp"

namespace anlan {

/// Made and called by the loop; each call returns at once and its outcome is news. Lives until Paho cannot call into it
/// any more: while the Paho client exists, the link keeps itself alive.
class PahoLink : public std::enable_shared_from_this<PahoLink> {
 public:
  explicit PahoLink(std::shared_ptr<PahoInbox> inbox) : inbox_(std::move(inbox)) {}

  struct Target {
    std::string uri;                                  // in Paho's form
    std::vector<boost::asio::ip::address> addresses;  // of its host
    std::uint16_t port = 0;
    bool tls = false;
  };
  void connect(Target target, MqttOptions options, Millis timeout);
  void subscribe(std::vector<std::string> filters);

  /// False where too much waits for the broker already (kMqttQueueMessages, kMqttQueueBytes).
  bool publish(MqttPublish message);

  /// How many published messages the broker has not taken yet.
  std::size_t queued() const;

  /// Whether there are any; then `drained` is news when there are none any more.
  bool drain();

  /// What still waits is given up.
  void disconnect();

  /// Ends it, whatever it is doing.
  void drop();

 private:
  struct Listener final : mqtt::iaction_listener {
    Listener(PahoLink& l, PahoStep s) : link(l), step(s) {}
    void on_failure(const mqtt::token& token) override;
    void on_success(const mqtt::token& token) override;
    PahoLink& link;
    PahoStep step;
  };
  struct SentListener final : mqtt::iaction_listener {
    explicit SentListener(PahoLink& l) : link(l) {}
    void on_failure(const mqtt::token& token) override { link.sent(token); }
    void on_success(const mqtt::token& token) override { link.sent(token); }
    PahoLink& link;
  };

  // ---- the worker ----
  void create(const std::string& uri, const std::string& client_id);
  void attempt(PahoStep step, const std::function<void()>& call);
  bool take_waiting();
  void send_waiting();

  // ---- any thread ----
  void connected(const mqtt::token& token);
  void sent(const mqtt::token& token);
  void forget(std::size_t bytes);
  void begun();
  void finished();

  const std::shared_ptr<PahoInbox> inbox_;

  mutable std::mutex mutex_;                   // guards these
  std::size_t queued_ = 0, queued_bytes_ = 0;  // taken by publish(), not yet by the broker
  std::size_t in_flight_ = 0, window_ = 1;     // of those, in Paho's hands; and how many may be
  std::size_t unfinished_ = 0;                 // whatever Paho has not done with
  std::deque<MqttPublish> handed_;             // not yet in Paho's hands
  bool woken_ = false;                         // the worker is about to look at them
  bool drain_awaited_ = false;

  // The worker's.
  Target target_;
  std::vector<MqttPublish> sending_;  // on their way there
  mqtt::async_client* client_ = nullptr;
  std::shared_ptr<PahoLink> self_;

  Listener on_connect_{*this, PahoStep::connect}, on_subscribe_{*this, PahoStep::subscribe},
      on_end_{*this, PahoStep::disconnect};
  SentListener on_sent_{*this};
};

}  // namespace anlan
