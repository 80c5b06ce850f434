#include "edge/sensor/modbus_frame.hpp"

#include <gtest/gtest.h>

namespace anlan::edge {
namespace {

using Kind = BusError::Kind;

const Bytes kPdu{3, 4, 0x12, 0x34, 0xAB, 0xCD};
const Bytes kFrame{0, 7, 0, 0, 0, 7, 3, 3, 4, 0x12, 0x34, 0xAB, 0xCD};

TEST(ModbusFrame, IsLaidOutAsTheSpecificationSays) { EXPECT_EQ(frame(7, 3, kPdu), kFrame); }

TEST(ModbusFrame, GivesThePduOfItsOwnTransactionAndUnitOnly) {
  const auto pdu = unframe(kFrame, 7, 3);
  ASSERT_TRUE(pdu);
  EXPECT_EQ(Bytes(pdu->begin(), pdu->end()), kPdu);
  EXPECT_EQ(unframe(kFrame, 8, 3).error().cause, "stray");
  EXPECT_EQ(unframe(kFrame, 7, 4).error().cause, "wrong-unit");
}

TEST(ModbusFrame, EveryTruncationAndEveryChangedHeaderByteIsMalformed) {
  for (std::size_t n = 0; n < kFrame.size(); ++n) EXPECT_FALSE(unframe(ByteView(kFrame).first(n), 7, 3)) << n;
  for (std::size_t i = 0; i < kFrameHeader; ++i)
    for (int bit = 0; bit < 8; ++bit) {
      Bytes bad = kFrame;
      bad[i] = static_cast<std::uint8_t>(bad[i] ^ 1 << bit);
      EXPECT_FALSE(unframe(bad, 7, 3)) << i << "." << bit;
    }
}

}  // namespace
}  // namespace anlan::edge
