// A store over a real engine of this test's own, and what was written to it.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <random>
#include <thread>
#include <tuple>

#include <gtest/gtest.h>

#include "collector/store/victoria/victoria_telemetry.hpp"
#include "tests/support/telemetry_builder.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/victoria.hpp"

namespace anlan::collector {

class VictoriaFixture : public testing::Test {
 protected:
  static constexpr std::int64_t kBegin = 1'700'000'000'000;

  VictoriaOptions options() const {
    VictoriaOptions options;
    options.file = dir_.file("victoria.db");
    options.engine.write_url = options.engine.read_url = engine_.url();
    options.engine.storage_urls = {engine_.url()};
    options.engine.timeout = Millis{5'000};
    options.every = Millis{0};  // moved by move_all() only
    return options;
  }

  void open(const VictoriaOptions& options) {
    store_.reset();
    auto store = open_victoria_telemetry(options);
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }

  /// One record: a sample of each point, values as instruments send them.
  DecodedRecord record(std::uint64_t sequence) const {
    std::mt19937_64 random(sequence);
    std::vector<test::At> samples;
    for (std::uint32_t point = 0; point < kPoints; ++point)
      samples.push_back(
          {kBegin + static_cast<std::int64_t>(sequence) * 1000 + static_cast<std::int64_t>(random() % 900),
           static_cast<double>(random() % 100'000) / 100, point, random() % 100 == 0 ? Quality::stale : Quality::good});
    return test::decoded(points_, sequence, samples);
  }
  Result<void> write(std::uint64_t first, std::uint64_t end) {
    TelemetryBatch batch;
    for (std::uint64_t sequence = first; sequence < end; ++sequence) batch.decoded.push_back(record(sequence));
    batch.ranges.push_back({"edge-a", {test::kEpoch1, Stream::telemetry}, RangeSet(0, end)});
    return store_->write(batch);
  }

  std::vector<TelemetrySample> all(std::uint32_t point) {
    TelemetryQuery query{test::point_name(point), wall_from_ms(0), wall_from_ms(kBegin * 2), 20'000, ""};
    std::vector<TelemetrySample> found;
    do {
      const auto page = store_->query(query);
      if (!page) {
        ADD_FAILURE() << page.error().message;
        return found;
      }
      found.insert(found.end(), page->samples.begin(), page->samples.end());
      query.cursor = page->next;
    } while (!query.cursor.empty());
    return found;
  }

  /// Every sample of the records [0, end), of every point, to the bit, once.
  void expect_all(std::uint64_t end) {
    for (std::uint32_t point = 0; point < kPoints; ++point) {
      const auto found = all(point);
      ASSERT_EQ(found.size(), end) << "point " << point;
      for (std::uint64_t sequence = 0; sequence < end; ++sequence) {
        const Sample wanted = record(sequence).samples[point];
        ASSERT_EQ(found[sequence].sequence, sequence);
        ASSERT_EQ(found[sequence].time, wanted.time);
        ASSERT_EQ(std::bit_cast<std::uint64_t>(found[sequence].value), std::bit_cast<std::uint64_t>(wanted.value));
        ASSERT_EQ(found[sequence].quality, wanted.quality);
      }
    }
  }

  /// Until it works; a test's real time bounds it.
  Result<void> move_all(Millis patience = Millis{60'000}) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (true) {
      auto moved = store_->move_all();
      if (moved || std::chrono::steady_clock::now() > until) return moved;
      std::this_thread::sleep_for(Millis{100});  // the engine starts; the bound above decides
    }
  }

  static constexpr std::uint32_t kPoints = 20;
  test::TempDir dir_;
  test::Victoria engine_;
  test::Points points_{kPoints};
  std::unique_ptr<VictoriaTelemetry> store_;
};

}  // namespace anlan::collector
