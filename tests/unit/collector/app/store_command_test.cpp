// anlan-collector store: a whole store is shown, dumped and verified; each kind of damage is found and named, whatever
// stands in its way.
#include "collector/app/store_command.hpp"

#include <algorithm>
#include <sstream>

#include <SQLiteCpp/SQLiteCpp.h>
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "collector/app/stores.hpp"
#include "collector/ingest/registry.hpp"
#include "collector/store/changes.hpp"
#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"
#include "tests/support/telemetry_builder.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/wire_examples.hpp"

namespace anlan::collector {
namespace {

namespace json = boost::json;

constexpr WallTime kNow{Millis{1'790'000'000'000}};
const Origin kEdge{"edge-a", "site"};

Record event(std::uint64_t sequence, Kind kind, std::string payload) {
  Record record = test::example_record(kind, sequence, std::move(payload));
  record.id.place = {test::kEpoch1, Stream::event};
  record.checksum = checksum(kEdge.edge, record);
  return record;
}

class StoreCommand : public testing::Test {
 protected:
  StoreCommand() {
    auto stores = open_stores(dir_.path().string()).value();
    fill_records(stores.records->database());
    fill_telemetry(*stores.telemetry);
  }

  /// Three events of which the last is quarantined, a gap in what the edge has shown, two changes, two hazards'
  /// history.
  void fill_records(Database& database) {
    const auto filled = database.transaction([&]() -> Result<void> {
      (void)note_edge(database, kEdge, kNow);
      const std::string definition = encode_payload(test::example_definition());
      save_event(database, kEdge.edge, event(0, Kind::alert, encode_payload(test::example_alert())), false, kNow);
      save_event(database, kEdge.edge, event(1, Kind::definition, definition), false, kNow);
      save_event(database, kEdge.edge, event(3, Kind{77}, "newer"), true, kNow);
      save_definition(database, kEdge.edge, definition, kNow);
      EdgeLedger after;
      after.ordinals[test::kEpoch1] = 1;
      RangeSet events(0, 2);
      events.add(3);
      after.data[{test::kEpoch1, Stream::event}] = events;
      after.ends[{test::kEpoch1, Stream::event}] = 5;
      after.ends[{test::kEpoch1, Stream::telemetry}] = 4000;
      after.voided[{test::kEpoch1, Stream::telemetry}] = RangeSet(3001, 3003);
      save_ledger(database, kEdge.edge, {}, after);
      changes::append(database, kNow, "alert", "a", R"({"id": 1})");
      changes::append(database, kNow, "alert", "a", R"({"id": 2})");
      for (const char* number : {"1", "2", "3"})
        database.exec(
            std::string("INSERT INTO loss(number, edge, site, point, from_ms, to_ms, reason, heard_at) VALUES(") +
            number + ", 'edge-a', 'site', '', 0, 0, 1, 0)");
      return {};
    });
    if (!filled) throw std::runtime_error(filled.error().message);
  }

  /// Closed chunks, open ones, rollups, segments, and two raw records.
  static void fill_telemetry(TelemetryStore& store) {
    const test::Points points(2);
    for (std::uint64_t first : {0u, 1500u, 2900u, 2950u}) {
      TelemetryBatch batch;
      const std::uint64_t last = first == 0 ? 1500 : first == 1500 ? 2900 : first == 2900 ? 2950 : 3000;
      for (std::uint64_t i = first; i < last; ++i) {
        const auto time = static_cast<std::int64_t>(i) * 1000;
        batch.decoded.push_back(test::decoded(points, i, {{time, 0.5 * static_cast<double>(i)}, {time, 7, 1}}));
      }
      RangeSet received(0, last);
      if (last == 3000) {
        for (const std::uint64_t sequence : {3005u, 3006u}) {
          RawRecord raw = test::raw(sequence, 4, sequence == 3005 ? std::optional(DefinitionHash{9, 9}) : std::nullopt);
          raw.record.checksum = checksum(raw.edge, raw.record);
          batch.raw.push_back(raw);
        }
        received.add(3005, 3007);
      }
      batch.ranges = {{kEdge.edge, {test::kEpoch1, Stream::telemetry}, received}};
      if (auto written = store.write(batch); !written) throw std::runtime_error(written.error().message);
      if (last < 3000)
        if (auto compacted = store.compact(); !compacted) throw std::runtime_error(compacted.error().message);
    }
  }

