// Requests and answers of the Modbus application protocol as bytes, without the frame of any transport. Pure.
//
//   pdu = function:1 data     at most 253 bytes, big-endian     (Modbus application protocol V1.1b3 §4.1, §6)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "edge/sensor/bus.hpp"

namespace anlan::edge {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline constexpr std::size_t kMaxPdu = 253;
inline constexpr std::uint8_t kExceptionBit = 0x80, kEcho = 8, kEncapsulated = 0x2B, kDeviceIdentification = 0x0E;

/// REQUIRES counts and values within the limits that bus.hpp states.
Bytes encode(const ReadRequest& request);
Bytes encode(const WriteRequest& request);
/// Asks for the objects from `first` on.
Bytes encode(const IdentifyRequest& request, std::uint8_t first);

/// Whether the request is one that can be sent at all; its message says what is wrong with it.
BusResult<void> validate(const ReadRequest& request);
BusResult<void> validate(const WriteRequest& request);
BusResult<void> validate(const IdentifyRequest& request);

/// What an answer to exactly this request says. Errors: exception, no_answer (gateway exceptions 10 and 11: another
/// unit may well answer), malformed.
BusResult<Words> decode(const ReadRequest& request, ByteView answer);
BusResult<void> decode(const WriteRequest& request, ByteView answer);

/// Adds the objects of one answer to `out`. The object to ask for next; nothing: that was all.
BusResult<std::optional<std::uint8_t>> decode(const IdentifyRequest& request, std::uint8_t first, ByteView answer,
                                              Identification& out);

}  // namespace anlan::edge
