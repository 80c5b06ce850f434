// bench_line_bytes: bytes of payload per sample on the line, live each second and as backlog, and of Sparkplug B with
// the same samples. Arguments: --edges N --seconds N. Prints "live backlog one_record sparkplug_live sparkplug_backlog
// receipt": bytes per sample, the last bytes of a receipt per live frame.
#include <cstdio>

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "sparkplug_b.pb.h"
#include "tests/bench/arguments.hpp"
#include "tests/bench/workload.hpp"

namespace {

using namespace anlan;
using namespace anlan::bench;

constexpr std::size_t kBacklogSeconds = 60;

std::size_t size_of(const Message& message) {
  const auto frame = encode_in_columns(message);
  if (!frame) std::fprintf(stderr, "%s\n", frame.error().message.c_str()), std::exit(1);
  return frame->size();
}

/// One commit of an edge.
Record record(std::size_t edge, std::uint64_t sequence, std::int64_t now, const DefinitionHash& hash,
              std::vector<Sample> samples) {
  const auto count = static_cast<std::uint32_t>(samples.size());
  Record made{{{{edge + 0x123456789abcdefull, 0xfedcba9876543210ull}, Stream::telemetry}, sequence},
              Kind::samples,
              wall_from_ms(now),
              mono_from_ms(now % 100'000'000),
              ClockState::synced,
              count,
              encode_payload(Samples{hash, std::move(samples)}),
              0};
  made.checksum = checksum(edge_name(edge), made);
  return made;
}

std::size_t sparkplug(const std::vector<Sample>& samples, bool historical) {
  sparkplug::Payload payload;
  payload.set_timestamp(static_cast<std::uint64_t>(to_ms(samples.front().time)));
  payload.set_seq(17);
  for (const Sample& sample : samples) {
    auto& metric = *payload.add_metrics();
    metric.set_alias(sample.point);
    metric.set_timestamp(static_cast<std::uint64_t>(to_ms(sample.time)));
    if (historical) metric.set_is_historical(true);
    metric.set_double_value(sample.value);
    if (sample.quality == Quality::good) continue;
    metric.mutable_properties()->add_keys("Quality");
    auto& quality = *metric.mutable_properties()->add_values();
    quality.set_type(3);         // Int32
    quality.set_int_value(500);  // STALE: the nearest that the specification has
  }
  return payload.ByteSizeLong();
}

struct Sizes {
  std::size_t live = 0, backlog = 0, one_record = 0, sparkplug_live = 0, sparkplug_backlog = 0, samples = 0;
};

void measure(std::size_t edge, std::size_t seconds, Sizes& sizes) {
  Walk walk(edge);
  const DefinitionHash hash = hash_of(*definition_of(edge));
  std::vector<Sample> minute;
  RecordBatch backlog;
  for (std::size_t second = 0; second < seconds; ++second) {
    std::vector<Sample> samples;
    walk.step(samples);
    minute.insert(minute.end(), samples.begin(), samples.end());
    sizes.samples += samples.size();
    sizes.sparkplug_live += sparkplug(samples, false);
    Record made =
        record(edge, second, kWorkloadBegins + static_cast<std::int64_t>(second) * 1000, hash, std::move(samples));
    sizes.live += size_of(RecordBatch{{made}});
    backlog.records.push_back(std::move(made));
    if (backlog.records.size() < kBacklogSeconds) continue;
    sizes.backlog += size_of(backlog);
    sizes.sparkplug_backlog += sparkplug(minute, true);
    sizes.one_record += size_of(RecordBatch{{record(edge, second, kWorkloadBegins, hash, minute)}});
    backlog.records.clear();
    minute.clear();
  }
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments(argc, argv);
  const auto edges = static_cast<std::size_t>(arguments.number("edges"));
  const auto seconds = static_cast<std::size_t>(arguments.number("seconds")) / kBacklogSeconds * kBacklogSeconds;
  arguments.end();
  Sizes sizes;
  for (std::size_t edge = 0; edge < edges; ++edge) measure(edge, seconds, sizes);
  const auto each = [&](std::size_t bytes) { return static_cast<double>(bytes) / static_cast<double>(sizes.samples); };
  const std::size_t receipt = size_of(Receipt{{{1, 2}, {3, 4}}, {{5, 6}, Stream::telemetry}, RangeSet(1000, 1001), {}});
  std::printf("%.4f %.4f %.4f %.4f %.4f %zu\n", each(sizes.live), each(sizes.backlog), each(sizes.one_record),
              each(sizes.sparkplug_live), each(sizes.sparkplug_backlog), receipt);
  return 0;
}