  void sql(const char* file, const std::string& text) {
    SQLite::Database db(dir_.file(file), SQLite::OPEN_READWRITE);
    db.exec("PRAGMA foreign_keys=OFF");
    db.exec(text);
  }
  std::string verified(bool whole) {
    std::ostringstream out, progress;
    const auto done = verify_store(dir_.path().string(), out, progress);
    EXPECT_EQ(done.has_value(), whole) << out.str() << (done ? "" : done.error().message);
    if (!done) EXPECT_EQ(done.error().code, Errc::storage_corrupt) << done.error().message;
    return out.str() + (done ? "" : done.error().message);
  }
  std::vector<json::object> dumped(const DumpWish& wish) {
    std::stringstream out;
    const auto done = dump_store(dir_.path().string(), wish, out);
    EXPECT_TRUE(done) << done.error().message;
    std::vector<json::object> lines;
    for (std::string line; std::getline(out, line);) lines.push_back(json::parse(line).as_object());
    return lines;
  }

  test::TempDir dir_;
};

TEST_F(StoreCommand, ShowsWhatIsStoredAndWhatIsNot) {
  std::ostringstream out;
  ASSERT_TRUE(show_store(dir_.path().string(), true, out));
  const auto shown = json::parse(out.str()).as_object();
  const auto& places = shown.at("places").as_array();
  ASSERT_EQ(places.size(), 2u);
  const auto& events = places[0].as_object();
  EXPECT_EQ(events.at("stream"), "event");
  EXPECT_EQ(events.at("received"), "0-1,3");
  EXPECT_EQ(events.at("gaps"), "2,4");
  EXPECT_EQ(events.at("missing"), 2);
  EXPECT_EQ(events.at("raw"), 1) << "quarantined";
  const auto& telemetry = places[1].as_object();
  EXPECT_EQ(telemetry.at("received"), "0-2999,3005-3006");
  EXPECT_EQ(telemetry.at("gaps"), "3000,3003-3004,3007-3999");
  EXPECT_EQ(telemetry.at("void"), 2);
  EXPECT_EQ(telemetry.at("raw"), 2);
  EXPECT_EQ(telemetry.at("samples"), 6000);
  std::ostringstream text;
  ASSERT_TRUE(show_store(dir_.path().string(), false, text));
  EXPECT_NE(text.str().find("missing: 3000,3003-3004,3007-3999"), std::string::npos) << text.str();
  EXPECT_NE(text.str().find(test::kEpoch1.hex()), std::string::npos);
}

TEST_F(StoreCommand, DumpsEventsWithWhatTheySay) {
  DumpWish wish;
  wish.stream = Stream::event;
  const auto lines = dumped(wish);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].at("kind"), "alert");
  EXPECT_NE(lines[0].at("text").as_string().find("temperature"), std::string_view::npos);
  EXPECT_EQ(lines[2].at("raw"), true);
  EXPECT_FALSE(lines[2].contains("damaged"));
  wish.sequences = "1-2";
  EXPECT_EQ(dumped(wish).size(), 1u);
  wish.edge = "edge-b";
  EXPECT_TRUE(dumped(wish).empty());
}

TEST_F(StoreCommand, DumpsSamplesOfRecordsWhereverTheyLie) {
  DumpWish wish;
  wish.stream = Stream::telemetry;
  wish.epoch = test::kEpoch1.hex();
  wish.sequences = "3,1600,2999,3005-";
  const auto lines = dumped(wish);
  ASSERT_EQ(lines.size(), 8u) << "two samples of three records, two raw ones";
  EXPECT_EQ(lines[0].at("sequence"), 3);
  EXPECT_EQ(lines[0].at("point"), "site/device/p0");
  EXPECT_EQ(lines[0].at("value"), 1.5);
  EXPECT_EQ(lines[0].at("time"), "1970-01-01T00:00:03.000Z");
  EXPECT_EQ(lines[5].at("sequence"), 2999);
  EXPECT_EQ(lines[5].at("point"), "site/device/p1");
  EXPECT_EQ(lines[5].at("item"), 0) << "among its point's samples of that record";
  EXPECT_EQ(lines[6].at("wants_definition").as_string(), (DefinitionHash{9, 9}.hex()));
  wish.most = 3;
  EXPECT_EQ(dumped(wish)[2].at("sequence"), 1600) << "the first ones, by record";
  for (const auto& [epoch, sequences] : {std::pair("12", ""), {"", "5-3"}}) {
    std::ostringstream none;
    const auto refused = dump_store(dir_.path().string(), {"", epoch, sequences, {}, 100}, none);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  }
}

