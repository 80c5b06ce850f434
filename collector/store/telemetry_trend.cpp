// The chart's half of the reader: rollups of what is closed, and what is not closed yet counted as it is read.
#include <algorithm>

#include "collector/store/resolution.hpp"
#include "collector/store/telemetry_reader.hpp"

namespace anlan::collector {
namespace {

constexpr std::size_t kMostLoose = 1 << 18;

}  // namespace
Result<Trend> TelemetryReader::trend(const TrendQuery& query) {
  if (query.width < 1 || query.width > kMostTrendWidth)
    return fail(Errc::invalid_argument,
                "width " + std::to_string(query.width) + " is not between 1 and " + std::to_string(kMostTrendWidth));
  SQLite::Transaction snapshot(db_);
  const auto point = find_point(query.point);
  if (!point) return fail(Errc::not_found, "point " + query.point + ": no telemetry of it was ever stored");
  Trend trend{Millis{1}, {}, {}};
  if (query.from >= query.to) return trend;
  const auto kept = [&](std::int64_t step, std::int64_t time) { return time >= expired_before(step); };
  const auto [step, stretch] = resolution_of(to_ms(query.from), to_ms(query.to), query.width, kept);
  trend.step = Millis{stretch};

  // Whole stretches: the last one to its end.
  const TimeRange wanted{bucket_start(to_ms(query.from), stretch), bucket_end(to_ms(query.to), stretch)};
  Buckets buckets;
  const Take take{[&](const std::vector<StoredSample>& samples) {
                    for (const StoredSample& s : samples)
                      if (s.time >= wanted.start && s.time < wanted.end)
                        add_sample(buckets, stretch, s.time, s.value, s.quality);
                    if (buckets.size() > kMostLoose) settle(buckets);
                  },
                  [&](const TimeRange& range, std::optional<std::uint64_t> count) {
                    if (range.end >= wanted.start && range.start < wanted.end)
                      trend.losses.push_back({wall_from_ms(range.start), wall_from_ms(range.end), count});
                  },
                  nullptr};
  read_losses(*point, wanted, take);
  read_segments(*point, wanted, take);
  for (const Member& member : point->members) {
    read_samples(member, true, wanted, take);
    if (step == 0)
      read_samples(member, false, wanted, take);
    else
      add_rollups(member, step, stretch, wanted, take, buckets);
  }
  settle(buckets);
  for (const Bucket& bucket : buckets) trend.points.push_back(trend_point(bucket));
  std::ranges::sort(trend.losses, {}, &TelemetryLoss::from);
  return trend;
}

void TelemetryReader::add_rollups(const Member& member, std::int64_t step, std::int64_t stretch,
                                  const TimeRange& wanted, const Take& take, Buckets& into) {
  for (const bool open : {true, false})
    read_chunks(member, step, open, wanted, take, [&](std::string_view data, const TimeRange& range) {
      auto found = decode_rollup_point(data, member.group, step, member.place);
      if (!found) return take.loss(range, std::nullopt);
      std::erase_if(*found, [&](const Bucket& b) { return b.start < wanted.start || b.start >= wanted.end; });
      add_buckets(into, widened(*found, stretch));
    });
}

}  // namespace anlan::collector
