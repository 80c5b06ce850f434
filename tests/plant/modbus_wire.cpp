#include "tests/plant/modbus_wire.hpp"

namespace anlan::plant {
namespace {

constexpr std::size_t kCrc = 2;

std::uint16_t crc_of(std::span<const std::uint8_t> bytes) {
  unsigned crc = 0xFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xA001u : crc >> 1;
  }
  return static_cast<std::uint16_t>(crc);
}

int word_at(std::span<const std::uint8_t> bytes, std::size_t i) { return bytes[i] << 8 | bytes[i + 1]; }

/// The values that follow the byte count of a multiple write; nothing where the counts contradict each other.
std::optional<std::vector<std::uint16_t>> written_values(std::span<const std::uint8_t> frame, std::size_t body_at,
                                                         int function, int count) {
  const std::size_t first = body_at + 5;
  const auto bytes = static_cast<std::size_t>(function == 15 ? (count + 7) / 8 : count * 2);
  if (frame.size() < first + bytes || frame[first - 1] != bytes) return std::nullopt;
  std::vector<std::uint16_t> values;
  values.reserve(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    values.push_back(static_cast<std::uint16_t>(function == 15 ? frame[first + i / 8] >> (i % 8) & 1
                                                               : word_at(frame, first + 2 * i)));
  return values;
}

}  // namespace

std::expected<Request, ExceptionCode> parse(Framing framing, std::span<const std::uint8_t> frame) {
  const std::size_t function_at = framing.unit_at() + 1, body_at = function_at + 1;
  if (framing.rtu) frame = frame.first(frame.size() - kCrc);
  Request request{.unit = frame[framing.unit_at()], .function = frame[function_at]};
  if (request.function == 43) {
    if (frame.size() != body_at + 3 || frame[body_at] != 14) return std::unexpected(illegal_function);
    request.count = frame[body_at + 1];
    request.address = frame[body_at + 2];
    return request;
  }
  const bool known =
      (request.function >= 1 && request.function <= 6) || request.function == 15 || request.function == 16;
  if (!known || frame.size() < body_at + 4) return std::unexpected(illegal_function);
  request.address = word_at(frame, body_at);
  const int value = word_at(frame, body_at + 2);
  if (request.function == 5) {
    if (value != 0xFF00 && value != 0) return std::unexpected(illegal_value);
    request.values = {static_cast<std::uint16_t>(value != 0)};
  } else if (request.function == 6) {
    request.values = {static_cast<std::uint16_t>(value)};
  } else {
    request.count = value;
  }
  if (!count_allowed(request.function, request.count)) return std::unexpected(illegal_value);
  if (request.address + request.count > 65536) return std::unexpected(illegal_address);
  if (request.function >= 15) {
    auto values = written_values(frame, body_at, request.function, request.count);
    if (!values) return std::unexpected(illegal_value);
    request.values = *std::move(values);
  }
  return request;
}

std::optional<std::size_t> rtu_request_size(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const int function = bytes[1];
  if (function == 43) return 7;
  if (function == 15 || function == 16) {
    if (bytes.size() < 7) return std::nullopt;
    return 9 + std::size_t{bytes[6]};
  }
  return (function >= 1 && function <= 8) ? 8 : 0;
}

bool rtu_crc_holds(std::span<const std::uint8_t> frame) {
  const std::uint16_t crc = crc_of(frame.first(frame.size() - kCrc));
  return frame[frame.size() - 2] == (crc & 0xFF) && frame[frame.size() - 1] == crc >> 8;
}

std::vector<std::uint8_t> frame_of(Framing framing, std::span<const std::uint8_t> request,
                                   std::span<const std::uint8_t> pdu) {
  const std::size_t unit_at = framing.unit_at();
  std::vector<std::uint8_t> frame(request.begin(), request.begin() + static_cast<std::ptrdiff_t>(unit_at + 1));
  frame.insert(frame.end(), pdu.begin(), pdu.end());
  if (framing.rtu) {
    const std::uint16_t crc = crc_of(frame);
    frame.insert(frame.end(), {static_cast<std::uint8_t>(crc & 0xFF), static_cast<std::uint8_t>(crc >> 8)});
  } else {
    frame[4] = static_cast<std::uint8_t>((pdu.size() + 1) >> 8);
    frame[5] = static_cast<std::uint8_t>(pdu.size() + 1);
  }
  return frame;
}

}  // namespace anlan::plant
