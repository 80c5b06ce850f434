// A notification channel that does what the test says and remembers what it was given.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "collector/notify/channel.hpp"
#include "common/async/clock.hpp"

namespace anlan::test {

class ScriptedChannel final : public collector::Channel {
 public:
  struct Sent {
    std::string key, payload;
    WallTime at;
    bool operator==(const std::string& other) const { return key == other; }
  };
  /// Lives in the test: the channel itself belongs to the notifier.
  struct Script {
    std::function<Result<void>(const collector::Notification&)> answer = [](const auto&) { return Result<void>{}; };
    Millis takes{0};         // each delivery hangs for so long
    std::vector<Sent> sent;  // every try, the failed ones included
    std::vector<std::string> keys() const {
      std::vector<std::string> out;
      for (const auto& each : sent) out.push_back(each.key);
      return out;
    }
  };

  ScriptedChannel(std::string name, Level from, Clock& clock, Script& script)
      : name_(std::move(name)), from_(from), clock_(clock), script_(script) {}

  const std::string& name() const override { return name_; }
  Level from() const override { return from_; }
  boost::asio::awaitable<Result<void>> send(const collector::Notification& notification) override {
    script_.sent.push_back({notification.idempotency_key(), notification.payload, clock_.wall()});
    if (script_.takes > Millis{0}) co_await clock_.sleep_for(script_.takes);
    co_return script_.answer(notification);
  }

 private:
  std::string name_;
  Level from_;
  Clock& clock_;
  Script& script_;
};

}  // namespace anlan::test
