// What SqliteStorage promises beyond the contract: whose file it is, damage, full disks, and somebody who looks on.
#include "edge/buffer/sqlite_storage.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "edge/buffer/quarantine.hpp"
#include "tests/contract/storage/storage_builder.hpp"
#include "tests/support/cipher_keys.hpp"
#include "tests/support/faulty_vfs.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::edge {
namespace {

using test::FaultyVfs;

class SqliteStorageTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteStorage> open(BufferKeys keys = {}) {
    auto opened = SqliteStorage::open(file_, test::kExampleEdge, std::move(keys));
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(opened.value());
  }
  void sql(const std::string& text) { SQLite::Database(file_, SQLite::OPEN_READWRITE).exec(text); }

  test::TempDir dir_;
  std::string file_ = dir_.file("buffer.db");
};

Errc code_of(const auto& result) {
  EXPECT_FALSE(result);
  return result ? Errc::internal : result.error().code;
}

TEST_F(SqliteStorageTest, BelongsToOneEdge) {
  EXPECT_EQ(open()->edge(), test::kExampleEdge);
  const auto other = SqliteStorage::open(file_, "another-edge");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::refused);
  EXPECT_NE(other.error().message.find("data_dir"), std::string::npos) << "says what to do: " << other.error().message;
  EXPECT_EQ(open()->edge(), test::kExampleEdge) << "and stays its owner's";
}

TEST_F(SqliteStorageTest, RefusesAFileOfANewerProgram) {
  open();
  sql("PRAGMA user_version = 99");
  EXPECT_EQ(code_of(SqliteStorage::open(file_, test::kExampleEdge)), Errc::unsupported);
}

TEST_F(SqliteStorageTest, SaysThatAFileIsNoDatabase) {
  test::write_file(file_, std::string(8192, 'x'));
  auto opened = SqliteStorage::open(file_, test::kExampleEdge);
  ASSERT_TRUE(opened) << "it can be healed";
  EXPECT_EQ(code_of((*opened)->load()), Errc::storage_corrupt);
  Draft draft = with_one_epoch();
  EXPECT_EQ(code_of(draft.apply(**opened)), Errc::storage_corrupt);
  ASSERT_TRUE((*opened)->replace(wall_from_ms(1'795'421'700'000)));
  EXPECT_TRUE(draft.apply(**opened));
  EXPECT_EQ(test::read_file(file_ + ".damaged-20261123T081500Z/buffer.db"), std::string(8192, 'x'))
      << "kept for people";
}

TEST_F(SqliteStorageTest, SaysThatAStoredValueIsDamaged) {
  Draft draft = with_one_epoch();
  draft.ledger.active[test::example_alert().alert] = test::example_alert();
  draft.ledger.store = test::kExampleStore;
  draft.ledger.token = Token{1, 2};
  draft.changes.active = draft.changes.greeting = true;
  ASSERT_TRUE(draft.apply(*open()));
  for (const char* damage :
       {"UPDATE place SET held = '5-3'", "UPDATE place SET received = 'x'", "UPDATE epoch SET id = 'short'",
        "UPDATE active SET transition = x'07'", "UPDATE meta SET value = 'zz' WHERE key = 'generation'",
        "UPDATE meta SET value = 'zz' WHERE key = 'store'", "UPDATE meta SET value = 'zz' WHERE key = 'token'",
        "UPDATE place SET stream = 7 WHERE stream = 2",
        // what reads back well and is wrong all the same: each row has a checksum
        "UPDATE place SET received = '0-9'", "UPDATE place SET next = next + 1", "UPDATE epoch SET ordinal = 9",
        "UPDATE epoch SET checksum = NULL", "UPDATE place SET checksum = NULL", "UPDATE active SET checksum = 0",
        "DELETE FROM active", "DELETE FROM place WHERE stream = 1",
        "UPDATE meta SET value = x'30' WHERE key = 'active'"}) {
    const std::string copy = dir_.file("copy.db");
    std::filesystem::copy_file(file_, copy, std::filesystem::copy_options::overwrite_existing);
    SQLite::Database(copy, SQLite::OPEN_READWRITE).exec(damage);
    auto opened = SqliteStorage::open(copy, test::kExampleEdge);
    ASSERT_TRUE(opened) << damage;
    EXPECT_EQ(code_of((*opened)->load()), Errc::storage_corrupt) << damage;
  }
}

