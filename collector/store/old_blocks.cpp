#include "collector/store/old_blocks.hpp"

#include <bit>

#include "collector/store/packing.hpp"
#include "collector/store/sample_values.hpp"
#include "common/wire/checksum.hpp"

namespace anlan::collector {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::uint64_t kMostSamples = 1 << 16, kMostBytes = 1u << 30;
constexpr unsigned char kNoValueBit = 0x80;  // beside the quality: the value is kNoValue and is not stored
constexpr std::int64_t kNoPoint = 0;         // a segment is sealed as nobody's block

using Samples = std::vector<StoredSample>;

template <class Set>
void get_series(ByteReader& in, Samples& samples, Set set) {
  std::uint64_t value = in.varint();
  const std::string differences = unpack(in, 10 * samples.size());
  ByteReader rest(differences);
  set(samples[0], value);
  for (std::size_t i = 1; i < samples.size(); ++i) set(samples[i], value += unzigzag(rest.varint()));
  if (!rest.ok() || !rest.done()) in.fault();
}

template <class Set>
void get_runs(ByteReader& in, Samples& samples, Set set) {
  for (std::size_t i = 0; i < samples.size() && in.ok();) {
    const std::uint64_t value = in.varint(), length = in.varint();
    if (length == 0 || length > samples.size() - i) return in.fault();
    for (const std::size_t end = i + length; i < end; ++i) set(samples[i], value);
  }
}

/// Distances from the time before (kind 0) or from a regular pace (kind 1).
void get_times(ByteReader& in, Samples& samples) {
  std::uint64_t time = unzigzag(in.varint());
  const unsigned char kind = in.byte();
  const std::uint64_t pace = unzigzag(in.varint());
  const std::string distances = unpack(in, 10 * samples.size());
  ByteReader rest(distances);
  samples[0].time = static_cast<std::int64_t>(time);
  std::uint64_t expected = time;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    expected += pace;
    time = expected + unzigzag(rest.varint());
    if (kind == 0) expected = time;
    samples[i].time = static_cast<std::int64_t>(time);
  }
  if (kind > 1 || !rest.ok() || !rest.done()) in.fault();
}

std::uint64_t sum_of(std::string_view block, std::int64_t point) {
  std::string bytes(block);
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(static_cast<std::uint64_t>(point) >> (8 * i));
  return hash64(bytes);
}

}  // namespace

Result<Samples> decode_old_block(std::string_view block) {
  ByteReader in(block);
  if (const auto version = in.byte(); in.ok() && version != kVersion)
    return fail(Errc::unsupported, "a block of samples of version " + std::to_string(version));
  const std::uint64_t count = in.varint();
  const auto bad = [] { return fail(Errc::malformed, "a block of samples does not decode"); };
  if (!in.ok() || count > kMostSamples) return bad();
  Samples samples(count);
  if (count == 0) return samples;
  bool known = true;
  std::size_t valued = 0;
  get_runs(in, samples, [](StoredSample& s, std::uint64_t v) { s.epoch = static_cast<std::uint32_t>(v); });
  get_runs(in, samples, [&](StoredSample& s, std::uint64_t v) {
    const auto quality = quality_from(v & ~std::uint64_t{kNoValueBit});
    known = known && quality;
    s.quality = quality.value_or(Quality::good);
    s.value = v & kNoValueBit ? kNoValue : 0;
    valued += v & kNoValueBit ? 0 : 1;
  });
  get_series(in, samples, [](StoredSample& s, std::uint64_t v) { s.sequence = v; });
  get_series(in, samples, [](StoredSample& s, std::uint64_t v) { s.index = static_cast<std::uint32_t>(v); });
  get_times(in, samples);
  const auto values = get_values(in, valued);
  if (!in.ok() || !in.done() || !known) return bad();
  auto value = values.begin();
  for (StoredSample& sample : samples)
    if (std::bit_cast<std::uint64_t>(sample.value) != std::bit_cast<std::uint64_t>(kNoValue)) sample.value = *value++;
  return samples;
}

Result<std::string_view> open_old_block(std::string_view sealed, std::int64_t point) {
  if (sealed.size() < 8) return fail(Errc::storage_corrupt, "a block of samples is cut short");
  const auto block = sealed.substr(0, sealed.size() - 8);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < 8; ++i)
    sum |= std::uint64_t{static_cast<unsigned char>(sealed[block.size() + i])} << (8 * i);
  if (sum != sum_of(block, point)) return fail(Errc::storage_corrupt, "a block of samples fails its checksum");
  return block;
}

Result<void> read_old_segment(std::string_view segment,
                              const std::function<void(std::int64_t point, std::string_view block)>& take) {
  const auto opened = open_old_block(segment, kNoPoint);
  if (!opened) return fail(opened.error());
  ByteReader outer(*opened);
  if (const auto version = outer.byte(); version != kVersion)
    return fail(Errc::unsupported, "a segment of samples of version " + std::to_string(version));
  const std::string body = unpack(outer, kMostBytes);
  std::vector<std::pair<std::int64_t, std::string_view>> blocks;
  ByteReader in(body);
  std::int64_t point = 0;
  while (in.ok() && !in.done()) {
    point += static_cast<std::int64_t>(in.varint());
    blocks.emplace_back(point, in.take(in.varint()));
  }
  if (!outer.ok() || !outer.done() || !in.ok())
    return fail(Errc::storage_corrupt, "a segment of samples does not decode");
  for (const auto& [of, block] : blocks) take(of, block);
  return {};
}

}  // namespace anlan::collector
