#include "common/config/nearest.hpp"

#include <gtest/gtest.h>

namespace anlan {
namespace {

const std::vector<std::string> kKeys{"name", "poll_ms", "profile", "timeout_ms", "password_file", "unit"};

TEST(Nearest, FindsTheKeyAMistypedOneMeans) {
  EXPECT_EQ(nearest("pol_ms", kKeys), "poll_ms");
  EXPECT_EQ(nearest("poll_sm", kKeys), "poll_ms");
  EXPECT_EQ(nearest("nmae", {"name", "nmaee"}), "nmaee");
  EXPECT_EQ(nearest("units", kKeys), "unit");
}

TEST(Nearest, CompletesABeginning) {
  EXPECT_EQ(nearest("password", kKeys), "password_file");
  EXPECT_EQ(nearest("poll", kKeys), "poll_ms");
}

TEST(Nearest, GuessesNothingFarAway) {
  EXPECT_EQ(nearest("colour", kKeys), std::nullopt);
  EXPECT_EQ(nearest("", kKeys), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
  EXPECT_EQ(nearest(std::string(5000, 'a'), kKeys), std::nullopt);
}

}  // namespace
}  // namespace anlan
