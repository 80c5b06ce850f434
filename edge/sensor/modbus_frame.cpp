#include "edge/sensor/modbus_frame.hpp"

namespace anlan::edge {
namespace {

constexpr std::size_t kLengthField = 4, kBeforeUnit = 6;

int word(ByteView bytes, std::size_t at) { return bytes[at] << 8 | bytes[at + 1]; }

std::unexpected<BusError> malformed(const std::string& what, std::string_view cause) {
  return std::unexpected(BusError{BusError::Kind::malformed, 0, "malformed answer: " + what, cause});
}

}  // namespace

Bytes frame(std::uint16_t transaction, int unit, ByteView pdu) {
  const auto low = [](std::size_t n) { return static_cast<std::uint8_t>(n & 0xFF); };
  const auto high = [](std::size_t n) { return static_cast<std::uint8_t>(n >> 8 & 0xFF); };
  const std::size_t length = pdu.size() + 1;
  Bytes bytes{high(transaction), low(transaction), 0, 0, high(length), low(length), static_cast<std::uint8_t>(unit)};
  bytes.insert(bytes.end(), pdu.begin(), pdu.end());
  return bytes;
}

BusResult<std::size_t> frame_size(ByteView received) {
  if (received.size() < kBeforeUnit) return std::size_t{0};
  const auto length = static_cast<std::size_t>(word(received, kLengthField));
  if (word(received, 2) != 0) return malformed("protocol " + std::to_string(word(received, 2)), "garbage");
  if (length < 3 || length > kMaxPdu + 1) return malformed("a length of " + std::to_string(length), "garbage");
  return kBeforeUnit + length;
}

BusResult<ByteView> unframe(ByteView frame, std::uint16_t transaction, int unit) {
  const auto size = frame_size(frame);
  if (!size) return std::unexpected(size.error());
  if (frame.size() < kFrameHeader + 2 || *size != frame.size())
    return malformed(std::to_string(frame.size()) + " bytes", "cut");
  if (word(frame, 0) != transaction)
    return malformed("of transaction " + std::to_string(word(frame, 0)) + ", asked was " + std::to_string(transaction),
                     "stray");
  if (frame[kBeforeUnit] != unit)
    return malformed("from unit " + std::to_string(frame[kBeforeUnit]) + ", asked was unit " + std::to_string(unit),
                     "wrong-unit");
  return frame.subspan(kFrameHeader);
}

}  // namespace anlan::edge
