// bench_fill_buffer: a buffer as an edge without a line leaves it behind: records of a quarter second of 5,000 points.
//   --file FILE --edge ID --megabytes N
#include <cstdio>

#include "common/io/random.hpp"
#include "common/wire/codec.hpp"
#include "edge/buffer/buffer.hpp"
#include "edge/buffer/sqlite_storage.hpp"
#include "tests/bench/arguments.hpp"

namespace {

using namespace anlan;
using namespace anlan::edge;

constexpr std::uint32_t kPoints = 1250;
constexpr int kAtOnce = 200;    // records in a commit
constexpr int kPayloads = 256;  // different ones, over and over: a start reads none of them

template <class T>
T need(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

Samples quarter_second(const DefinitionHash& hash, std::int64_t now) {
  Samples samples{hash, {}};
  for (std::uint32_t i = 0; i < kPoints; ++i) {
    Sample sample;
    sample.point = i;
    sample.value = static_cast<double>(random64() % 10'000) / 10;
    sample.time = wall_from_ms(now);
    samples.samples.push_back(sample);
  }
  return samples;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  const std::string file = arguments.text("file"), edge = arguments.text("edge");
  const auto bytes = static_cast<std::uint64_t>(arguments.number("megabytes")) * 1'000'000;
  arguments.end();
  const auto storage = need(SqliteStorage::open(file, edge));
  Buffer buffer(*storage, {edge, random_id<Epoch>(), random_id<BootId>(), "bench"}, 4 * bytes + (64u << 20));
  std::int64_t now = 1'700'000'000'000;
  need(buffer.open({wall_from_ms(now), {}, ClockState::synced}));
  Definition definition;
  for (std::uint32_t i = 0; i < kPoints; ++i) {
    definition.points.emplace_back();
    definition.points.back().path = {"bench", "d", "p" + std::to_string(i)};
  }
  const DefinitionHash hash = hash_of(definition);
  Commit first;
  first.entries.push_back({Kind::definition, encode_payload(definition), 0});
  first.definitions.push_back({hash, encode_payload(definition)});
  const auto commit = [&](Commit what) {
    if (const auto done = buffer.commit(std::move(what), {wall_from_ms(now), mono_from_ms(now), ClockState::synced});
        !done)
      std::fprintf(stderr, "%s\n", done.error().message.c_str()), std::exit(1);
  };
  commit(std::move(first));
  std::vector<std::string> payloads;
  for (int i = 0; i < kPayloads; ++i) payloads.push_back(encode_payload(quarter_second(hash, now + 250 * i)));
  for (std::size_t at = 0; buffer.snapshot()->bytes() < bytes;) {
    Commit next;
    for (int i = 0; i < kAtOnce; ++i, now += 250)
      next.entries.push_back({Kind::samples, payloads[at++ % payloads.size()], kPoints});
    commit(std::move(next));
  }
  return 0;
}
