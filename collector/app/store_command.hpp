// anlan-collector store: what the two databases hold, also while the collector runs. Twin of anlan-edge buffer.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "common/base/result.hpp"
#include "common/model/range_set.hpp"
#include "common/model/record.hpp"

namespace anlan::collector {

/// The store's identity, then a line for each edge, epoch and stream: how far the edge has shown it reaches, stored,
/// void, lost, missing, kept raw (quarantined, or waiting for a definition), samples; and which are missing. `as_json`:
/// one object instead, with all ranges. Errors: those of opening, invalid_argument (the files are another user's).
Result<void> show_store(const std::string& data_dir, bool as_json, std::ostream& out);

struct DumpWish {
  std::string edge;                   // empty: every one
  std::string epoch;                  // 32 hexadecimal digits; empty: every one
  std::string sequences;              // ranges as people write them, "0-99,200-"; empty: all
  std::optional<Stream> stream = {};  // nullopt: both, events first
  std::size_t most = 100;             // lines of each stream
};

/// One JSON object a line: an event record with what it says, or one sample, or a telemetry record that is kept raw.
/// Errors also: invalid_argument (the wish).
Result<void> dump_store(const std::string& data_dir, const DumpWish& wish, std::ostream& out);

/// Reads every row of both databases and holds it against what it promises. Progress goes to `progress`, the first
/// faults and a summary to `out`. Errors: storage_corrupt where there was a fault.
Result<void> verify_store(const std::string& data_dir, std::ostream& out, std::ostream& progress);

}  // namespace anlan::collector
