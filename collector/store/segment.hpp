// The records of one write, of all groups, as they came: appending them as one row is the cheapest thing that is
// durable. Segments are few and young; compaction turns them into chunks of one group each. Pure.
// docs/formats/collector-db.md has the grammar.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "collector/store/stored_sample.hpp"
#include "common/base/result.hpp"

namespace anlan::collector {

/// A record in a segment.
struct SegmentEntry {
  std::int64_t group = 0;  // row of the table point_group
  RecordHead head;
  std::size_t samples = 0;
  std::size_t at = 0, size = 0;  // bytes in the segment's data
};

class SegmentWriter {
 public:
  /// `payload`: the record's samples in columns (common/wire/columns.hpp).
  void add(std::int64_t group, const RecordHead& head, std::size_t samples, std::string_view payload);

  bool empty() const { return count_ == 0; }
  std::string heads() const;
  const std::string& data() const { return data_; }

 private:
  std::string entries_, data_;
  std::size_t count_ = 0;
  SegmentEntry before_;
};

/// Calls `take` for each record, in the order in which they were added. Errors: storage_corrupt, unsupported; then
/// nothing was taken.
Result<void> read_heads(std::string_view heads, const std::function<void(const SegmentEntry&)>& take);

/// The samples of one record, those of a point in the order of the record. Errors: storage_corrupt, unsupported.
Result<StoredRecord> read_entry(const SegmentEntry& entry, std::string_view data);

}  // namespace anlan::collector
