#include "common/base/metrics.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace anlan {
namespace {

TEST(Metrics, PrintsPrometheusText) {
  Metrics metrics;
  metrics.counter("anlan_edge_samples_total", "samples taken").add(3);
  metrics.counter("anlan_edge_records_sent_total", "records sent", "lane=\"urgent\"").add();
  metrics.counter("anlan_edge_records_sent_total", "records sent", "lane=\"live\"").add(2);
  metrics.gauge("anlan_edge_buffer_bytes", "bytes held").set(1.5);
  EXPECT_EQ(
      metrics.text(),
      "# HELP anlan_edge_buffer_bytes bytes held\n# TYPE anlan_edge_buffer_bytes gauge\nanlan_edge_buffer_bytes 1.5\n"
      "# HELP anlan_edge_records_sent_total records sent\n# TYPE anlan_edge_records_sent_total counter\n"
      "anlan_edge_records_sent_total{lane=\"live\"} 2\nanlan_edge_records_sent_total{lane=\"urgent\"} 1\n"
      "# HELP anlan_edge_samples_total samples taken\n# TYPE anlan_edge_samples_total "
      "counter\nanlan_edge_samples_total 3\n");
}

constexpr MetricInfo kSent{"anlan_sent_total", MetricInfo::Type::counter, "records sent", {"lane", "fate"}};
constexpr MetricInfo kDepth{"anlan_depth", MetricInfo::Type::gauge, "what waits"};
constexpr std::array kBounds{0.1, 1.0};
constexpr MetricInfo kSeconds{"anlan_seconds", MetricInfo::Type::histogram, "how long", {"lane"}, kBounds};
constexpr MetricInfo kAll[] = {kSent, kDepth, kSeconds};

TEST(Metrics, ShowsWhatIsDeclaredBeforeAnythingHappens) {
  Metrics metrics;
  metrics.declare(kAll);
  EXPECT_EQ(metrics.text(),
            "# HELP anlan_depth what waits\n# TYPE anlan_depth gauge\nanlan_depth 0\n"
            "# HELP anlan_seconds how long\n# TYPE anlan_seconds histogram\n"
            "# HELP anlan_sent_total records sent\n# TYPE anlan_sent_total counter\n");
}

TEST(Metrics, LabelsAreNamedByTheDeclarationAndTheirValuesEscaped) {
  Metrics metrics;
  metrics.at(kSent, {"live", "a\"b\\c\nd"}).add();
  EXPECT_NE(metrics.text().find("anlan_sent_total{lane=\"live\",fate=\"a\\\"b\\\\c\\nd\"} 1\n"), std::string::npos)
      << metrics.text();
  EXPECT_THROW(metrics.at(kSent, {"live"}), std::logic_error);
  EXPECT_THROW(metrics.gauge(kSent.name, "another type"), std::logic_error);
}

TEST(Metrics, AHistogramCountsUpToEachBound) {
  Metrics metrics;
  Histogram& seconds = metrics.histogram(kSeconds, {"live"});
  for (const double value : {0.05, 0.1, 0.5, 7.0}) seconds.observe(value);
  EXPECT_EQ(&seconds, &metrics.histogram(kSeconds, {"live"}));
  EXPECT_EQ(seconds.count(), 4);
  EXPECT_EQ(metrics.text(),
            "# HELP anlan_seconds how long\n# TYPE anlan_seconds histogram\n"
            "anlan_seconds_bucket{lane=\"live\",le=\"0.1\"} 2\nanlan_seconds_bucket{lane=\"live\",le=\"1\"} 3\n"
            "anlan_seconds_bucket{lane=\"live\",le=\"+Inf\"} 4\nanlan_seconds_sum{lane=\"live\"} 7.6500000000000004\n"
            "anlan_seconds_count{lane=\"live\"} 4\n");
}

TEST(Metrics, ReplacedSeriesThatAreNotNamedAreGone) {
  Metrics metrics;
  metrics.replace(kSent, {{{"live", "a"}, 1}, {{"live", "b"}, 2}});
  metrics.replace(kSent, {{{"live", "b"}, 3}});
  EXPECT_EQ(metrics.text(),
            "# HELP anlan_sent_total records sent\n# TYPE anlan_sent_total counter\n"
            "anlan_sent_total{lane=\"live\",fate=\"b\"} 3\n");
}

TEST(Metrics, LooksUpValuesWhenTheyAreRead) {
  Metrics metrics;
  int reads = 0;
  metrics.on_read([&] { metrics.at(kDepth).set(++reads); });
  metrics.text();
  EXPECT_NE(metrics.text().find("anlan_depth 2\n"), std::string::npos);
}

TEST(Metrics, TheReferenceNamesEachMetricWithItsLabels) {
  EXPECT_EQ(to_reference({kAll[0], kAll[1]}),
            "| metric | type | labels | meaning |\n|---|---|---|---|\n"
            "| `anlan_depth` | gauge |  | what waits |\n"
            "| `anlan_sent_total` | counter | `lane`, `fate` | records sent |\n");
}

TEST(Metrics, GivesTheSameMetricForTheSameNameAndLabels) {
  Metrics metrics;
  Metric& first = metrics.counter("a", "help");
  for (int i = 0; i < 1000; ++i) metrics.counter("b" + std::to_string(i), "more");
  EXPECT_EQ(&first, &metrics.counter("a", "another help"));
}

TEST(Metrics, CountsFromAnyThread) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) metrics.counter("n", "help").add();
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(metrics.counter("n", "help").value(), 40'000);
}

TEST(Metrics, PrintsLargeCountsExactly) {
  Metrics metrics;
  metrics.counter("n", "help").add(9'007'199'254'740'992.0);
  EXPECT_NE(metrics.text().find("n 9007199254740992\n"), std::string::npos);
}

}  // namespace
}  // namespace anlan
