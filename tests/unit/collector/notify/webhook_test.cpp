#include <gtest/gtest.h>

#include "collector/notify/webhook/signature.hpp"
#include "collector/notify/webhook/webhook_channel.hpp"

namespace anlan::collector {
namespace {

TEST(Signature, IsTheHmacOfTheBody) {
  // RFC 4231, test cases 1 and 2.
  EXPECT_EQ(sign(std::string(20, '\x0b'), "Hi There"),
            "sha256=b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(sign("Jefe", "what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Webhook, JudgesWhatTheReceiverAnswers) {
  for (const int status : {200, 201, 204}) EXPECT_TRUE(judge_status(status)) << status;
  for (const int status : {408, 429, 500, 502, 503})
    EXPECT_TRUE(retryable(judge_status(status).error().code)) << status;
  for (const int status : {301, 400, 401, 403, 404, 410, 422})
    EXPECT_FALSE(retryable(judge_status(status).error().code)) << status;
}

}  // namespace
}  // namespace anlan::collector
