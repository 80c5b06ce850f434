// Telemetry records for tests, with only what matters filled in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "collector/store/telemetry_store.hpp"

namespace anlan::test {

inline constexpr Epoch kEpoch1{1, 1}, kEpoch2{2, 2};

inline std::string point_name(std::size_t number) { return "site/device/p" + std::to_string(number); }

/// A definition of so many points: site/device/p0, p1 …
struct Points {
  explicit Points(std::size_t count) {
    auto made = std::make_shared<Definition>();
    for (std::size_t i = 0; i < count; ++i) {
      PointDefinition point;
      point.path = {"site", "device", "p" + std::to_string(i)};
      made->points.push_back(std::move(point));
    }
    definition = std::move(made);
    hash = {count, 77};
  }
  std::shared_ptr<const Definition> definition;
  DefinitionHash hash;
};

struct At {
  std::int64_t time = 0;
  double value = 0;
  std::uint32_t point = 0;
  Quality quality = Quality::good;
};

inline collector::DecodedRecord decoded(const Points& points, std::uint64_t sequence, const std::vector<At>& samples,
                                        Epoch epoch = kEpoch1, std::uint64_t ordinal = 1, std::string edge = "edge-a") {
  collector::DecodedRecord record{
      std::move(edge), {{epoch, Stream::telemetry}, sequence}, ordinal, points.hash, points.definition, {}};
  for (const At& at : samples) {
    Sample sample;
    sample.point = at.point;
    sample.value = at.value;
    sample.quality = at.quality;
    sample.time = wall_from_ms(at.time);
    record.samples.push_back(sample);
  }
  return record;
}

inline collector::RawRecord raw(std::uint64_t sequence, std::uint32_t samples, std::optional<DefinitionHash> wanted,
                                Epoch epoch = kEpoch1, std::string edge = "edge-a") {
  collector::RawRecord record{std::move(edge), {}, wanted};
  record.record.id = {{epoch, Stream::telemetry}, sequence};
  record.record.kind = static_cast<Kind>(wanted ? 1 : 99);
  record.record.wall = wall_from_ms(1'700'000'000'123);
  record.record.mono = mono_from_ms(4567);
  record.record.clock = ClockState::synced;
  record.record.samples = samples;
  record.record.payload = std::string("p\0\xff", 3) + std::to_string(sequence);
  record.record.checksum = 0xfedc'ba98'7654'3210u;
  return record;
}

}  // namespace anlan::test
