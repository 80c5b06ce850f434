#include "collector/store/sample_block.hpp"

#include <algorithm>
#include <bit>

#include "collector/store/sample_values.hpp"
#include "common/wire/checksum.hpp"

namespace anlan::collector {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::uint64_t kMostSamples = kMostInBlock;
constexpr unsigned char kNoValueBit = 0x80;  // beside the quality: the value is kNoValue and is not stored

bool no_value(const StoredSample& sample) {
  return std::bit_cast<std::uint64_t>(sample.value) == std::bit_cast<std::uint64_t>(kNoValue);
}

// ---- series of integers: the first, then differences
// -----------------------------------------------------------------

template <class Get>
void put_series(std::string& out, std::span<const StoredSample> samples, Get get, Effort effort) {
  std::string differences;
  std::uint64_t before = get(samples[0]);
  put_varint(out, before);
  for (const StoredSample& sample : samples.subspan(1)) {
    const std::uint64_t value = get(sample);
    put_varint(differences, zigzag(value - before));
    before = value;
  }
  pack(out, differences, effort);
}

template <class Set>
void get_series(ByteReader& in, std::vector<StoredSample>& samples, Set set) {
  std::uint64_t value = in.varint();
  const std::string differences = unpack(in, 10 * samples.size());
  ByteReader rest(differences);
  set(samples[0], value);
  for (std::size_t i = 1; i < samples.size(); ++i) set(samples[i], value += unzigzag(rest.varint()));
  if (!rest.ok() || !rest.done()) in.fault();
}

/// Runs of equal bytes or numbers.
template <class Get>
void put_runs(std::string& out, std::span<const StoredSample> samples, Get get) {
  for (std::size_t i = 0; i < samples.size();) {
    std::size_t end = i + 1;
    while (end < samples.size() && get(samples[end]) == get(samples[i])) ++end;
    put_varint(out, get(samples[i]));
    put_varint(out, end - i);
    i = end;
  }
}

template <class Set>
void get_runs(ByteReader& in, std::vector<StoredSample>& samples, Set set) {
  for (std::size_t i = 0; i < samples.size() && in.ok();) {
    const std::uint64_t value = in.varint(), length = in.varint();
    if (length == 0 || length > samples.size() - i) return in.fault();
    for (const std::size_t end = i + length; i < end; ++i) set(samples[i], value);
  }
}

// ---- times: distances from a regular pace
// ----------------------------------------------------------------------------

enum TimeKind : unsigned char { from_before = 0, from_grid = 1 };

std::uint64_t pace_of(std::span<const StoredSample> samples) {
  if (samples.size() < 2) return 0;
  std::vector<std::int64_t> steps(samples.size() - 1);
  for (std::size_t i = 0; i < steps.size(); ++i)
    steps[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(samples[i + 1].time) -
                                         static_cast<std::uint64_t>(samples[i].time));
  std::ranges::nth_element(steps, steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2));
  return static_cast<std::uint64_t>(steps[steps.size() / 2]);
}

/// From the sample before (survives gaps), or from a grid that begins at the first sample (halves jitter).
std::string packed_times(std::span<const StoredSample> samples, std::uint64_t pace, TimeKind kind, Effort effort) {
  std::string distances;
  std::uint64_t expected = static_cast<std::uint64_t>(samples[0].time);
  for (const StoredSample& sample : samples.subspan(1)) {
    const auto time = static_cast<std::uint64_t>(sample.time);
    expected += pace;
    put_varint(distances, zigzag(time - expected));
    if (kind == from_before) expected = time;
  }
  std::string out(1, static_cast<char>(kind));
  put_varint(out, zigzag(pace));
  pack(out, distances, effort);
  return out;
}

void put_times(std::string& out, std::span<const StoredSample> samples, Effort effort) {
  put_varint(out, zigzag(static_cast<std::uint64_t>(samples[0].time)));
  const std::uint64_t pace = pace_of(samples);
  std::string times = packed_times(samples, pace, from_before, effort);
  if (effort == Effort::tight)
    if (std::string other = packed_times(samples, pace, from_grid, effort); other.size() < times.size())
      times.swap(other);
  out += times;
}

