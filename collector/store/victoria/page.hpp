// One page of a query, put together from the engine and the journal: the first so many samples after a cursor, each
// once. Memory is bounded by the page. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "collector/store/page_selection.hpp"
#include "collector/store/telemetry_store.hpp"
#include "collector/store/victoria/held_sample.hpp"

namespace anlan::collector::victoria {

class Page {
 public:
  /// `ordinal_of` looks up a row of the table epoch. Errors: invalid_argument (limit, cursor).
  static Result<Page> start(const TelemetryQuery& query, std::function<std::uint64_t(std::uint32_t)> ordinal_of);

  /// What the journal has stands before what the engine gives of the same sample: it is what was received.
  enum class Source { engine, journal };
  void add(const HeldSample& sample, Source source);

  /// True where no sample at or after `time` can change this page any more.
  bool complete_before(std::int64_t time) const;
  std::int64_t earliest() const { return after_ ? after_->time : from_; }
  std::int64_t end() const { return to_; }

  TelemetryPage finish() &&;

 private:
  struct Value {
    double value;
    Quality quality;
  };

  std::int64_t from_ = 0, to_ = 0;
  std::size_t limit_ = 0;
  std::optional<SampleKey> after_;
  std::function<std::uint64_t(std::uint32_t)> ordinal_of_;
  std::map<SampleKey, Value> found_;  // the smallest, at most limit_ + 1
};

}  // namespace anlan::collector::victoria
