// Values as people type and read them: for points that are written. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

/// A decimal number in the point's unit, or the text of one of the point's meanings, exactly. Nothing is rounded: a
/// number has at most 15 significant digits, which a double keeps. Errors: invalid_argument, with what would be right.
Result<double> entered_value(const ProfilePoint& point, std::string_view text);

/// What the registers mean by the point's meanings; null where they mean nothing, or it has none. REQUIRES a Modbus
/// point and its registers.
const std::string* meaning_of(const ProfilePoint& point, std::span<const std::uint16_t> registers);

/// "47.3 °C", "1 (运行)"; "no value" where the registers say none. REQUIRES the same.
std::string shown_value(const ProfilePoint& point, std::span<const std::uint16_t> registers);

/// The meanings in words: "0 (停止), 1 (运行)"; "" where there are none.
std::string shown_meanings(const ProfilePoint& point);

}  // namespace anlan::edge