void get_times(ByteReader& in, std::vector<StoredSample>& samples) {
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
    if (kind == from_before) expected = time;
    samples[i].time = static_cast<std::int64_t>(time);
  }
  if (kind > from_grid || !rest.ok() || !rest.done()) in.fault();
}

std::string with_point(std::string_view block, std::int64_t point) {
  std::string bytes(block);
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(static_cast<std::uint64_t>(point) >> (8 * i));
  return bytes;
}

}  // namespace

std::string encode_block(std::span<const StoredSample> samples, Effort effort) {
  std::string out(1, static_cast<char>(kVersion));
  put_varint(out, samples.size());
  if (samples.empty()) return out;
  put_runs(out, samples, [](const StoredSample& s) { return std::uint64_t{s.epoch}; });
  put_runs(out, samples, [](const StoredSample& s) {
    return static_cast<std::uint64_t>(s.quality) | (no_value(s) ? kNoValueBit : 0u);
  });
  put_series(out, samples, [](const StoredSample& s) { return s.sequence; }, effort);
  put_series(out, samples, [](const StoredSample& s) { return std::uint64_t{s.index}; }, effort);
  put_times(out, samples, effort);
  std::vector<double> values;
  values.reserve(samples.size());
  for (const StoredSample& sample : samples)
    if (!no_value(sample)) values.push_back(sample.value);
  put_values(out, values, effort);
  return out;
}

Result<std::vector<StoredSample>> decode_block(std::string_view block) {
  ByteReader in(block);
  if (const auto version = in.byte(); in.ok() && version != kVersion)
    return fail(Errc::unsupported,
                "a block of samples of version " + std::to_string(version) + ", which is not known here");
  const std::uint64_t count = in.varint();
  const auto bad = [] { return fail(Errc::malformed, "a block of samples does not decode"); };
  if (!in.ok() || count > kMostSamples) return bad();
  std::vector<StoredSample> samples(count);
  if (count == 0) return samples;
  bool known = true;
  get_runs(in, samples, [](StoredSample& s, std::uint64_t v) { s.epoch = static_cast<std::uint32_t>(v); });
  get_runs(in, samples, [&](StoredSample& s, std::uint64_t v) {
    const auto quality = quality_from(v & ~std::uint64_t{kNoValueBit});
    known = known && quality;
    s.quality = quality.value_or(Quality::good);
    s.value = v & kNoValueBit ? kNoValue : 0;
  });
  get_series(in, samples, [](StoredSample& s, std::uint64_t v) { s.sequence = v; });
  get_series(in, samples, [](StoredSample& s, std::uint64_t v) { s.index = static_cast<std::uint32_t>(v); });
  get_times(in, samples);
  const auto valued = std::ranges::count_if(samples, [](const StoredSample& s) { return !no_value(s); });
  const auto values = get_values(in, static_cast<std::size_t>(valued));
  if (!in.ok() || !in.done() || !known) return bad();
  auto value = values.begin();
  for (StoredSample& sample : samples)
    if (!no_value(sample)) sample.value = *value++;
  return samples;
}

std::string seal_block(std::string block, std::int64_t point) {
  const std::uint64_t sum = hash64(with_point(block, point));
  for (int i = 0; i < 8; ++i) block += static_cast<char>(sum >> (8 * i));
  return block;
}

Result<std::string_view> open_block(std::string_view sealed, std::int64_t point) {
  if (sealed.size() < 8) return fail(Errc::storage_corrupt, "a block of samples is cut short");
  const auto block = sealed.substr(0, sealed.size() - 8);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < 8; ++i)
    sum |= std::uint64_t{static_cast<unsigned char>(sealed[block.size() + i])} << (8 * i);
  if (sum != hash64(with_point(block, point)))
    return fail(Errc::storage_corrupt, "a block of samples fails its checksum");
  return block;
}

}  // namespace anlan::collector
