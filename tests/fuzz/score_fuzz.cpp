// Any text is a state of the scoring that can be gone on with, or an error that leaves the scoring as it was.
#include <cstdint>
#include <map>
#include <string>

#include "edge/score/scorer.hpp"
#include "tests/fuzz/expect.hpp"

namespace {

using namespace anlan;
using namespace anlan::edge;

Definition definition() {
  Definition definition;
  for (const char* path : {"a/b/c", "a/b/d"}) {
    PointDefinition point;
    point.path = *PointPath::parse(path);
    point.limits.high.at = {40, 60, 75, 90};
    point.limits.low.at = {-40, -60, -75, -90};
    point.limits.deadband = 2;
    point.limits.on_delay = Millis{10'000};
    point.limits.off_delay = Millis{20'000};
    definition.points.push_back(std::move(point));
  }
  return definition;
}

Instant now(std::int64_t seconds) { return {wall_from_ms(seconds * 1000), mono_from_ms(seconds * 1000), {1, 1}}; }

/// The alerts that were restored go on in order, whatever the delays say.
void expect_goes_on(Scorer& scorer) {
  std::map<AlertId, std::uint32_t> versions;
  for (const AlertTransition& alert : scorer.active()) {
    ANLAN_EXPECT(alert.active() && alert.level != Level::none);
    versions[alert.alert] = alert.version;
  }
  const double values[] = {0, 95, 50, -80, 0, 0, 41};
  std::int64_t seconds = 2'000'000'000;
  for (const double value : values)
    for (const std::uint32_t point : {0u, 1u}) {
      const Instant at = now(seconds += 7);
      for (const AlertTransition& t : scorer.apply({point, value, Quality::good, at.wall, at.mono})) {
        const auto before = versions.find(t.alert);
        ANLAN_EXPECT(before == versions.end() ? t.version == 1 && t.step == AlertStep::raised
                                              : t.version > before->second);
        ANLAN_EXPECT(t.score >= 0 && t.score <= 100);
        versions[t.alert] = t.version;
      }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Ids of new alerts are 128 random bits: high enough here never to meet one in the text.
  const auto ids = [n = std::uint64_t{0}]() mutable { return AlertId{0xA11A11A11A11A11Au, ++n}; };
  Scorer scorer(definition(), ids);
  const std::string before = scorer.save(now(0));
  const auto restored = scorer.restore(text, now(1'900'000'000));
  if (!restored) {
    ANLAN_EXPECT(!restored.error().message.empty());
    ANLAN_EXPECT(scorer.save(now(0)) == before);
    return 0;
  }
  Scorer again(definition(), ids);
  const std::string saved = scorer.save(now(1'900'000'001));
  ANLAN_EXPECT(again.restore(saved, now(1'900'000'001)) && again.save(now(1'900'000'001)) == saved);
  expect_goes_on(scorer);
  return 0;
}