TEST_F(StoreCommand, FindsAWholeStoreWhole) {
  const std::string said = verified(true);
  EXPECT_NE(said.find("6000 samples decoded, 1 event records that this version cannot decode"), std::string::npos)
      << said;
  EXPECT_NE(said.find("0 faults"), std::string::npos);
}

struct Damage {
  const char *file, *sql, *said;
};

class StoreDamage : public StoreCommand, public testing::WithParamInterface<Damage> {};

TEST_P(StoreDamage, IsFoundAndNamed) {
  sql(GetParam().file, GetParam().sql);
  const std::string said = verified(false);
  EXPECT_NE(said.find(GetParam().said), std::string::npos) << said;
}

constexpr const char *kTelemetry = kTelemetryFile, *kRecords = kRecordsFile;
INSTANTIATE_TEST_SUITE_P(
    Each, StoreDamage,
    testing::Values(
        Damage{kTelemetry, "UPDATE chunk SET data = zeroblob(length(data)) WHERE id = 1", "cannot be read: "},
        Damage{kTelemetry, "UPDATE chunk SET data = x'01' WHERE open = 1 AND step_ms = 0", "chunk "},
        Damage{kTelemetry, "UPDATE chunk SET data = zeroblob(length(data)) WHERE step_ms = 60000",
               "stretches of 60 s, "},
        Damage{kTelemetry, "UPDATE segment SET data = zeroblob(length(data))", "segment "},
        Damage{kTelemetry, "UPDATE chunk SET point_group = 7 WHERE id = 1", "names point group 7, which is not known"},
        Damage{kTelemetry, "UPDATE chunk SET items = items - 1 WHERE id = 1", "and holds "},
        Damage{kTelemetry, "UPDATE chunk SET start_ms = start_ms + 1 WHERE id = 1",
               " of its samples lie outside its times"},
        Damage{kTelemetry, "UPDATE chunk SET start_ms = end_ms + 1 WHERE id = 1", "ends before it begins"},
        Damage{kTelemetry, "UPDATE longest SET ms = 5", "is longer than its group says"},
        Damage{kTelemetry, "DELETE FROM point WHERE id = 1", "of a point that is not known"},
        Damage{kTelemetry, "DELETE FROM chunk WHERE id = 1", " samples were stored and "},
        Damage{kTelemetry, "DELETE FROM segment", "6000 samples were stored and 5900 are there"},
        Damage{kTelemetry, "UPDATE epoch SET id = 9", "are of an epoch that is not known"},
        Damage{kTelemetry, "UPDATE received SET ranges = '0-2'", "are of records that the received ranges do not name"},
        Damage{kTelemetry, "UPDATE received SET ranges = '5-3'", "received ranges of edge-a"},
        Damage{kTelemetry, "UPDATE raw SET payload = x'00' WHERE sequence = 3005", "does not fit its checksum"},
        Damage{kTelemetry, "UPDATE raw SET sequence = 3010 WHERE sequence = 3005",
               "is none that the received ranges name"},
        Damage{kTelemetry, "UPDATE newest SET point_group = 99", "newest values of group 99"},
        Damage{kTelemetry, "UPDATE identity SET generation = '00000000000000000000000000000001'",
               "do not belong together"},
        Damage{kTelemetry,
               "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM "
               "sqlite_master WHERE name = 'point') WHERE name = 'raw'",
               "telemetry.db pages: "},
        Damage{kTelemetry, "PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'chunk_by_time'",
               "telemetry.db pages: "},
        Damage{kRecords, "UPDATE event_record SET payload = '00' WHERE sequence = 0", "does not fit its checksum"},
        Damage{kRecords, "UPDATE event_record SET payload = 'xy' WHERE sequence = 0", "is no hexadecimal text"},
        Damage{kRecords, "UPDATE event_record SET wall = wall + 1 WHERE sequence = 3", "does not fit its checksum"},
        Damage{kRecords, "UPDATE event_record SET quarantined = 0 WHERE sequence = 3", "is not marked as quarantined"},
        Damage{kRecords, "DELETE FROM event_record WHERE sequence = 1", "names received records that are not there: 1"},
        Damage{kRecords, "UPDATE place SET data = '0-1' WHERE stream = 1", "does not name records that are there: 3"},
        Damage{kRecords, "DELETE FROM place WHERE stream = 1", "are in no account: 0-1,3"},
        Damage{kRecords, "UPDATE place SET reach = 2 WHERE stream = 1", "says that it reaches to 2"},
        Damage{kRecords, "UPDATE place SET voided = 'x' WHERE stream = 2", "account of edge-a"},
        Damage{kRecords, "UPDATE definition SET payload = '00'", "is not what its hash names"},
        Damage{kRecords, "DELETE FROM edge", "whose edge is not there"},
        Damage{kRecords, "DELETE FROM change WHERE seq = 1", "changes between are not there"},
        Damage{kRecords, "UPDATE change SET body = '{' WHERE seq = 2", "change 2: is no JSON"},
        Damage{kRecords, "DELETE FROM loss WHERE number = 2", "table loss: has 2 rows and is numbered up to 3"},
        Damage{kRecords, "UPDATE schema_version SET version = 1 WHERE stage = 'alert'", "schema of alert"}));

