// What an MQTT sensor's message says about one point: a JSON field by RFC 6901 pointer, or the whole payload as a
// scalar. Pure; hides Boost.JSON.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/sample.hpp"

namespace anlan::edge {

/// Larger payloads are malformed; nothing of them is parsed.
inline constexpr std::size_t kMaxSensorPayload = 64 * 1024;

struct PayloadField {
  enum class Kind {
    number,  // a JSON number, or true and false as 1 and 0
    absent,  // the message does not speak of this point
    fault,   // null, no JSON, or something that is no number
  };
  Kind kind = Kind::absent;
  double number = kNoValue;
  std::string fault;  // why, for people
};

/// One field for each of `pointers`; "" means that the payload itself is the number (or true, false). The payload is
/// parsed once, and only where a pointer asks for it.
std::vector<PayloadField> read_payload(std::string_view payload, std::span<const std::string> pointers);

}  // namespace anlan::edge
