// What a write came to, in words for the one who asked and for the history. Pure.
#pragma once

#include <string>
#include <string_view>

#include "edge/sensor/point_writer.hpp"

namespace anlan::edge {

enum class WriteOutcome {
  checked,  // nothing was sent, as was wished
  written,  // the device has the value: it was read back
  differs,  // it confirmed (by another value, perhaps), and has another value
  refused,  // it answered by an exception
  unknown,  // no confirmation, or nothing read back, and not the value
};

/// "written", for the answer; with "write-" before all but the first two, the word of the event.
std::string_view to_string(WriteOutcome outcome);

struct Written {
  WriteOutcome outcome = WriteOutcome::unknown;
  std::string before, wanted, after;  // as people read them; `after`: "" where it could not be read back
  std::string says;                   // what happened and what to do
};

Written judge(const PointWrite& write, bool sent);

}  // namespace anlan::edge