TEST_F(StoreCommand, CountsWhatWasFoundDamagedBeforeAsKnown) {
  sql(kTelemetry,
      "INSERT INTO loss(point_group, start_ms, end_ms, samples) SELECT point_group, start_ms, end_ms, items FROM chunk "
      "WHERE id = 1; DELETE FROM chunk WHERE id = 1");
  EXPECT_NE(verified(true).find("1 stretches known to be damaged from before, 0 faults"), std::string::npos);
}

TEST_F(StoreCommand, SaysTheFirstOfManyFaults) {
  std::string many = "UPDATE epoch SET id = 9;";
  for (int point = 100; point < 130; ++point)
    many += "INSERT INTO newest VALUES(" + std::to_string(point) + ", 8, 9, x'00');";
  sql(kTelemetry, many);
  const std::string said = verified(false);
  EXPECT_NE(said.find("and "), std::string::npos);
  EXPECT_LT(std::ranges::count(said, '\n'), 25) << said;
}

/// A table of pages that are no pages: what can still be read is looked at.
TEST_F(StoreCommand, GoesOnAfterATableThatCannotBeRead) {
  sql(kRecords, "UPDATE change SET body = '{' WHERE seq = 2");
  std::int64_t root = 0, size = 0;
  {
    SQLite::Database db(dir_.file(kRecords), SQLite::OPEN_READWRITE);
    db.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)");
    root = db.execAndGet("SELECT rootpage FROM sqlite_master WHERE name = 'event_record'").getInt64();
    size = db.execAndGet("PRAGMA page_size").getInt64();
  }
  std::string bytes = test::read_file(dir_.file(kRecords));
  bytes.replace(static_cast<std::size_t>((root - 1) * size), static_cast<std::size_t>(size),
                static_cast<std::size_t>(size), '\0');
  test::write_file(dir_.file(kRecords), bytes);
  const std::string said = verified(false);
  EXPECT_NE(said.find("event_record: cannot be read"), std::string::npos) << said;
  EXPECT_NE(said.find("change 2: is no JSON"), std::string::npos) << said;
}

TEST_F(StoreCommand, ChangesNothing) {
  const std::string before = test::read_file(dir_.file(kTelemetry)) + test::read_file(dir_.file(kRecords));
  verified(true);
  std::ostringstream out;
  ASSERT_TRUE(show_store(dir_.path().string(), true, out));
  EXPECT_EQ(test::read_file(dir_.file(kTelemetry)) + test::read_file(dir_.file(kRecords)), before);
}

TEST_F(StoreCommand, SaysWhereThereIsNoStore) {
  std::ostringstream out;
  const auto none = show_store(dir_.file("nowhere"), false, out);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::not_found);
}

}  // namespace
}  // namespace anlan::collector
