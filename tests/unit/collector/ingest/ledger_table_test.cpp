// The tables of this stage in records.db: what is written is read back, what is damaged is noticed.
#include "collector/ingest/ledger_table.hpp"

#include <random>

#include <gtest/gtest.h>

#include "collector/ingest/registry.hpp"
#include "common/wire/codec.hpp"
#include "tests/support/records_db.hpp"
#include "tests/support/wire_examples.hpp"

namespace anlan::collector {
namespace {

const WallTime kNow = wall_from_ms(1'795'421'700'000);

class LedgerTableTest : public testing::Test {
 protected:
  LedgerTableTest() {
    db_.commit([&] { return note_edge(db_.database(), {"edge-a", "site-1"}, kNow).has_value(); });
  }
  EdgeLedger load() {
    return db_.commit([&] { return load_ledger(db_.database(), "edge-a"); });
  }
  void save(const EdgeLedger& before, const EdgeLedger& after) {
    db_.commit([&] {
      save_ledger(db_.database(), "edge-a", before, after);
      return 0;
    });
  }

  test::RecordsDb db_{{{"ingest", ingest_schema()}}};
};

template <class AnyId>
AnyId any_id(std::mt19937_64& random, int of = 4) {
  return {random() % static_cast<std::uint64_t>(of), 5};
}

/// Telemetry's data stands with the telemetry, so these ledgers have none.
void change(EdgeLedger& ledger, std::mt19937_64& random) {
  const Place place{any_id<Epoch>(random), random() % 2 ? Stream::event : Stream::telemetry};
  const auto first = random() % 100;
  switch (random() % 8) {
    case 0:
      ledger.data[{place.epoch, Stream::event}].add(first, first + 5);
      break;
    case 1:
      ledger.voided[place].add(first, random() % 4 ? first + 3 : RangeSet::kEnd);
      break;
    case 2:
      ledger.lost[place].add(first, first + 2);
      break;
    case 3:
      ledger.ends[place] = 1 + first;
      break;
    case 4:
      ledger.ordinals[place.epoch] = first;
      break;
    case 5:
      ledger.confirmed = any_id<Token>(random, 100);
      break;
    case 6: {
      const auto incarnation = any_id<Incarnation>(random, 6);
      ledger.greeted[incarnation] = {random(), any_id<Token>(random, 100), random() % 50};
      if (random() % 2)
        ledger.issued[incarnation] = {any_id<Token>(random, 100), random() % 2 ? std::optional(kNow) : std::nullopt};
      else
        ledger.issued.erase(incarnation);
      break;
    }
    default:
      ledger.unknown_until = wall_from_ms(static_cast<std::int64_t>(first));
      break;
  }
}

TEST_F(LedgerTableTest, AnEdgeNotYetKnownHasAnEmptyLedger) {
  EXPECT_EQ(load(), EdgeLedger{});
  EXPECT_EQ(db_.commit([&] { return load_ledger(db_.database(), "nobody"); }), EdgeLedger{});
}

TEST_F(LedgerTableTest, GivesBackEveryLedgerThroughAnyNumberOfChanges) {
  std::mt19937_64 random(20261123);
  EdgeLedger ledger;
  for (int i = 0; i < 150; ++i) {
    const EdgeLedger before = ledger;
    for (std::uint64_t n = random() % 4; n > 0; --n) change(ledger, random);
    save(before, ledger);
    ASSERT_EQ(load(), ledger) << "after " << i;
    if (i % 50 == 0) db_.reopen();
  }
}

TEST_F(LedgerTableTest, NoticesDamage) {
  EdgeLedger ledger;
  ledger.data[{{1, 1}, Stream::event}] = RangeSet(0, 5);
  ledger.confirmed = Token{1, 1};
  ledger.greeted[{2, 2}] = {1, {1, 1}, 1};
  save({}, ledger);
  for (const char* damage : {"UPDATE place SET data = '5-3'", "UPDATE place SET epoch = 'x'",
                             "UPDATE edge SET confirmed = 'x'", "UPDATE edge_process SET token = 'x'"}) {
    const auto looked = db_.database().transaction([&]() -> Result<void> {
      db_.database().exec(damage);
      (void)load_ledger(db_.database(), "edge-a");
      return {};
    });
    ASSERT_FALSE(looked) << damage;
    EXPECT_EQ(looked.error().code, Errc::storage_corrupt) << damage;
  }
}

TEST_F(LedgerTableTest, KeepsEventRecordsAsTheyCame) {
  Record record = test::example_record(Kind{0xffffffffu}, kMaxSequence - 1, std::string("\0\xff\n", 3), 0xffffffffu);
  record.wall = WallTime::min();
  record.mono = mono_from_ms(-1);
  record.clock = ClockState::stepped;
  record.checksum = 0xffff'ffff'ffff'fff0u;
  db_.commit([&] {
    save_event(db_.database(), "edge-a", record, true, kNow);
    return 0;
  });
  EXPECT_TRUE(db_.commit([&] { return has_quarantined(db_.database(), "edge-a"); }));
  EXPECT_FALSE(db_.commit([&] { return has_quarantined(db_.database(), "edge-b"); }));
  const auto kept = db_.commit([&] { return load_quarantined(db_.database()); });
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].record, record);
  EXPECT_EQ(kept[0].edge, "edge-a");
  EXPECT_EQ(kept[0].site, "site-1");
  db_.commit([&] {
    mark_understood(db_.database(), "edge-a", record.id);
    return 0;
  });
  EXPECT_FALSE(db_.commit([&] { return has_quarantined(db_.database(), "edge-a"); }));
}

