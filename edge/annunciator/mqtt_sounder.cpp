#include "edge/annunciator/mqtt_sounder.hpp"

#include <algorithm>
#include <utility>

namespace anlan::edge {
namespace {

constexpr Millis kConnectTimeout{3000};

std::chrono::seconds at_least_a_second(Millis time) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(time), std::chrono::seconds{1});
}

}  // namespace

std::string sounder_payload(const AnnunciatorOutput& output) {
  return std::string("{\"sound\":") + (output.sound ? "true" : "false") + ",\"level\":\"" +
         std::string(to_string(output.level)) + "\",\"beat\":" + std::to_string(output.beat) + "}";
}

MqttSounder::MqttSounder(MqttFactory factory, MqttOptions options, std::string topic, Millis beat, const Clock& clock,
                         std::uint64_t seed)
    : factory_(std::move(factory)),
      options_(std::move(options)),
      topic_(std::move(topic)),
      expiry_(at_least_a_second(3 * beat)),
      clock_(clock),
      backoff_(Millis{1000}, Millis{5000}, seed) {}

boost::asio::awaitable<Result<void>> MqttSounder::show(const AnnunciatorOutput& output) {
  if (!client_) {
    if (clock_.mono() < retry_at_) co_return fail(Errc::unavailable, lost_);
    auto connected = co_await connect();
    if (!connected) co_return fail(std::move(connected.error()));
  }
  MqttPublish message{.topic = topic_, .payload = sounder_payload(output), .expiry = expiry_};
  auto published = client_->publish(std::move(message));
  if (!published) lose(published.error().message);
  co_return published;
}

boost::asio::awaitable<Result<void>> MqttSounder::connect() {
  client_ = factory_(options_);
  client_->on_lost = [this](std::string reason) { lose(std::move(reason)); };
  auto connected = co_await client_->connect(kConnectTimeout);
  if (connected && !client_) connected = fail(Errc::unavailable, lost_);  // lost while it was being made
  if (connected)
    backoff_.reset();
  else
    lose(connected.error().message);
  co_return connected;
}

void MqttSounder::lose(std::string reason) {
  client_.reset();
  lost_ = std::move(reason);
  retry_at_ = clock_.mono() + backoff_.next();
}

}  // namespace anlan::edge
