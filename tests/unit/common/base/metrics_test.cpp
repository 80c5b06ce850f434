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
