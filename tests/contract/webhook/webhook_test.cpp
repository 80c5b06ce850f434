// The webhook against a real HTTP server on the loopback.
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "collector/notify/webhook/signature.hpp"
#include "collector/notify/webhook/webhook_channel.hpp"
#include "common/io/http_server.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::collector {
namespace {

using test::run_coro;

class WebhookTest : public ::testing::Test {
 protected:
  WebhookTest() {
    auto started =
        HttpServer::start(io_.get_executor(), {}, [this](HttpRequest request) { return answer(std::move(request)); });
    if (!started) throw std::runtime_error(started.error().message);
    server_ = std::move(*started);
    notification_.alert = {1, 2};
    notification_.level = Level::red;
    notification_.payload = R"({"alert":"x","name":"3号罐"})";
  }
  ~WebhookTest() override { run_coro(io_, server_->stop(Millis{1'000})); }

  boost::asio::awaitable<HttpResponse> answer(HttpRequest request) {
    got_.push_back(std::move(request));
    HttpResponse response;
    response.status = status_;
    co_return response;
  }
  Result<void> send(const std::string& secret, const std::string& url) {
    WebhookChannel channel({"duty", url, secret, Level::orange, Millis{2'000}});
    return run_coro(io_, channel.send(notification_));
  }
  Result<void> send(const std::string& secret = "") { return send(secret, server_->url() + "/hook"); }

  boost::asio::io_context io_;
  std::unique_ptr<HttpServer> server_;
  std::vector<HttpRequest> got_;
  Notification notification_;
  int status_ = 204;
};

TEST_F(WebhookTest, PostsThePayloadWithItsKeyAndSignature) {
  ASSERT_TRUE(send("s3cret"));
  ASSERT_EQ(got_.size(), 1u);
  EXPECT_EQ(got_[0].method, "POST");
  EXPECT_EQ(got_[0].target, "/hook");
  EXPECT_EQ(got_[0].body, notification_.payload);
  EXPECT_EQ(got_[0].headers.get("Idempotency-Key"), "00000000000000010000000000000002-red");
  EXPECT_EQ(got_[0].headers.get("X-Anlan-Signature"), sign("s3cret", notification_.payload));
  EXPECT_EQ(got_[0].headers.get("Content-Type"), "application/json");
}

TEST_F(WebhookTest, WithoutASecretThereIsNoSignature) {
  ASSERT_TRUE(send());
  EXPECT_FALSE(got_.at(0).headers.has("X-Anlan-Signature"));
}

TEST_F(WebhookTest, TheReceiversStatusDecides) {
  status_ = 503;
  EXPECT_TRUE(retryable(send().error().code));
  status_ = 404;
  const auto refused = send();
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_NE(refused.error().message.find("webhook duty: the receiver answered 404"), std::string::npos);
}

TEST_F(WebhookTest, NobodyThereIsRetried) {
  EXPECT_EQ(send("", "http://127.0.0.1:1/hook").error().code, Errc::unavailable);
}

}  // namespace
}  // namespace anlan::collector
