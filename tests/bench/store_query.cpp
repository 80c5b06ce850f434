// How quickly a chart is read while the store takes in telemetry at full speed: one point over a day, a month and the
// whole, out of a store that holds years; with --samples 0 the one that is in the directory already. Prints one line:
// {"name": value, …}.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "collector/store/sqlite_telemetry.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/workload.hpp"

namespace {

using namespace anlan;
using namespace anlan::collector;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kDay = 86'400'000;
constexpr std::size_t kWidth = 1000;  // points of the chart
constexpr int kStepsInRecord = 60;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

template <class T>
T need(Result<T> result) {
  if constexpr (std::is_void_v<T>) {
    if (!result) std::fprintf(stderr, "%s\n", result.error().message.c_str()), std::exit(1);
  } else {
    if (result) return std::move(*result);
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
}

/// An edge that sends records of a minute's steps.
class Source {
 public:
  Source(std::size_t number, std::int64_t step_ms)
      : number_(number), definition_(bench::definition_of(number)), walk_(number, step_ms) {}

  void next(TelemetryBatch& batch) {
    const Epoch epoch{number_ + 1, 1};
    DecodedRecord record{
        bench::edge_name(number_), {{epoch, Stream::telemetry}, sequence_++}, 1, {number_, 1}, definition_, {}};
    std::vector<Sample> in_time;
    for (int step = 0; step < kStepsInRecord; ++step) walk_.step(in_time);
    record.samples.resize(in_time.size());  // by point, as the line carries them
    for (std::size_t i = 0; i < in_time.size(); ++i)
      record.samples[in_time[i].point * kStepsInRecord + i / bench::kPointsPerEdge] = in_time[i];
    batch.ranges.push_back({record.edge, record.id.place, RangeSet(0, sequence_)});
    batch.decoded.push_back(std::move(record));
  }

 private:
  std::size_t number_;
  std::uint64_t sequence_ = 0;
  std::shared_ptr<const Definition> definition_;
  bench::Walk walk_;
};

/// Tidies up beside the writer, as the collector does.
class Tidying {
 public:
  explicit Tidying(TelemetryStore& store)
      : store_(store), thread_([this](const std::stop_token& stop) { run(stop); }) {}

 private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested())
      if (store_.untidy())
        need(store_.compact());
      else
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  TelemetryStore& store_;
  std::jthread thread_;
};

std::size_t write_some(TelemetryStore& store, std::vector<Source>& sources, std::size_t records_each) {
  TelemetryBatch batch;
  for (Source& source : sources)
    for (std::size_t i = 0; i < records_each; ++i) source.next(batch);
  need(store.write(batch));
  return batch.decoded.size() * kStepsInRecord * bench::kPointsPerEdge;
}

/// Milliseconds, sorted.
std::vector<double> charts(TelemetryStore& store, std::size_t edges, std::int64_t length, std::int64_t all, int count) {
  std::mt19937_64 random(7);
  std::vector<double> took;
  for (int i = 0; i < count; ++i) {
    const std::int64_t from =
        bench::kWorkloadBegins +
        (all > length ? static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(all - length)) : 0);
    const std::string point =
        bench::site_name(random() % edges) + "/device/p" + std::to_string(random() % bench::kPointsPerEdge);
    const auto start = Clock::now();
    const auto trend = need(store.trend({point, wall_from_ms(from), wall_from_ms(from + length), kWidth}));
    took.push_back(seconds_since(start) * 1e3);
    if (trend.points.size() < kWidth / 10 || !trend.losses.empty())
      std::fprintf(stderr, "a chart of %zu points\n", trend.points.size()), std::exit(1);
  }
  std::ranges::sort(took);
  return took;
}

double p99(const std::vector<double>& sorted) { return sorted[sorted.size() * 99 / 100]; }

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  const std::filesystem::path directory = arguments.text("directory");
  const auto total = static_cast<std::size_t>(arguments.number("samples"));
  const std::int64_t days = arguments.number("days", 1096);
  const auto edges = static_cast<std::size_t>(arguments.number("edges", 2));
  const int count = static_cast<int>(arguments.number("charts", 200));
  arguments.end();

  const std::int64_t all = days * kDay;
  const std::string file = directory / "telemetry.db";
  auto store = need(open_sqlite_telemetry(file));
  auto start = Clock::now();
  std::size_t samples = 0;
  if (total > 0) {
    const std::size_t steps = total / (edges * bench::kPointsPerEdge);
    const Tidying tidying(*store);
    std::vector<Source> old;
    for (std::size_t edge = 0; edge < edges; ++edge) old.emplace_back(edge, all / static_cast<std::int64_t>(steps));
    while (samples < total) samples += write_some(*store, old, 20);
  }
  need(store->compact());
  const double filling = seconds_since(start);
  const auto bytes = static_cast<double>(std::filesystem::file_size(file));

  const Tidying tidying(*store);
  std::atomic<std::size_t> taken = 0;
  std::jthread ingest([&](const std::stop_token& stop) {
    std::vector<Source> live;
    for (std::size_t edge = 0; edge < 100; ++edge) live.emplace_back(1000 + edge, 1000);
    while (!stop.stop_requested()) taken += write_some(*store, live, 1);
  });
  start = Clock::now();
  const auto day = charts(*store, edges, kDay, all, count), month = charts(*store, edges, 30 * kDay, all, count),
             years = charts(*store, edges, all, all, count);
  const double reading = seconds_since(start);
  ingest.request_stop();
  ingest.join();
  std::printf(
      "{\"samples\": %zu, \"fill_per_s\": %.0f, \"bytes_per_sample\": %.4f, \"ingest_per_s\": %.0f, \"day_p50_ms\": "
      "%.2f, \"day_p99_ms\": %.2f, \"month_p50_ms\": %.2f, \"month_p99_ms\": %.2f, \"all_p50_ms\": %.2f, "
      "\"all_p99_ms\": %.2f}\n",
      samples, static_cast<double>(samples) / filling, bytes / static_cast<double>(samples),
      static_cast<double>(taken.load()) / reading, day[day.size() / 2], p99(day), month[month.size() / 2], p99(month),
      years[years.size() / 2], p99(years));
  return 0;
}
