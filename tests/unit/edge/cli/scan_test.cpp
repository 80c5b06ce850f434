#include "edge/cli/scan.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/cli/traced_bus.hpp"
#include "tests/support/fake_bus.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coro.hpp"

namespace anlan::edge {
namespace {

using testing::HasSubstr;

Profile profile_of(std::string id, std::vector<std::uint16_t> addresses, double most) {
  Profile profile;
  profile.id = std::move(id);
  for (const std::uint16_t address : addresses) {
    ProfilePoint point;
    point.name = "p" + std::to_string(address);
    point.source = ModbusSource{.address = address};
    point.valid_max = most;
    profile.points.push_back(point);
  }
  return profile;
}

class ScanTest : public ::testing::Test {
 protected:
  Result<void> go(std::vector<int> units) {
    test::FakeBus bus(clock_, endpoint_);
    return test::run_coro(
        io_,
        scan(
            bus, {std::move(units), Millis{0}},
            {profile_of("small", {0, 1}, 100), profile_of("large", {0, 1, 2}, 100), profile_of("far", {900}, 100)},
            [this](int unit) { tried_.push_back(unit); }, [this](ScanFound f) { found_.push_back(std::move(f)); }));
  }

  boost::asio::io_context io_;
  test::ManualClock clock_;
  test::FakeEndpoint endpoint_;
  std::vector<int> tried_;
  std::vector<ScanFound> found_;
};

TEST_F(ScanTest, FindsWhoAnswersAndWhatDescribesThem) {
  endpoint_.silent = {1, 3};
  endpoint_.set(2, Table::holding_registers, 0, {50, 60, 30000});
  endpoint_.exceptions[{2, Table::holding_registers, 900}] = 2;
  endpoint_.identities[2].objects = {{Identification::vendor, "Acme"}, {Identification::product, "LT200"}};
  ASSERT_TRUE(go({1, 2, 3}));
  EXPECT_EQ(tried_, (std::vector<int>{1, 2, 3}));
  ASSERT_EQ(found_.size(), 1u);
  EXPECT_EQ(found_[0].unit, 2);
  ASSERT_EQ(found_[0].matches.size(), 2u) << "the one it refuses is not it";
  EXPECT_EQ(found_[0].matches[0].profile, "small") << "all of its points are plausible";
  EXPECT_EQ(found_[0].matches[1].good, 2u);
  const std::string text = to_text(found_[0]);
  EXPECT_THAT(text, HasSubstr("unit 2: holding 40001 is 0x0032"));
  EXPECT_THAT(text, HasSubstr("says that it is: Acme, LT200"));
  EXPECT_THAT(text, HasSubstr("profile small: 2 of 2 points"));
}

TEST_F(ScanTest, AnExceptionIsAnAnswerToo) {
  endpoint_.exceptions[{5, Table::holding_registers, 0}] = 2;
  ASSERT_TRUE(go({5}));
  ASSERT_EQ(found_.size(), 1u);
  EXPECT_THAT(to_text(found_[0]), HasSubstr("it refuses holding 40001 (illegal data address)"));
  EXPECT_THAT(to_text(found_[0]), HasSubstr("no function 43/14"));
}

TEST_F(ScanTest, NobodyIsAskedWhereTheEndpointIsNotReached) {
  endpoint_.dead = true;
  const auto done = go({1, 2, 3});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::unavailable);
  EXPECT_EQ(tried_.size(), 1u);
}

TEST(ScanUnits, AreReadAsPeopleWriteThem) {
  EXPECT_EQ(*parse_units("3"), (std::vector<int>{3}));
  EXPECT_EQ(*parse_units("1,5,3-5,1"), (std::vector<int>{1, 5, 3, 4}));
  EXPECT_EQ(parse_units("1-247")->size(), 247u);
  for (const char* text : {"", "x", "1-", "-1", "5-1", "256", "1,,2", "1-300"})
    EXPECT_EQ(parse_units(text).error().code, Errc::invalid_argument) << text;
}

TEST(RegisterName, IsThatOfTheMakersManuals) {
  EXPECT_EQ(register_name(Table::holding_registers, 0), "holding 40001");
  EXPECT_EQ(register_name(Table::input_registers, 107), "input 30108");
  EXPECT_EQ(register_name(Table::coils, 16), "coil 00017");
  EXPECT_EQ(register_name(Table::discrete_inputs, 0), "discrete 10001");
  EXPECT_EQ(register_name(Table::holding_registers, 65535), "holding 465536");
  EXPECT_EQ(register_names(Table::holding_registers, 9998, 2), "holding 49999 to 410000");
}

}  // namespace
}  // namespace anlan::edge