TEST_F(LedgerTableTest, DrawsTheStoresIdentityOnce) {
  int drawn = 0;
  const auto draw = [&] {
    ++drawn;
    return test::kExampleStore;
  };
  const auto identity = [&] { return db_.commit([&] { return load_store_identity(db_.database(), draw); }); };
  EXPECT_EQ(identity().ref, test::kExampleStore);
  EXPECT_TRUE(identity().first);
  db_.reopen();
  EXPECT_EQ(identity().ref, test::kExampleStore);
  EXPECT_EQ(drawn, 1);
  db_.commit([&] {
    save_store_identity(db_.database(), {{test::kExampleStore.id, {7, 7}}, false});
    return 0;
  });
  EXPECT_EQ(identity().ref.generation, (Generation{7, 7}));
  EXPECT_FALSE(identity().first);
}

TEST_F(LedgerTableTest, KeepsDefinitionsByTheirHash) {
  const Definition meaning = test::example_definition();
  for (int i = 0; i < 2; ++i)
    db_.commit([&] {
      save_definition(db_.database(), "edge-a", encode_payload(meaning), kNow);
      return 0;
    });
  EXPECT_EQ(db_.commit([&] { return load_definition(db_.database(), hash_of(meaning)); }), meaning);
  EXPECT_EQ(db_.commit([&] { return load_definition(db_.database(), {1, 1}); }), std::nullopt);
}

// ---- the registry
// -----------------------------------------------------------------------------------------------------

class RegistryTest : public LedgerTableTest {
 protected:
  NotedPoints note(const Origin& origin, const Definition& definition) {
    return db_.commit([&] {
      EXPECT_TRUE(note_edge(db_.database(), origin, kNow));
      return note_points(db_.database(), origin, definition);
    });
  }
  std::vector<PointRow> points(const PointFilter& filter = {}) {
    return db_.commit([&] { return list_points(db_.database(), filter); });
  }
};

TEST_F(RegistryTest, GivesBackAPointWithEveryLimit) {
  Definition d = test::example_definition();
  d.points[0].limits.high.at[2] = 0.1 + 0.2;
  d.points[0].limits.low.at[0] = -1e-300;
  note({"edge-b", "tj-bh-017"}, d);
  const auto row = db_.commit([&] { return get_point(db_.database(), d.points[0].path); });
  ASSERT_TRUE(row);
  EXPECT_EQ(row->limits, d.points[0].limits);
  EXPECT_EQ(row->name, d.points[0].name);
  EXPECT_EQ(row->unit, "Cel");
  EXPECT_EQ(row->period, Millis{250});
  EXPECT_TRUE(row->present);
}

TEST_F(RegistryTest, APointThatMovesToAnotherEdgeBelongsToThatOneOnly) {
  const Definition d = test::example_definition();
  note({"edge-b", "tj-bh-017"}, d);
  const auto noted = note({"edge-c", "tj-bh-017"}, d);
  EXPECT_EQ(noted.moved.size(), 2u);
  for (const PointRow& point : points()) EXPECT_EQ(point.edge, "edge-c");
}

TEST_F(RegistryTest, PointsThatAreNoLongerConfiguredStayMarkedAbsent) {
  Definition d = test::example_definition();
  note({"edge-b", "tj-bh-017"}, d);
  d.points.pop_back();
  note({"edge-b", "tj-bh-017"}, d);
  ASSERT_EQ(points().size(), 2u);
  EXPECT_FALSE(points()[0].present);
  EXPECT_EQ(points()[0].path.point, "level");
  EXPECT_TRUE(points()[1].present);
}

TEST_F(RegistryTest, PagesAndSearchesWithoutWildcards) {
  Definition d;
  for (int i = 0; i < 25; ++i) {
    auto& point = d.points.emplace_back();
    point.path = {"site-1", "d", "p" + std::to_string(100 + i)};
    point.name = i == 7 ? "百分之50%_储罐" : "储罐";
  }
  note({"edge-a", "site-1"}, d);
  PointFilter filter;
  filter.limit = 10;
  std::size_t seen = 0, pages = 0;
  for (auto page = points(filter); !page.empty(); page = points(filter), ++pages) {
    seen += page.size();
    filter.after = page.back().path.str();
  }
  EXPECT_EQ(seen, 25u);
  EXPECT_EQ(pages, 3u);
  filter = {};
  filter.text = "%_";
  EXPECT_EQ(points(filter).size(), 1u);
  filter.text = "储罐";
  EXPECT_EQ(points(filter).size(), 25u);
}

TEST_F(RegistryTest, ListsEdgesAndSites) {
  note({"edge-b", "tj-bh-017"}, test::example_definition());
  const auto edges = db_.commit([&] { return list_edges(db_.database(), "", "", 10); });
  ASSERT_EQ(edges.size(), 2u);
  EXPECT_EQ(edges[1].id, "edge-b");
  EXPECT_EQ(edges[1].points, 2);
  EXPECT_EQ(edges[1].first_heard, kNow);
  const auto sites = db_.commit([&] { return list_sites(db_.database(), "", 10); });
  ASSERT_EQ(sites.size(), 2u);
  EXPECT_EQ(sites[1].id, "tj-bh-017");
  EXPECT_EQ(sites[1].points, 2);
}

}  // namespace
}  // namespace anlan::collector
