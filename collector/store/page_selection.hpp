// The first so many samples after a cursor, out of blocks that come in any order: memory is bounded by the page, not by
// what is looked at. Pure.
#pragma once

#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "collector/store/stored_sample.hpp"
#include "collector/store/telemetry_store.hpp"

namespace anlan::collector {

/// What samples are sorted by. Epochs of equal ordinal (of two edges) stand by their row.
struct SampleKey {
  std::int64_t time = 0;
  std::uint64_t ordinal = 0;
  std::uint32_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint32_t index = 0;
  auto operator<=>(const SampleKey&) const = default;
};

/// The text of a cursor is for nobody but parse_cursor().
std::string to_cursor(const SampleKey& key);
Result<SampleKey> parse_cursor(const std::string& cursor);

/// After which sample the page of a query begins; nullopt: at its start. Errors: invalid_argument (limit, cursor).
Result<std::optional<SampleKey>> page_start(const TelemetryQuery& query);

class PageSelection {
 public:
  /// `ordinal_of` looks up a row of the table epoch. Errors: invalid_argument (limit, cursor).
  static Result<PageSelection> start(const TelemetryQuery& query,
                                     std::function<std::uint64_t(std::uint32_t)> ordinal_of);

  void add(const std::vector<StoredSample>& samples);

  /// A block that is damaged: `count` samples of this point, or an unknown number.
  void add_loss(std::int64_t from, std::int64_t to, std::optional<std::uint64_t> count);

  /// True where no block that begins at or after `time` can change this page any more.
  bool complete_before(std::int64_t time) const;

  /// Earliest time that this page can hold.
  std::int64_t earliest() const { return after_ ? after_->time : from_; }
  std::int64_t end() const { return to_; }

  TelemetryPage finish() &&;

 private:
  struct Entry {
    SampleKey key;
    double value;
    Quality quality;
    bool operator<(const Entry& other) const { return key < other.key; }
  };

  void trim();

  std::int64_t from_ = 0, to_ = 0;
  std::size_t limit_ = 0;
  std::optional<SampleKey> after_;
  std::function<std::uint64_t(std::uint32_t)> ordinal_of_;
  std::vector<Entry> entries_;      // unsorted; the smallest ones of all seen, and some more
  std::optional<SampleKey> bound_;  // once limit_ + 1 were seen: larger ones cannot be in this page, nor be its next
  std::vector<TelemetryLoss> losses_;
};

}  // namespace anlan::collector
