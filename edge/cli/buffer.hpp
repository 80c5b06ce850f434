// anlan-edge buffer: what is in the buffer file, also while the daemon uses it.
#pragma once

#include <iosfwd>
#include <string>

#include "common/base/result.hpp"

namespace anlan::edge {

/// Totals and one line per epoch and stream: committed, received, due, held. `as_json`: one JSON object instead.
Result<void> show_buffer(const std::string& file, bool as_json, std::ostream& out);

/// One line per record that is held, decoded, oldest first; at most `most`.
Result<void> dump_buffer(const std::string& file, std::size_t most, std::ostream& out);

}  // namespace anlan::edge
