// docs/reference/metrics.md is what both daemons declare; tests/integration/test_metrics.py compares it with what they
// really serve.
#include <set>

#include <gtest/gtest.h>

#include "collector/app/collector_metrics.hpp"
#include "edge/app/edge_metrics.hpp"
#include "tests/support/reference_page.hpp"

namespace anlan::test {
namespace {

TEST(MetricsReference, PageIsUpToDate) {
  expect_page(
      "metrics.md",
      "# Metrics\n\nPrinted from the declarations in the code; a test keeps this page equal to them, and another "
      "compares it with what\nboth daemons serve. Prometheus text, version 0.0.4. What to watch and which alarms "
      "to set: docs/operations.md.\n\n## The edge\n\nAt `http://<edge.metrics_listen>/metrics`, and on the control "
      "socket for `anlan-edge status`.\n\n" +
          to_reference(edge::edge_metrics()) + "\n## The collector\n\nAt `GET /metrics` of the API's address.\n\n" +
          to_reference(collector::collector_metrics()));
}

TEST(MetricsReference, NamesAreUniqueAndFollowTheConventions) {
  for (const auto& all : {edge::edge_metrics(), collector::collector_metrics()}) {
    std::set<std::string_view> names;
    for (const MetricInfo& info : all) {
      EXPECT_TRUE(names.insert(info.name).second) << info.name;
      EXPECT_EQ(info.name.ends_with("_total"), info.type == MetricInfo::Type::counter) << info.name;
      EXPECT_EQ(info.buckets.empty(), info.type != MetricInfo::Type::histogram) << info.name;
      EXPECT_FALSE(info.help.empty()) << info.name;
    }
  }
}

}  // namespace
}  // namespace anlan::test
