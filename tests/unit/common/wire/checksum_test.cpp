#include "common/wire/checksum.hpp"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/wire_examples.hpp"

namespace anlan {
namespace {

TEST(Checksum, CountsEveryFieldOfARecord) {
  const Record record = test::example_record(Kind::alert, 5, "payload");
  std::set<std::uint64_t> sums{checksum("edge", record)};
  const auto changed = [&](auto change) {
    Record other = record;
    change(other);
    sums.insert(checksum("edge", other));
  };
  changed([](Record& r) { ++r.id.place.epoch.high; });
  changed([](Record& r) { ++r.id.place.epoch.low; });
  changed([](Record& r) { r.id.place.stream = Stream::telemetry; });
  changed([](Record& r) { ++r.id.sequence; });
  changed([](Record& r) { r.kind = Kind::gap; });
  changed([](Record& r) { r.wall += Millis{1}; });
  changed([](Record& r) { r.mono += Millis{1}; });
  changed([](Record& r) { r.clock = ClockState::unsynced; });
  changed([](Record& r) { ++r.samples; });
  changed([](Record& r) { r.payload[0] ^= 1; });
  changed([](Record& r) { r.payload += '\0'; });
  changed([](Record& r) { r.payload.clear(); });
  EXPECT_EQ(sums.size(), 13u);
  sums.insert(checksum("edge2", record));
  sums.insert(checksum("", record));
  EXPECT_EQ(sums.size(), 15u);
}

TEST(Checksum, IsNotOverItself) {
  Record record = test::example_record(Kind::alert, 5, "payload");
  const auto before = checksum("edge", record);
  record.checksum = 1;
  EXPECT_EQ(checksum("edge", record), before);
}

TEST(Checksum, FindsEverySingleFlippedBit) {
  Record record = test::example_record(Kind::alert, 5, encode_payload(test::example_alert()));
  const auto before = checksum("edge", record);
  for (std::size_t bit = 0; bit < record.payload.size() * 8; ++bit) {
    record.payload[bit / 8] = static_cast<char>(record.payload[bit / 8] ^ 1 << bit % 8);
    EXPECT_NE(checksum("edge", record), before);
    record.payload[bit / 8] = static_cast<char>(record.payload[bit / 8] ^ 1 << bit % 8);
  }
}

/// The number stands in files and on the line: it is the same on every machine and in every version.
TEST(Checksum, NeverChangesItsFormula) {
  EXPECT_EQ(test::example_record(Kind::alert, 5, "payload").checksum, 0x732638d12fb88269u);
  EXPECT_EQ(hash128("").hex(), "99aa06d3014798d86001c324468d497f");  // XXH3-128 of nothing, xxhash.com
  EXPECT_EQ(hash64(""), 0x2d06800538d394c2u);                        // XXH3-64 of nothing
}

}  // namespace
}  // namespace anlan
