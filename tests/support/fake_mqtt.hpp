// MQTT connections that a test plays the broker for. They answer in place, so time stands still meanwhile.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/io/mqtt_client.hpp"

namespace anlan::test {

/// The broker's side: what its clients asked for, and whether it is there. Must outlive the clients.
class FakeMqtt {
 public:
  bool refuses = false;  // nobody can connect
  bool refuses_subscription = false;
  int connects = 0;  // attempts
  std::vector<MqttPublish> published;
  std::function<void(const MqttPublish&)> on_publish;  // as it is handed over
  std::vector<std::string> filters;                    // of the newest connection

  MqttFactory factory() {
    return [this](MqttOptions) { return std::make_unique<Client>(*this); };
  }
  /// To every connected client, whatever it subscribed to.
  void deliver(MqttMessage message) {
    for (Client* client : std::vector(clients_))
      if (client->connected && client->on_message) client->on_message(message);
  }
  /// As a broker does it: to those who subscribed to its topic.
  void route(const MqttMessage& message) {
    for (Client* client : std::vector(clients_))
      if (client->connected && std::ranges::any_of(client->subscribed, [&](const std::string& filter) {
            return matches(filter, message.topic);
          }))
        client->on_message(message);
  }
  /// Ends every connection.
  void drop() {
    for (Client* client : std::vector(clients_))
      if (std::exchange(client->connected, false) && client->on_lost) client->on_lost("dropped by the test");
  }
  std::size_t connections() const {
    return static_cast<std::size_t>(std::ranges::count_if(clients_, [](const Client* c) { return c->connected; }));
  }

 private:
  class Client final : public MqttClient {
   public:
    explicit Client(FakeMqtt& broker) : broker_(broker) { broker_.clients_.push_back(this); }
    ~Client() override { std::erase(broker_.clients_, this); }

    boost::asio::awaitable<Result<void>> connect(Millis) override {
      ++broker_.connects;
      if (broker_.refuses) co_return fail(Errc::unavailable, "refused by the test");
      connected = true;
      co_return Result<void>{};
    }
    boost::asio::awaitable<Result<void>> subscribe(std::vector<std::string> wanted, Millis) override {
      if (broker_.refuses_subscription) co_return fail(Errc::refused, "refused by the test");
      subscribed.insert(subscribed.end(), wanted.begin(), wanted.end());
      broker_.filters = std::move(wanted);
      co_return Result<void>{};
    }
    Result<void> publish(MqttPublish message) override {
      if (!connected) return fail(Errc::unavailable, "not connected");
      if (broker_.on_publish) broker_.on_publish(message);
      broker_.published.push_back(std::move(message));
      return {};
    }
    boost::asio::awaitable<void> disconnect(Millis) override {
      connected = false;
      co_return;
    }
    bool connected = false;
    std::vector<std::string> subscribed;

   private:
    FakeMqtt& broker_;
  };

  /// With the wildcard `+` only.
  static bool matches(std::string_view filter, std::string_view topic) {
    const auto first = [](std::string_view& text) {
      const auto end = text.find('/');
      const auto word = text.substr(0, end);
      text = end == text.npos ? std::string_view{} : text.substr(end + 1);
      return word;
    };
    while (!filter.empty() && !topic.empty())
      if (const auto wanted = first(filter), is = first(topic); wanted != "+" && wanted != is) return false;
    return filter.empty() && topic.empty();
  }

  std::vector<Client*> clients_;
};

}  // namespace anlan::test
