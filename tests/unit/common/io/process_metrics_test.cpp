#include "common/io/process_metrics.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

TEST(ProcessMetrics, ReadsTheKernelsLineWhateverTheProgramIsCalled) {
  const auto stat = parse_process_stat(
      "42 (an (odd) name) S 1 42 42 0 -1 4194560 1000 0 0 0 150 50 0 0 20 0 7 0 12345 104857600 2560 "
      "18446744073709551615");
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->cpu_ticks, 200);
  EXPECT_EQ(stat->start_ticks, 12345);
  EXPECT_EQ(stat->virtual_bytes, 104857600);
  EXPECT_EQ(stat->resident_pages, 2560);
  EXPECT_FALSE(parse_process_stat(""));
  EXPECT_FALSE(parse_process_stat("42 (name) S 1 42"));
  EXPECT_FALSE(parse_process_stat("42 (n) S 1 42 42 0 -1 4194560 1000 0 0 0 x 50 0 0 20 0 7 0 12345 1 1"));
}

TEST(ProcessMetrics, SayWhatThisProcessUses) {
  Metrics metrics;
  serve_process_metrics(metrics);
  metrics.text();
  for (const MetricInfo& info : kProcessMetrics)
    if (info.name != "process_cpu_seconds_total") EXPECT_GT(metrics.at(info).value(), 0) << info.name;
}

TEST(ProcessMetrics, KnowTheRoomOnADiskAndTheSizeOfAFile) {
  test::TempDir dir;
  test::write_file(dir.file("a"), "12345");
  EXPECT_EQ(file_bytes(dir.file("a")), 5);
  EXPECT_EQ(file_bytes(dir.file("absent")), 0);
  EXPECT_GT(free_bytes(dir.file("")).value_or(0), 0);
  EXPECT_FALSE(free_bytes(dir.file("absent/absent")));
}

}  // namespace
}  // namespace anlan