/// A flipped key: the row stands where it stood and says that it is another one, which is there too and is good.
TEST_F(SqliteStorageTest, SaysThatARowDoesNotStandInItsPlace) {
  Draft draft = with_one_epoch();
  for (int i = 0; i < 12; ++i) draft.add(kEvents, "needle-" + std::to_string(i) + ".");
  ASSERT_TRUE(draft.apply(*open()));
  std::string bytes = test::read_file(file_);
  const auto payload = bytes.find("needle-9.");
  ASSERT_NE(payload, std::string::npos);
  char& sequence = bytes[payload - 20];  // before kind (1 byte), wall (6), mono (4) and checksum (8)
  ASSERT_EQ(sequence, 9);
  sequence = 3;
  test::write_file(file_, bytes);
  EXPECT_EQ(code_of(open()->read(kEvents, RangeSet(0, 12), 100, 1'000'000)), Errc::storage_corrupt);
}

/// A flipped letter in the schema: SQLite reads it, and then does not know what our statements name.
TEST_F(SqliteStorageTest, SaysThatItsSchemaIsDamaged) {
  Draft draft = with_one_epoch();
  draft.add(kEvents, "first");
  ASSERT_TRUE(draft.apply(*open()));
  for (const auto& [table, column] : {std::pair("meta", "checksum"),
                                      {"epoch", "checksum"},
                                      {"place", "checksum"},
                                      {"record", "payload"},
                                      {"active", "checksum"},
                                      {"definition", "payload"}}) {
    const std::string copy = dir_.file("copy.db");
    std::filesystem::copy_file(file_, copy, std::filesystem::copy_options::overwrite_existing);
    SQLite::Database(copy, SQLite::OPEN_READWRITE)
        .exec(std::string("PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, '") + column +
              "', 'x" + column + "') WHERE name = '" + table + "'");
    auto opened = SqliteStorage::open(copy, test::kExampleEdge);
    ASSERT_TRUE(opened) << table << ": " << opened.error().message;
    Draft next = draft;
    next.epoch({2, 2}, 2).add(kEvents, "second");
    next.changes.active = next.changes.greeting = true;
    next.ledger.active[test::example_alert().alert] = test::example_alert();
    next.changes.definitions = {{hash128("d"), "d"}};
    EXPECT_EQ(code_of(next.apply(**opened)), Errc::storage_corrupt) << table;
  }
}

/// The ledger says that a sequence is free, and a row has it: one of them is damaged.
TEST_F(SqliteStorageTest, SaysThatARowStandsWhereNoneWasWritten) {
  Draft draft = with_one_epoch();
  draft.add(kEvents, "first");
  ASSERT_TRUE(draft.apply(*open()));
  sql("UPDATE record SET sequence = 1");
  draft.add(kEvents, "second");
  EXPECT_EQ(code_of(draft.apply(*open())), Errc::storage_corrupt);
}

