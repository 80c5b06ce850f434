// Requests and answers of Modbus TCP as bytes: the guard in front of libmodbus, which takes another unit's answer and
// any function's length for good. Pure.
//
//   frame = transaction:2 protocol:2(0) length:2 unit:1 pdu     (Modbus messaging on TCP/IP V1.0b §3.1.3), big-endian
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "edge/sensor/bus.hpp"

namespace anlan::edge {

using RequestFrame = std::array<std::uint8_t, 12>;

RequestFrame encode(const ReadRequest& request, std::uint16_t transaction);
RequestFrame encode(const WriteRequest& request, std::uint16_t transaction);

/// The words of an answer to exactly this request. Errors: exception, no_answer (gateway exceptions 10 and 11: another
/// unit may well answer), malformed.
BusResult<std::vector<std::uint16_t>> decode(const ReadRequest& request, std::uint16_t transaction,
                                             std::span<const std::uint8_t> answer);
BusResult<void> decode(const WriteRequest& request, std::uint16_t transaction, std::span<const std::uint8_t> answer);

}  // namespace anlan::edge
