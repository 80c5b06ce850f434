#include "collector/store/segment.hpp"

#include <gtest/gtest.h>

#include "common/wire/columns.hpp"
#include "tests/support/stored_records.hpp"

namespace anlan::collector {
namespace {

using test::sample;

std::string columns(std::vector<Sample> samples) {
  return wire::encode_columns(std::vector{Samples{{1, 2}, std::move(samples)}});
}

struct Written {
  SegmentWriter writer;
  Written() {
    writer.add(7, {1, 100}, 2, columns({sample(0, 1000, 1.5), sample(3, 1000, 2.5)}));
    writer.add(2, {9, 5}, 1, columns({sample(1, 2000, 3.5)}));
    writer.add(7, {1, 101}, 1, columns({sample(0, 3000, 4.5)}));
  }
};

std::vector<SegmentEntry> entries_of(const std::string& heads) {
  std::vector<SegmentEntry> entries;
  EXPECT_TRUE(read_heads(heads, [&](const SegmentEntry& entry) { entries.push_back(entry); }));
  return entries;
}

TEST(Segment, KeepsRecordsInTheOrderOfArrival) {
  const Written written;
  const auto entries = entries_of(written.writer.heads());
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].group, 7);
  EXPECT_EQ(entries[1].group, 2);
  EXPECT_EQ(entries[1].head, (RecordHead{9, 5}));
  EXPECT_EQ(entries[2].head, (RecordHead{1, 101}));
  EXPECT_EQ(entries[0].samples, 2u);
  const auto record = read_entry(entries[1], written.writer.data());
  ASSERT_TRUE(record);
  test::expect_same(std::vector{*record}, {{{9, 5}, {sample(1, 2000, 3.5)}}});
}

TEST(Segment, DamageOfARecordCostsThatRecordOnly) {
  const Written written;
  const auto entries = entries_of(written.writer.heads());
  for (std::size_t i = 0; i < written.writer.data().size(); ++i) {
    std::string data = written.writer.data();
    data[i] = static_cast<char>(data[i] ^ 0x10);
    int lost = 0;
    for (const SegmentEntry& entry : entries) lost += read_entry(entry, data) ? 0 : 1;
    ASSERT_EQ(lost, 1) << i;
  }
  EXPECT_FALSE(read_entry(entries[2], written.writer.data().substr(0, 10))) << "cut short";
}

TEST(Segment, DamageOfTheHeadsIsFoundBeforeAnythingIsTaken) {
  const std::string heads = Written().writer.heads();
  for (std::size_t i = 0; i < heads.size(); ++i) {
    std::string damaged = heads;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    const auto done = read_heads(damaged, [](const SegmentEntry&) { FAIL(); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::storage_corrupt);
  }
}

TEST(Segment, ARecordInAnothersPlaceIsDamage) {
  const Written written;
  auto entries = entries_of(written.writer.heads());
  entries[0].head.sequence = 101;
  EXPECT_FALSE(read_entry(entries[0], written.writer.data()));
}

}  // namespace
}  // namespace anlan::collector