/// A disk that has room for a folder and not for a schema: what was put aside is not forgotten over its empty
/// successor.
TEST_F(SqliteStorageTest, AnEmptySuccessorIsNotPutAside) {
  Draft draft = with_one_epoch();
  draft.add(kEvents, "first");
  auto storage = open();
  ASSERT_TRUE(draft.apply(*storage));
  for (int heal = 0; heal < 5; ++heal) {
    ASSERT_TRUE(storage->replace(wall_from_ms(1'000 * (heal + 1))));
    EXPECT_EQ(put_aside_before(file_).size(), 1u) << heal;
    const auto remains = storage->remains();
    ASSERT_TRUE(remains);
    EXPECT_EQ(remains->known().epochs.size(), 1u);
  }
  storage.reset();
  std::filesystem::resize_file(file_, 0);
  ASSERT_TRUE(open()->replace(wall_from_ms(60'000)));
  EXPECT_EQ(put_aside_before(file_).size(), 1u);
}

/// What tests/golden/schemas/buffer-N.sql hold.
void expect_golden(Storage& storage) {
  const auto loaded = storage.load();
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_EQ(loaded->ledger.epochs.size(), 1u);
  EXPECT_EQ(loaded->ledger.at(kEvents).next, 2u);
  EXPECT_EQ(loaded->ledger.store, test::kExampleStore);
  EXPECT_EQ(loaded->ledger.active.at(test::example_alert().alert), test::example_alert());
  EXPECT_EQ(loaded->engine_state, "engine");
  const auto rows = storage.read(kEvents, RangeSet(0, 9), 10, 1'000'000);
  ASSERT_EQ(rows->size(), 2u);
  for (const Record& record : *rows) EXPECT_EQ(checksum(test::kExampleEdge, record), record.checksum);
  EXPECT_EQ(storage.definition(hash_of(test::example_definition())), encode_payload(test::example_definition()));
}

TEST_F(SqliteStorageTest, ReadsTheFileOfEveryVersion) {
  const char* source = std::getenv("ANLAN_SOURCE_DIR");
  for (const char* version : {"1", "2", "3"}) {
    SCOPED_TRACE(version);
    file_ = dir_.file(std::string("buffer-") + version + ".db");
    SQLite::Database(file_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec(test::read_file(std::string(source ? source : ".") + "/tests/golden/schemas/buffer-" + version + ".sql"));
    expect_golden(**SqliteStorage::open_read_only(file_, {{}, test::cipher_key('1')}));
    expect_golden(*open({{}, test::cipher_key('1')}));
    EXPECT_EQ(SQLite::Database(file_).execAndGet("PRAGMA user_version").getInt(), 3);
    for (const char* table : {"meta", "epoch", "place", "active"})
      EXPECT_EQ(SQLite::Database(file_)
                    .execAndGet(std::string("SELECT count(*) FROM ") + table + " WHERE checksum IS NULL")
                    .getInt(),
                0)
          << table;
  }
}

TEST_F(SqliteStorageTest, ForSomebodyWhoLooksChangesNothing) {
  Draft draft = with_one_epoch();
  auto writer = open();
  ASSERT_TRUE(draft.add(kEvents, "first").apply(*writer));
  auto reader = SqliteStorage::open_read_only(file_);
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->edge(), test::kExampleEdge);
  EXPECT_EQ((*reader)->load()->ledger, draft.ledger);
  Draft other = draft;
  EXPECT_FALSE(other.add(kEvents, "mine").apply(**reader));
  ASSERT_TRUE(draft.add(kEvents, "second").apply(*writer));
  EXPECT_EQ((*reader)->load()->ledger, draft.ledger) << "it sees what was committed since";
  EXPECT_EQ(code_of(SqliteStorage::open_read_only(dir_.file("none.db"))), Errc::not_found);
}

/// A full disk at every single write of a commit, in turn: nothing has changed, and once there is room it goes on.
TEST_F(SqliteStorageTest, ChangesNothingWhereTheDiskIsFull) {
  FaultyVfs disk;
  Draft good = with_one_epoch();
  good.add(kEvents, "first").changes.engine_state = "before";
  auto storage = open();
  ASSERT_TRUE(good.apply(*storage));
  std::size_t failures = 0;
  for (std::size_t writes = 0;; ++writes) {
    Draft next = good;
    next.epoch({100 + writes, 8}, 2 + writes).remove(kEvents, RangeSet(0, 1)).add(kEvents, std::string(20'000, 'x'));
    next.ledger.active[test::example_alert().alert] = test::example_alert();
    next.ledger.store = test::kExampleStore;
    next.changes.active = next.changes.greeting = true;
    next.changes.engine_state = "after";
    disk.fail_after(writes, FaultyVfs::Fault::disk_full);
    const auto applied = next.apply(*storage);
    disk.heal();
    if (applied && !disk.struck()) break;  // fewer writes than that: it fitted
    ASSERT_FALSE(applied) << "write " << writes << " failed and nobody noticed";
    ++failures;
    EXPECT_EQ(applied.error().code, Errc::storage_full) << applied.error().message;
    EXPECT_EQ(storage->load()->ledger, good.ledger);
    EXPECT_EQ(storage->load()->engine_state, "before");
    EXPECT_EQ(storage->read(kEvents, RangeSet(0, 9), 9, 99'999)->size(), 1u);
    Draft small = good;
    small.changes.engine_state = "before";
    const auto again = small.apply(*storage);
    ASSERT_TRUE(again) << "there is room again: " << again.error().message;
  }
  EXPECT_GT(failures, 5u);
}

TEST_F(SqliteStorageTest, AcknowledgesNothingWhoseSyncFailed) {
  FaultyVfs disk;
  Draft good = with_one_epoch();
  auto storage = open();
  ASSERT_TRUE(good.add(kEvents, "first").apply(*storage));
  Draft next = good;
  disk.fail_after(0, FaultyVfs::Fault::sync_fails);
  const auto applied = next.add(kEvents, "second").apply(*storage);
  EXPECT_TRUE(disk.struck()) << "a commit that syncs nothing is not durable";
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::storage_failed);
  disk.heal();
  EXPECT_EQ(storage->load()->ledger, good.ledger);
  Draft other = good;
  const auto again = other.add(kEvents, "another").apply(*storage);
  ASSERT_TRUE(again) << again.error().message;
  storage.reset();
  EXPECT_EQ(open()->read(kEvents, RangeSet(0, 9), 9, 99'999)->at(1).payload, "another");
}

TEST_F(SqliteStorageTest, SyncsEveryCommit) {
  FaultyVfs disk;
  auto storage = open();
  Draft draft = with_one_epoch();
  ASSERT_TRUE(draft.apply(*storage));
  for (int i = 0; i < 10; ++i) {
    disk.fail_after(0, FaultyVfs::Fault::sync_fails);
    Draft next = draft;
    EXPECT_FALSE(next.add(kEvents, "x").apply(*storage)) << "commit " << i << " returned without a sync";
    disk.heal();
    ASSERT_TRUE(draft.add(kEvents, "x").apply(*storage));
  }
}

}  // namespace
}  // namespace anlan::edge
