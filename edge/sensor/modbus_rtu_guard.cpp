#include "edge/sensor/modbus_guard.hpp"

namespace anlan::edge {
namespace {

constexpr std::size_t kMostBytes = 256, kLeastBytes = 5, kCrcBytes = 2;
constexpr std::size_t kManyBytes = 4 * kMostBytes;  // kept at most: a babbling line must not fill the memory
/// A late answer comes within this time or not at all.
constexpr Millis kForgotten{10'000};

bool crc_holds(ByteView frame) {
  const std::uint16_t crc = modbus_crc(frame.first(frame.size() - kCrcBytes));
  return frame[frame.size() - 2] == (crc & 0xFF) && frame[frame.size() - 1] == crc >> 8;
}

/// Of an identification, whose objects say where it ends.
std::optional<std::size_t> identification_size(ByteView bytes) {
  constexpr std::size_t first = 8;  // unit 2B 0E read conformity more next count
  if (bytes.size() > 2 && bytes[2] != kDeviceIdentification) return 0;
  if (bytes.size() < first) return std::nullopt;
  std::size_t at = first;
  for (int i = 0; i < bytes[first - 1]; ++i) {
    if (at + 2 > kMostBytes) return 0;
    if (bytes.size() < at + 2) return std::nullopt;
    at += 2 + std::size_t{bytes[at + 1]};
  }
  return at + kCrcBytes > kMostBytes ? 0 : at + kCrcBytes;
}

}  // namespace

std::uint16_t modbus_crc(ByteView bytes) {
  std::uint16_t crc = 0xFFFF;
  for (const std::uint8_t byte : bytes) {
    crc = static_cast<std::uint16_t>(crc ^ byte);
    for (int i = 0; i < 8; ++i) crc = static_cast<std::uint16_t>(crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1);
  }
  return crc;
}

std::optional<std::size_t> rtu_answer_size(ByteView bytes) {
  if (bytes.empty()) return std::nullopt;
  if (bytes[0] == 0) return 0;  // everyone is nobody: no unit answers by this number
  if (bytes.size() < 2) return std::nullopt;
  switch (bytes[1]) {
    case 1:
    case 2:
    case 3:
    case 4:
      if (bytes.size() < 3) return std::nullopt;
      return bytes[2] == 0 || bytes[2] > 250 ? 0 : std::size_t{bytes[2]} + 5;
    case 5:
    case 6:
    case kEcho:
    case 15:
    case 16:
      return 8;
    case kEncapsulated:
      return identification_size(bytes);
    default:
      return (bytes[1] & kExceptionBit) != 0 ? 5 : 0;
  }
}

/// A whole frame off the front of what was received, and the noise before it. A frame may be found behind the beginning
/// of what seems to be another, but only once the line is silent: then nothing can complete that other one.
std::optional<Bytes> RtuGuard::take_frame(bool silent) {
  for (std::size_t at = 0; at < received_.size(); ++at) {
    const ByteView rest = ByteView(received_).subspan(at);
    const auto size = rtu_answer_size(rest);
    const bool whole = size && *size > 0 && rest.size() >= *size;
    if (whole && crc_holds(rest.first(*size))) {
      Bytes frame(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(*size));
      noise_ += at;
      received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(at + *size));
      return frame;
    }
    const bool may_become = !size || (*size > 0 && !whole);
    if (may_become && !silent) {
      noise_ += at;
      received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(at));
      return std::nullopt;
    }
  }
  return std::nullopt;
}

void RtuGuard::drop_frame(const Bytes& frame) {
  drop(owing_.contains(frame[0]) ? "late" : frame == last_ ? "doubled" : frame[0] == unit_ ? "stray" : "wrong-unit");
}

Bytes RtuGuard::ask(int unit, ByteView pdu, MonoTime now) {
  while (const auto old = take_frame(true)) drop_frame(*old);
  if (noise_ > 0 || !received_.empty()) drop("garbage");
  received_.clear();
  noise_ = 0;
  unit_ = unit;
  asked_ = now;
  function_ = pdu.front();
  Bytes frame{static_cast<std::uint8_t>(unit)};
  frame.insert(frame.end(), pdu.begin(), pdu.end());
  const std::uint16_t crc = modbus_crc(frame);
  frame.insert(frame.end(), {static_cast<std::uint8_t>(crc & 0xFF), static_cast<std::uint8_t>(crc >> 8)});
  return frame;
}

BusResult<std::optional<Bytes>> RtuGuard::next(bool silent) {
  while (const auto frame = take_frame(silent)) {
    if ((*frame)[0] != unit_ || ((*frame)[1] & ~kExceptionBit) != function_) {
      drop_frame(*frame);
      continue;
    }
    last_ = *frame;
    return Bytes(frame->begin() + 1, frame->end() - kCrcBytes);
  }
  if (received_.size() > kManyBytes) {
    noise_ += received_.size() - kMostBytes;
    received_.erase(received_.begin(), received_.end() - kMostBytes);
  }
  // As many bytes as an answer has, that begin no frame, and then silence: that was the answer. A byte or two alone
  // come with every switching of the line's direction.
  if (silent && noise_ > 0 && noise_ + received_.size() >= kLeastBytes) return std::unexpected(give_up());
  return std::nullopt;
}

BusError RtuGuard::give_up() {
  if (function_ != kEcho) owing_[unit_] = asked_;  // no late echo looks like anything else
  const std::size_t bytes = noise_ + received_.size();
  noise_ = 0;
  received_.clear();
  if (bytes == 0) return {BusError::Kind::no_answer, 0, "no answer"};
  return {BusError::Kind::malformed, 0, "malformed answer: " + std::to_string(bytes) + " bytes that are no whole frame",
          bytes >= kLeastBytes ? "bad-crc" : "cut"};
}

bool RtuGuard::doubtful(int unit, MonoTime now) {
  const auto owed = owing_.find(unit);
  if (owed == owing_.end()) return false;
  if (now - owed->second < kForgotten) return true;
  owing_.erase(owed);
  return false;
}

}  // namespace anlan::edge
