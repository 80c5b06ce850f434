// The frame of Modbus TCP: the guard in front of what an answer says. Pure.
//
//   frame = transaction:2 protocol:2(0) length:2 unit:1 pdu     (Modbus messaging on TCP/IP V1.0b §3.1.3), big-endian
#pragma once

#include "edge/sensor/modbus_pdu.hpp"

namespace anlan::edge {

inline constexpr std::size_t kFrameHeader = 7;  // up to and with the unit
inline constexpr std::size_t kMaxFrame = kFrameHeader + kMaxPdu;

Bytes frame(std::uint16_t transaction, int unit, ByteView pdu);

/// The whole frame's size by its header; 0 while the header is not there; malformed where it can be none.
BusResult<std::size_t> frame_size(ByteView received);

/// The pdu of a whole frame, where it is of this transaction and unit. Errors: malformed.
BusResult<ByteView> unframe(ByteView frame, std::uint16_t transaction, int unit);

}  // namespace anlan::edge
