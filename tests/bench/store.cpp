// How fast telemetry is stored, how small it lies at rest and how quickly it is read, on the data set of the budgets:
// tests/bench/workload.hpp. Prints one JSON line per figure. Usage: bench_store [directory [points [samples per point
// [seconds per frame]]]]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "collector/store/sqlite_telemetry.hpp"
#include "common/io/sqlite.hpp"
#include "tests/bench/workload.hpp"

namespace {

using namespace anlan;
using namespace anlan::collector;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void print(const char* figure, double value, const char* unit) {
  std::printf("{\"figure\": \"%s\", \"value\": %.4g, \"unit\": \"%s\"}\n", figure, value, unit);
}

/// Frames of sites of 50 points, as their edges send them.
class Frames {
 public:
  Frames(std::size_t points, std::int64_t seconds) : seconds_(seconds) {
    for (std::size_t edge = 0; edge < points / bench::kPointsPerEdge; ++edge) {
      walks_.emplace_back(edge);
      definitions_.push_back(bench::definition_of(edge));
    }
  }

  TelemetryBatch next() {
    TelemetryBatch batch;
    for (std::size_t edge = 0; edge < definitions_.size(); ++edge) {
      const Epoch epoch{edge + 1, 1};
      DecodedRecord record{
          bench::edge_name(edge), {{epoch, Stream::telemetry}, sequence_}, 1, {edge, 1}, definitions_[edge], {}};
      std::vector<Sample> in_time;
      for (std::int64_t second = 0; second < seconds_; ++second) walks_[edge].step(in_time);
      record.samples.resize(in_time.size());  // by point, as the line carries them
      for (std::size_t i = 0; i < in_time.size(); ++i)
        record.samples[in_time[i].point * static_cast<std::size_t>(seconds_) + i / bench::kPointsPerEdge] = in_time[i];
      batch.ranges.push_back({record.edge, record.id.place, RangeSet(0, sequence_ + 1)});
      batch.decoded.push_back(std::move(record));
    }
    ++sequence_;
    return batch;
  }

 private:
  std::int64_t seconds_;
  std::uint64_t sequence_ = 0;
  std::vector<std::shared_ptr<const Definition>> definitions_;
  std::vector<bench::Walk> walks_;
};

template <class T>
T need(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}
void need(Result<void> result) {
  if (!result) std::fprintf(stderr, "%s\n", result.error().message.c_str()), std::exit(1);
}

void read_back(TelemetryStore& store, std::size_t points, std::int64_t total_seconds) {
  std::mt19937_64 random(2);
  constexpr int kReads = 200;
  std::size_t samples = 0;
  const auto start = Clock::now();
  for (int i = 0; i < kReads; ++i) {
    const std::size_t point = random() % points;
    const std::int64_t from =
        1'700'000'000'000 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(total_seconds)) * 1000;
    const auto page = need(store.query({"site-" + std::to_string(point / 50) + "/device/p" + std::to_string(point % 50),
                                        wall_from_ms(from), wall_from_ms(from + 600'000), 1000, ""}));
    samples += page.samples.size();
  }
  print("store.query_10_min", seconds_since(start) / kReads * 1e3, "ms");
  print("store.query_samples", static_cast<double>(samples) / kReads, "samples per query");
}

double rollup_bytes(const std::string& file) {
  SQLite::Database db(file);
  return db.execAndGet("SELECT total(length(data)) FROM chunk WHERE step_ms > 0").getDouble();
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path directory = argc > 1 ? argv[1] : std::filesystem::temp_directory_path();
  const std::size_t points = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 5000;
  const std::size_t per_point = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 3600;
  const std::int64_t frame = argc > 4 ? std::strtol(argv[4], nullptr, 10) : 20;
  const auto file = directory / "bench-store.db";
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + end);
  {
    auto store = need(open_sqlite_telemetry(file.string()));
    Frames frames(points, frame);
    double busy = 0;
    std::vector<double> writes;
    std::size_t samples = 0;
    for (std::size_t i = 0; i < per_point / static_cast<std::size_t>(frame); ++i) {
      const auto batch = frames.next();
      for (const auto& record : batch.decoded) samples += record.samples.size();
      const auto start = Clock::now();
      need(store->write(batch));
      const double took = seconds_since(start);
      busy += took;
      writes.push_back(took);
    }
    print("store.samples", static_cast<double>(samples), "samples");
    print("store.write_rate", static_cast<double>(samples) / busy / 1e6, "M samples/s");
    std::ranges::sort(writes);
    print("store.write_samples", static_cast<double>(samples) / static_cast<double>(writes.size()),
          "samples per write");
    print("store.write_p50", writes[writes.size() / 2] * 1e3, "ms");
    print("store.write_slowest", writes.back() * 1e3, "ms");
    read_back(*store, points, static_cast<std::int64_t>(per_point));
    const auto start = Clock::now();
    need(store->compact());
    print("store.compact", seconds_since(start) * 1e3, "ms");
    read_back(*store, points, static_cast<std::int64_t>(per_point));
    store.reset();  // the last connection writes the WAL back
    print("store.bytes_per_sample",
          static_cast<double>(std::filesystem::file_size(file)) / static_cast<double>(samples), "B");
    print("store.rollup_bytes_per_sample", rollup_bytes(file) / static_cast<double>(samples), "B");
  }
  const auto start = Clock::now();
  auto store = need(open_sqlite_telemetry(file.string()));
  print("store.open", seconds_since(start) * 1e3, "ms");
  return 0;
}
