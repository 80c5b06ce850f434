// A process that writes telemetry is killed at random moments, again and again: afterwards received ranges, samples and
// accounts agree exactly, and whatever write() had returned for is there.
#include <csignal>
#include <random>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/store/sqlite_telemetry.hpp"
#include "tests/support/telemetry_builder.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

constexpr int kKills = 30;
const Place kPlace{test::kEpoch1, Stream::telemetry};

std::size_t samples_of(std::uint64_t sequence) { return sequence % 7 + 1; }

DecodedRecord record(const test::Points& points, std::uint64_t sequence) {
  std::vector<test::At> samples;
  for (std::size_t i = 0; i < samples_of(sequence); ++i)
    samples.push_back({static_cast<std::int64_t>(sequence * 10 + i), static_cast<double>(sequence),
                       static_cast<std::uint32_t>(sequence % 3)});
  return test::decoded(points, sequence, samples);
}

std::unique_ptr<TelemetryStore> open(const std::string& file) {
  auto store = open_sqlite_telemetry(file);
  if (!store) throw std::runtime_error(store.error().message);
  return std::move(*store);
}

std::uint64_t received(TelemetryStore& store) {
  const auto ranges = store.load_ranges("edge-a");
  if (!ranges) throw std::runtime_error(ranges.error().message);
  return ranges->empty() ? 0 : ranges->at(kPlace).first_missing();
}

/// Writes for ever; tells on `acknowledged` what is durable.
[[noreturn]] void write_until_killed(const std::string& file, int acknowledged, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto store = open(file);
  const test::Points points(3);
  for (std::uint64_t next = received(*store);;) {
    TelemetryBatch batch;
    for (std::uint64_t end = next + 1 + random() % 20; next < end; ++next)
      batch.decoded.push_back(record(points, next));
    batch.ranges.push_back({"edge-a", kPlace, RangeSet(0, next)});
    if (!store->write(batch)) ::_exit(3);
    if (::write(acknowledged, &next, sizeof next) != sizeof next) ::_exit(4);
    if (random() % 40 == 0 && !store->compact()) ::_exit(5);
  }
}

/// Kills the writer while it goes on after `count` acknowledged writes; returns the last one that was told.
std::uint64_t run_and_kill(const std::string& file, std::uint64_t seed, int count) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    write_until_killed(file, ends[1], seed);
  }
  ::close(ends[1]);
  std::uint64_t last = 0, told = 0;
  for (int i = 0; i < count && ::read(ends[0], &told, sizeof told) == sizeof told; ++i) last = told;
  ::kill(child, SIGKILL);
  while (::read(ends[0], &told, sizeof told) == sizeof told) last = told;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself with " << WEXITSTATUS(status);
  return last;
}

/// Every sample of records [0, end) once, and nothing else.
void expect_exactly(TelemetryStore& store, std::uint64_t end) {
  std::uint64_t wanted = 0;
  for (std::uint64_t sequence = 0; sequence < end; ++sequence) wanted += samples_of(sequence);
  ASSERT_EQ(store.accounts("edge-a")->at(0).samples, wanted);
  std::uint64_t found = 0;
  for (std::uint64_t point = 0; point < 3; ++point) {
    TelemetryQuery query{test::point_name(point), wall_from_ms(0), wall_from_ms(INT64_MAX), 10'000, ""};
    std::uint64_t sequence = point, item = 0;
    do {
      const auto page = store.query(query);
      ASSERT_TRUE(page) << page.error().message;
      ASSERT_TRUE(page->losses.empty());
      for (const auto& sample : page->samples) {
        ASSERT_EQ(sample.sequence, sequence);
        ASSERT_EQ(sample.time, wall_from_ms(static_cast<std::int64_t>(sequence * 10 + item)));
        ASSERT_EQ(sample.value, static_cast<double>(sequence));
        if (++item == samples_of(sequence)) sequence += 3, item = 0;
      }
      found += page->samples.size();
      query.cursor = page->next;
    } while (!query.cursor.empty());
  }
  ASSERT_EQ(found, wanted);
  const std::uint64_t newest = end - 1;
  EXPECT_EQ(store.newest({test::point_name(newest % 3)})->at(0)->sample.value, static_cast<double>(newest));
}

TEST(TelemetryCrash, RangesAndSamplesAgreeAfterEveryKill) {
  test::TempDir dir;
  const std::string file = dir.file("telemetry.db");
  std::mt19937_64 random(20261123);
  for (int kill = 0; kill < kKills; ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    const std::uint64_t told = run_and_kill(file, random(), 1 + static_cast<int>(random() % 60));
    const auto store = open(file);
    const std::uint64_t end = received(*store);
    ASSERT_GE(end, told) << "a write that had returned is gone";
    ASSERT_GT(end, 0u);
    expect_exactly(*store, end);
  }
}

}  // namespace
}  // namespace anlan::collector
