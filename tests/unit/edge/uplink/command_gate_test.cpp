// One case per rule of edge/uplink/command_gate.hpp. The key here "signs" with the message's length and a word.
#include "edge/uplink/command_gate.hpp"

#include <gtest/gtest.h>

#include "common/wire/command.hpp"

namespace anlan::edge {
namespace {

const Incarnation kRun{5, 6};
constexpr Millis kHello{30'000};
const WallTime kNoon = wall_from_ms(1'795'420'800'000);
const MonoTime kStart = mono_from_ms(1'000'000);

std::string sign(std::string_view message) { return "ours " + std::to_string(message.size()); }

Command order(std::uint64_t id = 1) {
  return {{0, id}, "tj-a", "reset", {0xA, 0xB}, "王芳", "现场确认", kRun, 7, kNoon, kNoon + Millis{120'000}};
}

std::string packed(const Command& command) {
  const std::string bytes = encode_command(command);
  return pack_command({bytes, sign(std::string(kCommandDomain) + bytes)});
}

class CommandGateTest : public ::testing::Test {
 protected:
  CommandGateTest() { gate_.greeted(7, kStart); }

  std::string why(const std::string& payload, Millis later = Millis{1'000}, bool synced = true) {
    const auto result = gate_.admit(payload, kNoon + later, kStart + later, synced);
    return result ? "" : result.error().why;
  }

  CommandGate gate_{"tj-a", kRun, kHello, [](std::string_view m, std::string_view s) { return s == sign(m); }};
};

TEST_F(CommandGateTest, AdmitsWhatIsSignedFreshAndForThisRun) {
  const auto admitted = gate_.admit(packed(order()), kNoon, kStart, true);
  ASSERT_TRUE(admitted);
  EXPECT_EQ(*admitted, order());
}

TEST_F(CommandGateTest, WhatIsNotSignedByTheCentreIsNoiseWithoutARecord) {
  const std::string bytes = encode_command(order());
  const auto forged = gate_.admit(pack_command({bytes, "theirs"}), kNoon, kStart, true);
  ASSERT_FALSE(forged);
  EXPECT_FALSE(forged.error().command);
  Command other = order();
  other.alert = {1, 1};
  EXPECT_NE(why(pack_command({encode_command(other) + "x", sign(std::string(kCommandDomain) + bytes)})), "");
  for (const char* noise : {"", "x", "\xC1", "\xC1\xFF\xFF"}) EXPECT_NE(why(noise), "");
}

TEST_F(CommandGateTest, IsCarriedOutOnce) {
  EXPECT_EQ(why(packed(order())), "");
  EXPECT_EQ(why(packed(order())), "it was carried out before");
  EXPECT_EQ(why(packed(order(2))), "") << "another order";
}

TEST_F(CommandGateTest, AnotherEdgeOrAnotherRunIsNotMeant) {
  Command other = order();
  other.edge = "tj-b";
  EXPECT_EQ(why(packed(other)), "it is for edge tj-b");
  other = order();
  other.incarnation = {5, 7};
  EXPECT_NE(why(packed(other)).find("another run"), std::string::npos) << "recorded before a restart";
}

TEST_F(CommandGateTest, HeldBackTooLongItIsTooLateWithoutAnyClock) {
  EXPECT_EQ(why(packed(order(1)), Millis{150'000}, false), "") << "its life and one greeting interval";
  EXPECT_EQ(why(packed(order(2)), Millis{150'001}, false), "it came too late: give it again");
}

TEST_F(CommandGateTest, AnUnknownGreetingIsNoProofOfFreshness) {
  Command other = order();
  other.hello = 8;
  EXPECT_EQ(why(packed(other)), "it came too late: give it again");
}

TEST_F(CommandGateTest, ASynchronisedClockJudgesTheTimesToo) {
  EXPECT_NE(why(packed(order()), Millis{120'001}), "") << "expired";
  EXPECT_EQ(why(packed(order()), Millis{120'000}), "");
  Command early = order(2);
  early.issued = kNoon + Millis{62'000};
  early.expires = early.issued + Millis{60'000};
  EXPECT_NE(why(packed(early)), "") << "given in the future";
  EXPECT_EQ(why(packed(early), Millis{1'000}, false), "") << "a clock that is not synchronised judges nothing";
}

TEST_F(CommandGateTest, NobodyGivesOrdersForLongOrWithoutAName) {
  Command other = order();
  other.expires = other.issued + kLongestCommand + Millis{1};
  EXPECT_NE(why(packed(other)), "");
  other.expires = other.issued;
  EXPECT_NE(why(packed(other)), "");
  other = order();
  other.actor.clear();
  EXPECT_EQ(why(packed(other)), "it names nobody");
}

TEST_F(CommandGateTest, AReplayIsRefusedForAsLongAsItCouldPassOtherwise) {
  EXPECT_EQ(why(packed(order())), "");
  for (Millis later{0}; later < kLongestCommand + kHello; later += Millis{10'000}) {
    gate_.greeted(8 + static_cast<std::uint64_t>(later.count()), kStart + later);
    EXPECT_NE(why(packed(order()), later, false), "") << later.count();
  }
}

}  // namespace
}  // namespace anlan::edge
