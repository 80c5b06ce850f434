#include <gtest/gtest.h>

#include "common/base/result.hpp"

namespace anlan {
namespace {

TEST(Error, GathersContextInFront) {
  Error error{Errc::timeout, "no answer within 500 ms"};
  EXPECT_EQ(std::move(error).within("reading tank-3").message, "reading tank-3: no answer within 500 ms");
}

TEST(Error, SaysWhetherTryingAgainCanHelp) {
  for (const Errc code :
       {Errc::timeout, Errc::unavailable, Errc::storage_full, Errc::cap_reached, Errc::storage_failed})
    EXPECT_TRUE(retryable(code));
  for (const Errc code : {Errc::invalid_argument, Errc::malformed, Errc::not_found, Errc::conflict, Errc::refused,
                          Errc::unsupported, Errc::too_large, Errc::storage_corrupt, Errc::closed, Errc::internal})
    EXPECT_FALSE(retryable(code)) << to_string(code);
}

TEST(Error, TravelsAsAValue) {
  const auto failing = []() -> Result<int> { return fail(Errc::not_found, "no such edge"); };
  const auto result = failing();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::not_found);
  EXPECT_EQ(to_string(result.error().code), "not found");
}

}  // namespace
}  // namespace anlan
