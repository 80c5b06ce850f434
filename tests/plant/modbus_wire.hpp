// Requests as bytes: where a frame ends, and what it asks. Written apart from the edge's, so that one checks the other.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "tests/plant/modbus.hpp"

namespace anlan::plant {

/// How requests are framed: `unit_at` bytes, then unit, function and data; RTU has no bytes before and a CRC behind.
struct Framing {
  bool rtu = false;
  std::size_t unit_at() const { return rtu ? 0 : 6; }
};

/// The frame as a value, or the exception that it earns. REQUIRES a whole frame.
std::expected<Request, ExceptionCode> parse(Framing framing, std::span<const std::uint8_t> frame);

/// The size of the RTU request that begins so; nullopt: too little is there; 0: no such request.
std::optional<std::size_t> rtu_request_size(std::span<const std::uint8_t> bytes);
bool rtu_crc_holds(std::span<const std::uint8_t> frame);

/// The frame of an answer to `request` with this pdu.
std::vector<std::uint8_t> frame_of(Framing framing, std::span<const std::uint8_t> request,
                                   std::span<const std::uint8_t> pdu);

}  // namespace anlan::plant
