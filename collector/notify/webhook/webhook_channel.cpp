#include "collector/notify/webhook/webhook_channel.hpp"

#include "collector/notify/webhook/signature.hpp"
#include "common/io/http_client.hpp"

namespace anlan::collector {

Result<void> judge_status(int status) {
  if (status >= 200 && status < 300) return {};
  const std::string told = "the receiver answered " + std::to_string(status);
  if (status == 408 || status == 429 || status >= 500) return fail(Errc::unavailable, told);
  return fail(Errc::refused, told + ": check the webhook's url and secret");
}

boost::asio::awaitable<Result<void>> WebhookChannel::send(const Notification& notification) {
  HttpRequest request;
  request.method = "POST";
  request.url = options_.url;
  request.headers.set("Content-Type", "application/json");
  request.headers.set("User-Agent", "anlan-collector");
  request.headers.set("Idempotency-Key", notification.idempotency_key());
  if (!options_.secret.empty()) request.headers.set("X-Anlan-Signature", sign(options_.secret, notification.payload));
  request.body = notification.payload;
  HttpClientOptions options;
  options.timeout = options_.timeout;
  options.body_limit = 64 * 1024;
  auto response = co_await http_request(std::move(request), std::move(options));
  if (!response) co_return fail(std::move(response.error()).within("webhook " + options_.name));
  auto judged = judge_status(response->status);
  if (!judged) co_return fail(std::move(judged.error()).within("webhook " + options_.name));
  co_return Result<void>{};
}

}  // namespace anlan::collector
