// Files of every schema version of telemetry.db are read as they were written:
// tests/golden/schemas/telemetry-<version>.db. With ANLAN_WRITE_GOLDEN set, the file of the newest version is written
// where it does not exist yet.
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "collector/store/sqlite_telemetry.hpp"
#include "collector/store/telemetry_schema.hpp"
#include "tests/support/telemetry_builder.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

using test::decoded;

constexpr int kClosed = 1200, kOpen = 50, kYoung = 5;  // samples of p0 in each shape; docs/formats/collector-db.md

double value_of(int i) { return static_cast<double>(i % 50) / 10; }

std::string golden(std::size_t version) {
  const char* source = std::getenv("ANLAN_SOURCE_DIR");
  return std::string(source != nullptr ? source : ".") + "/tests/golden/schemas/telemetry-" + std::to_string(version) +
         ".db";
}

void write_golden(const std::string& file) {
  auto store = std::move(*open_sqlite_telemetry(file));
  ASSERT_TRUE(store->set_identity({{1, 2}, {3, 4}}));
  const test::Points points(2);
  int i = 0;
  std::uint64_t sequence = 0;
  for (const int count : {kClosed, kOpen, kYoung}) {
    std::vector<test::At> samples;
    for (const int end = i + count; i < end; ++i) samples.push_back({1'700'000'000'000 + 1000 * i, value_of(i)});
    samples.push_back({1'700'000'000'000 + 1000 * i, kNoValue, 1, Quality::comm_failure});
    ASSERT_TRUE(store->write({{decoded(points, sequence++, samples)}, {}, {}}));
    if (count != kYoung) ASSERT_TRUE(store->compact());
  }
  ASSERT_TRUE(store->write({{},
                            {test::raw(3, 7, DefinitionHash{5, 6}), test::raw(4, 0, std::nullopt)},
                            {{"edge-a", {test::kEpoch1, Stream::telemetry}, RangeSet(0, 5)}}}));
}

TEST(TelemetryGolden, FilesOfEveryVersionAreRead) {
  if (std::getenv("ANLAN_WRITE_GOLDEN") != nullptr && !std::filesystem::exists(golden(telemetry_schema().size())))
    write_golden(golden(telemetry_schema().size()));
  for (std::size_t version = 1; version <= telemetry_schema().size(); ++version) {
    SCOPED_TRACE(version);
    test::TempDir dir;
    const std::string file = dir.file("telemetry.db");
    std::filesystem::copy_file(golden(version), file);
    const auto opened = open_sqlite_telemetry(file);
    ASSERT_TRUE(opened) << opened.error().message;
    TelemetryStore& store = **opened;

    const auto page = store.query({"site/device/p0", wall_from_ms(0), wall_from_ms(INT64_MAX), 10'000, ""});
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->samples.size(), std::size_t{kClosed + kOpen + kYoung});
    EXPECT_TRUE(page->losses.empty());
    for (int i = 0; i < kClosed + kOpen + kYoung; ++i) {
      const auto& sample = page->samples[static_cast<std::size_t>(i)];
      ASSERT_EQ(sample.value, value_of(i)) << i;
      ASSERT_EQ(sample.time, wall_from_ms(1'700'000'000'000 + 1000 * i)) << i;
    }
    if (version >= 2) EXPECT_EQ(store.identity().value(), (StoreRef{{1, 2}, {3, 4}}));
    const auto newest = store.newest({"site/device/p0", "site/device/p1"});
    EXPECT_EQ(newest->at(0)->sample.value, value_of(kClosed + kOpen + kYoung - 1));
    EXPECT_EQ(newest->at(1)->sample.quality, Quality::comm_failure);
    EXPECT_EQ(*store.accounts(""),
              (std::vector<TelemetryAccount>{{"edge-a", test::kEpoch1, 1, 1258, 2, 7, RangeSet(0, 5)}}));
    EXPECT_EQ(store.raw("edge-a", std::nullopt, std::nullopt, 9),
              (std::vector<RawRecord>{test::raw(3, 7, DefinitionHash{5, 6}), test::raw(4, 0, std::nullopt)}));
    EXPECT_EQ(store.load_ranges("edge-a")->at({test::kEpoch1, Stream::telemetry}), RangeSet(0, 5));
  }
}

}  // namespace
}  // namespace anlan::collector
