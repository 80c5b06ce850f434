#include "edge/sensor/firmware_watch.hpp"

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

const MonoTime kNow = mono_from_ms(1'000'000);

std::vector<ProfilePoint> points() {
  std::vector<ProfilePoint> made(2);
  made[0].name = "a";
  made[1].name = "b";
  return made;
}

Revisions revisions() {
  Revisions made;
  made.question = FirmwareQuestion{.object = 2, .source = {}};
  ProfilePoint moved = points()[0];
  moved.source = ModbusSource{.address = 100};
  made.list = {{"v1", {.below = "2"}, {}, {1}}, {"v2", {.from = "2", .below = "3"}, {{0, moved}}, {}}};
  return made;
}

TEST(FirmwareWatch, WithoutAQuestionTheBaseCountsForEver) {
  const FirmwareWatch watch(points(), {});
  EXPECT_FALSE(watch.must_ask(kNow));
  EXPECT_TRUE(watch.has(0));
  EXPECT_EQ(watch.points(), points());
}

TEST(FirmwareWatch, NothingIsReadBeforeTheDeviceWasAsked) {
  FirmwareWatch watch(points(), revisions());
  EXPECT_TRUE(watch.must_ask(kNow));
  EXPECT_FALSE(watch.has(0));
  const auto news = watch.answered("1.5", kNow);
  EXPECT_TRUE(news.other_points);
  EXPECT_EQ(news.said, "") << "the first answer is no change";
  EXPECT_FALSE(watch.must_ask(kNow + Millis{1'000'000'000}));
  EXPECT_TRUE(watch.has(0));
  EXPECT_FALSE(watch.has(1));
}

TEST(FirmwareWatch, IsAskedAgainWhenTheDeviceComesBackAndTellsWhatChanged) {
  FirmwareWatch watch(points(), revisions());
  watch.answered("1.5", kNow);
  watch.lost();
  EXPECT_TRUE(watch.must_ask(kNow));
  EXPECT_TRUE(watch.has(0)) << "what was known counts until it answers";
  auto news = watch.answered("1.5", kNow);
  EXPECT_FALSE(news.other_points);
  EXPECT_EQ(news.said, "");
  watch.lost();
  news = watch.answered("2.0", kNow);
  EXPECT_TRUE(news.other_points);
  EXPECT_EQ(news.said, "1.5 before, 2.0 now, read as revision v2");
  EXPECT_TRUE(watch.has(1));
  EXPECT_EQ(std::get<ModbusSource>((*watch.points())[0].source).address, 100);
}

TEST(FirmwareWatch, DevicesOfOneProfileShareItsPointsUntilAFirmwareHasOthers) {
  const ProfilePoints shared = points();
  FirmwareWatch one(shared, revisions()), two(shared, revisions());
  one.answered("1.5", kNow);
  two.answered("2.0", kNow);
  EXPECT_EQ(&*one.points(), &*shared);
  EXPECT_NE(&*two.points(), &*shared);
  EXPECT_EQ(shared, points());
}

TEST(FirmwareWatch, AnotherFirmwareOfTheSameRevisionIsNewsButReadTheSame) {
  FirmwareWatch watch(points(), revisions());
  watch.answered("2.0", kNow);
  const auto news = watch.answered("2.1", kNow);
  EXPECT_FALSE(news.other_points);
  EXPECT_EQ(news.said, "2.0 before, 2.1 now, read as revision v2");
}

TEST(FirmwareWatch, AFirmwareThatNoRevisionIsForIsNotReadAndSaidOnce) {
  FirmwareWatch watch(points(), revisions());
  auto news = watch.answered("7", kNow);
  EXPECT_FALSE(news.other_points) << "nothing was read before";
  EXPECT_TRUE(news.said.starts_with("7: no revision")) << news.said;
  EXPECT_FALSE(watch.has(0));
  EXPECT_FALSE(watch.must_ask(kNow));
  EXPECT_TRUE(watch.must_ask(kNow + kAskUnknownAgain));
  EXPECT_EQ(watch.answered("7", kNow).said, "");
  news = watch.answered("2", kNow);
  EXPECT_TRUE(news.other_points);
  EXPECT_TRUE(watch.has(0));
  news = watch.answered("", kNow);
  EXPECT_TRUE(news.other_points);
  EXPECT_TRUE(news.said.starts_with("2 before, none told now: no revision")) << news.said;
}

TEST(FirmwareWatch, ADeviceThatDoesNotTellIsAskedAgainAfterAWhile) {
  FirmwareWatch watch(points(), revisions());
  watch.not_told(kNow);
  EXPECT_FALSE(watch.must_ask(kNow));
  EXPECT_FALSE(watch.has(0));
  EXPECT_TRUE(watch.must_ask(kNow + kAskUnknownAgain));
}

TEST(FirmwareWatch, AnAnswerUnlikeTheRememberedOneIsNewsThoughItIsTheFirst) {
  FirmwareWatch watch(points(), revisions(), "1.5");
  EXPECT_TRUE(watch.must_ask(kNow));
  EXPECT_FALSE(watch.has(0)) << "a memory is no answer: nothing is read by it";
  EXPECT_EQ(watch.answered("2.0", kNow).said, "1.5 before, 2.0 now, read as revision v2");
  FirmwareWatch same(points(), revisions(), "1.5");
  EXPECT_EQ(same.answered("1.5", kNow).said, "");
  FirmwareWatch unknown(points(), revisions(), "9");
  EXPECT_NE(unknown.answered("9", kNow).said, "") << "that nothing is read is said by each process";
}

}  // namespace
}  // namespace anlan::edge
