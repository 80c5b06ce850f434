#include "collector/store/victoria/batch_block.hpp"

#include <bit>
#include <span>

#include "collector/store/packing.hpp"
#include "common/base/bytes.hpp"
#include "common/wire/checksum.hpp"

namespace anlan::collector::victoria {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::size_t kPageSamples = 4096;
constexpr std::size_t kMostPageBytes = kPageSamples * 64;
constexpr std::size_t kChecksum = 8;

void put_fixed(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i));
}

std::uint64_t get_fixed(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return value;
}

/// A column of whole numbers as steps from one to the next.
template <class Samples, class Get>
void put_steps(std::string& out, const Samples& samples, Get get) {
  std::uint64_t before = 0;
  for (const PlacedSample& one : samples) {
    const std::uint64_t value = get(one);
    put_varint(out, zigzag(value - before));
    before = value;
  }
}

template <class Set>
void get_steps(ByteReader& in, std::vector<PlacedSample>& samples, Set set) {
  std::uint64_t value = 0;
  for (PlacedSample& one : samples) {
    value += unzigzag(in.varint());
    set(one, value);
  }
}

std::string page_of(std::span<const PlacedSample> samples) {
  std::string out;
  put_varint(out, samples.size());
  put_steps(out, samples, [](const PlacedSample& s) { return static_cast<std::uint64_t>(s.point); });
  put_steps(out, samples, [](const PlacedSample& s) { return static_cast<std::uint64_t>(s.sample.time); });
  put_steps(out, samples, [](const PlacedSample& s) { return static_cast<std::uint64_t>(s.sample.quality); });
  put_steps(out, samples, [](const PlacedSample& s) { return std::uint64_t{s.sample.epoch}; });
  put_steps(out, samples, [](const PlacedSample& s) { return s.sample.sequence; });
  put_steps(out, samples, [](const PlacedSample& s) { return std::uint64_t{s.sample.index}; });
  for (const PlacedSample& one : samples) put_fixed(out, std::bit_cast<std::uint64_t>(one.sample.value));
  return out;
}

std::optional<std::vector<PlacedSample>> samples_in(std::string_view page) {
  ByteReader in(page);
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > kPageSamples) return std::nullopt;
  std::vector<PlacedSample> samples(count);
  bool known = true;
  get_steps(in, samples, [](PlacedSample& s, std::uint64_t v) { s.point = static_cast<std::int64_t>(v); });
  get_steps(in, samples, [](PlacedSample& s, std::uint64_t v) { s.sample.time = static_cast<std::int64_t>(v); });
  get_steps(in, samples, [&](PlacedSample& s, std::uint64_t v) {
    const auto quality = quality_from(v);
    known = known && quality;
    s.sample.quality = quality.value_or(Quality::stale);
  });
  get_steps(in, samples, [](PlacedSample& s, std::uint64_t v) { s.sample.epoch = static_cast<std::uint32_t>(v); });
  get_steps(in, samples, [](PlacedSample& s, std::uint64_t v) { s.sample.sequence = v; });
  get_steps(in, samples, [](PlacedSample& s, std::uint64_t v) { s.sample.index = static_cast<std::uint32_t>(v); });
  for (PlacedSample& one : samples) one.sample.value = std::bit_cast<double>(get_fixed(in.take(8)));
  if (!in.ok() || !in.done() || !known) return std::nullopt;
  return samples;
}

}  // namespace

std::string encode_batch(const std::vector<PlacedSample>& samples) {
  std::string out(1, static_cast<char>(kVersion));
  for (std::span<const PlacedSample> rest(samples); !rest.empty();) {
    const auto part = rest.first(std::min(rest.size(), kPageSamples));
    rest = rest.subspan(part.size());
    std::string packed;
    pack(packed, page_of(part), Effort::quick);
    put_varint(out, static_cast<std::uint64_t>(part.front().point));
    put_varint(out, static_cast<std::uint64_t>(part.back().point));
    put_varint(out, packed.size());
    out += packed;
  }
  put_fixed(out, hash64(out));
  return out;
}

Result<void> read_batch(std::string_view batch, const std::optional<std::int64_t>& point,
                        const std::function<void(const PlacedSample&)>& take) {
  const auto corrupt = [] { return fail(Errc::storage_corrupt, "samples of the journal fail their checksum"); };
  if (batch.size() < 1 + kChecksum) return corrupt();
  const auto body = batch.substr(0, batch.size() - kChecksum);
  if (get_fixed(batch.substr(body.size())) != hash64(body)) return corrupt();
  ByteReader in(body);
  if (const auto version = in.byte(); version != kVersion)
    return fail(Errc::unsupported, "samples of the journal are of version " + std::to_string(version));
  while (!in.done()) {
    const auto first = static_cast<std::int64_t>(in.varint()), last = static_cast<std::int64_t>(in.varint());
    const auto packed = in.take(in.varint());
    if (!in.ok()) return corrupt();
    if (point && (*point < first || *point > last)) continue;
    ByteReader page(packed);
    const auto samples = samples_in(unpack(page, kMostPageBytes));
    if (!page.ok() || !samples) return corrupt();
    for (const PlacedSample& one : *samples)
      if (!point || one.point == *point) take(one);
  }
  return {};
}

}  // namespace anlan::collector::victoria
