#include "collector/store/victoria/trend.hpp"

#include "collector/store/resolution.hpp"
#include "collector/store/rollup.hpp"

namespace anlan::collector::victoria {

Result<Trend> trend_of_samples(TelemetryStore& store, const TrendQuery& query) {
  if (query.width < 1 || query.width > kMostTrendWidth)
    return fail(Errc::invalid_argument,
                "width " + std::to_string(query.width) + " is not between 1 and " + std::to_string(kMostTrendWidth));
  Trend trend{Millis{1}, {}, {}};
  TelemetryQuery samples{query.point, query.from, query.to, kMaxTelemetryPage, ""};
  if (query.from < query.to) {
    const std::int64_t stretch =
        resolution_of(to_ms(query.from), to_ms(query.to), query.width, [](auto...) { return true; }).stretch;
    trend.step = Millis{stretch};
    samples.from = wall_from_ms(bucket_start(to_ms(query.from), stretch));
    samples.to = wall_from_ms(bucket_end(to_ms(query.to), stretch));
  }
  Buckets buckets;
  do {
    const auto page = store.query(samples);
    if (!page) return fail(page.error());
    for (const TelemetrySample& sample : page->samples)
      add_sample(buckets, trend.step.count(), to_ms(sample.time), sample.value, sample.quality);
    settle(buckets);
    trend.losses.insert(trend.losses.end(), page->losses.begin(), page->losses.end());
    samples.cursor = page->next;
  } while (!samples.cursor.empty());
  for (const Bucket& bucket : buckets) trend.points.push_back(trend_point(bucket));
  return trend;
}

}  // namespace anlan::collector::victoria
