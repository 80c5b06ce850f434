#include "collector/store/time_runs.hpp"

#include <algorithm>
#include <iterator>

#include "collector/store/stable_order.hpp"
#include "common/base/time.hpp"

namespace anlan::collector {
namespace {

constexpr auto kPause = static_cast<std::uint64_t>(kRunPause.count());

std::uint64_t distance(std::int64_t from, std::int64_t to) {
  return to > from ? static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from) : 0;
}

struct Part {
  TimeRange range;
  StoredRecord record;
};

/// Nearly always one part: what was committed together was read within seconds.
void take_apart(StoredRecord record, std::vector<Part>& parts) {
  if (record.samples.empty()) return;
  put_in_order(record.samples);
  const TimeRange whole = range_of(record.samples);
  if (distance(whole.start, whole.end) <= kPause) return parts.push_back({whole, std::move(record)});
  std::vector<std::int64_t> times;
  for (const Sample& sample : record.samples) times.push_back(to_ms(sample.time));
  std::ranges::sort(times);
  const std::size_t first = parts.size();
  for (std::size_t from = 0, to = 0; from < times.size(); from = to) {
    for (to = from + 1; to < times.size() && distance(times[to - 1], times[to]) <= kPause;) ++to;
    parts.push_back({{times[from], times[to - 1]}, {record.head, {}}});
  }
  const auto of_record = std::span(parts).subspan(first);
  for (const Sample& sample : record.samples) {
    const auto after =
        std::ranges::upper_bound(of_record, to_ms(sample.time), {}, [](const Part& p) { return p.range.start; });
    std::prev(after)->record.samples.push_back(sample);
  }
}

}  // namespace

void put_in_order(std::vector<Sample>& samples) { sort_stably(samples, &Sample::point); }

TimeRange range_of(std::span<const Sample> samples) {
  const auto [first, last] = std::ranges::minmax(samples, {}, &Sample::time);
  return {to_ms(first.time), to_ms(last.time)};
}

bool near(const TimeRange& a, const TimeRange& b, std::uint64_t pause_ms) {
  return distance(a.end, b.start) <= pause_ms && distance(b.end, a.start) <= pause_ms;
}

std::vector<TimeRun> runs_of(std::vector<StoredRecord> records) {
  std::vector<Part> parts;
  parts.reserve(records.size());
  for (StoredRecord& record : records) take_apart(std::move(record), parts);
  sort_stably(parts, [](const Part& part) { return part.range.start; });
  std::vector<TimeRun> runs;
  for (Part& part : parts) {
    if (runs.empty() || distance(runs.back().range.end, part.range.start) > kPause) runs.push_back({part.range, {}});
    runs.back().range.end = std::max(runs.back().range.end, part.range.end);
    runs.back().records.push_back(std::move(part.record));
  }
  for (TimeRun& run : runs) sort_stably(run.records, &StoredRecord::head);
  return runs;
}

}  // namespace anlan::collector
