// anlan-edge buffer: what is in the buffer file, also while the daemon uses it.
#pragma once

#include <iosfwd>
#include <string>

#include "common/base/result.hpp"
#include "edge/buffer/buffer_cipher.hpp"

namespace anlan::edge {

/// Without the keys that its rows need each of these fails (refused).
struct BufferAt {
  std::string file;
  BufferKeys keys;
};

/// Totals and one line per epoch and stream: committed, received, due, held, voided (neither received nor held any
/// more: a gap record says what became of them), and the folders of damaged files. `as_json`: one JSON object instead.
Result<void> show_buffer(const BufferAt& buffer, bool as_json, std::ostream& out);

/// One line per record that is held, decoded, oldest first; at most `most`.
Result<void> dump_buffer(const BufferAt& buffer, std::size_t most, std::ostream& out);

/// Reads every row and holds it against its checksum. Errors: storage_corrupt where one does not fit or is missing.
Result<void> verify_buffer(const BufferAt& buffer, std::ostream& out);

}  // namespace anlan::edge
