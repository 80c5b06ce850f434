// Notifications as HTTP POST: JSON body, Idempotency-Key, and X-Anlan-Signature where a secret is configured.
#pragma once

#include "collector/notify/channel.hpp"

namespace anlan::collector {

struct WebhookOptions {
  std::string name;
  std::string url;     // http:// or https://
  std::string secret;  // empty: not signed
  Level from = Level::orange;
  Millis timeout{10'000};  // of one delivery, all of it
};

/// What an HTTP status says of the delivery: success, unavailable (retry helps) or refused.
Result<void> judge_status(int status);

class WebhookChannel final : public Channel {
 public:
  explicit WebhookChannel(WebhookOptions options) : options_(std::move(options)) {}
  const std::string& name() const override { return options_.name; }
  Level from() const override { return options_.from; }
  /// 2xx is success. 408, 429, 5xx and failures of the line are retryable, any other status is not.
  boost::asio::awaitable<Result<void>> send(const Notification& notification) override;

 private:
  WebhookOptions options_;
};

}  // namespace anlan::collector
