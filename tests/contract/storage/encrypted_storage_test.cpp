// What SqliteStorage promises of encryption (docs/decisions/0057): nothing of a value can be read in the file, a row
// tells damage from a missing key, keys change without a loss, and without its key a file is refused and left alone.
#include <filesystem>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "edge/buffer/buffer_cipher.hpp"
#include "edge/buffer/sqlite_storage.hpp"
#include "tests/contract/storage/storage_builder.hpp"
#include "tests/support/cipher_keys.hpp"
#include "tests/support/faulty_vfs.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::edge {
namespace {

constexpr std::size_t kAll = 1'000'000;

const CipherKey& key(char digit) {
  static std::map<char, CipherKey> keys;
  if (!keys.contains(digit)) keys.emplace(digit, test::cipher_key(digit));
  return keys.at(digit);
}

BufferKeys with(char digit) { return {key(digit), {}}; }
BufferKeys change(char from, char to) { return {key(to), key(from)}; }
BufferKeys off(char last) { return {{}, key(last)}; }

Errc code_of(const auto& result) {
  EXPECT_FALSE(result);
  return result ? Errc::internal : result.error().code;
}

class EncryptedStorage : public testing::Test {
 protected:
  std::unique_ptr<SqliteStorage> open(BufferKeys keys) {
    auto opened = SqliteStorage::open(file_, test::kExampleEdge, std::move(keys));
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(opened.value());
  }

  /// The draft with a value of every kind.
  static Draft full() {
    Draft draft = with_one_epoch();
    draft.add(kEvents, "NEEDLE event").add(kTelemetry, "NEEDLE samples", Kind::samples);
    AlertTransition alert = test::example_alert();
    alert.source = "site/NEEDLE/point";
    draft.ledger.active[alert.alert] = alert;
    draft.changes.active = true;
    draft.changes.engine_state = "NEEDLE engine";
    draft.changes.definitions = {{hash128("NEEDLE definition"), "NEEDLE definition"}};
    return draft;
  }

  /// Everything of full() is there and right, under these keys.
  void expect_all(BufferKeys keys) {
    auto storage = open(std::move(keys));
    const auto loaded = storage->load();
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->engine_state, "NEEDLE engine");
    EXPECT_EQ(loaded->ledger.active.at(test::example_alert().alert).source, "site/NEEDLE/point");
    EXPECT_EQ(storage->definition(hash128("NEEDLE definition")), "NEEDLE definition");
    for (const Place& place : {kEvents, kTelemetry})
      for (const Record& record : storage->read(place, loaded->ledger.at(place).held, kAll, kAll).value())
        EXPECT_EQ(checksum(test::kExampleEdge, record), record.checksum) << record.id.sequence;
    EXPECT_EQ(storage->read(kEvents, RangeSet(0, 1), kAll, kAll)->front().payload, "NEEDLE event");
  }

  std::string on_disk() const {
    std::string bytes = test::read_file(file_);
    if (std::filesystem::exists(file_ + "-wal")) bytes += test::read_file(file_ + "-wal");
    return bytes;
  }
  void sql(const std::string& text) { SQLite::Database(file_, SQLite::OPEN_READWRITE).exec(text); }
  int count(const std::string& what) {
    return SQLite::Database(file_).execAndGet("SELECT count(*) FROM " + what).getInt();
  }

  test::TempDir dir_;
  std::string file_ = dir_.file("buffer.db");
};

TEST_F(EncryptedStorage, ShowsNoValueInFileOrLog) {
  auto storage = open(with('1'));
  Draft draft = full();
  ASSERT_TRUE(draft.apply(*storage));
  EXPECT_EQ(on_disk().find("NEEDLE"), std::string::npos) << "in the write-ahead log";
  storage.reset();
  EXPECT_EQ(on_disk().find("NEEDLE"), std::string::npos) << "in the file";
  expect_all(with('1'));
}

TEST_F(EncryptedStorage, SaysNothingOfTheValueInItsChecksumEither) {
  Draft draft = full();
  const std::uint64_t of_the_value = draft.changes.added.front().checksum;
  ASSERT_TRUE(draft.apply(*open(with('1'))));
  EXPECT_NE(SQLite::Database(file_).execAndGet("SELECT checksum FROM record WHERE stream = 1").getInt64(),
            static_cast<std::int64_t>(of_the_value))
      << "a guess of a short payload could be tried against it";
}

TEST_F(EncryptedStorage, TakesOverAPlainFileAndKeepsItsRows) {
  Draft draft = full();
  ASSERT_TRUE(draft.apply(*open({})));
  expect_all(with('1'));
  ASSERT_TRUE(draft.add(kEvents, "second").apply(*open(with('1'))));
  EXPECT_EQ(count("record WHERE encrypted_by IS NULL"), 2) << "each row says which it is";
  EXPECT_EQ(count("record WHERE encrypted_by = " + std::to_string(static_cast<std::int64_t>(key('1').id()))), 1);
  EXPECT_EQ(count("definition WHERE encrypted_by IS NULL"), 0) << "what is kept for good does not stay in the clear";
  EXPECT_EQ(count("active WHERE encrypted_by IS NULL"), 0);
  EXPECT_EQ(count("meta WHERE key = 'engine' AND encrypted_by IS NULL"), 0);
  expect_all(with('1'));
}

TEST_F(EncryptedStorage, IsSwitchedOffWhileTheKeyIsStillThere) {
  Draft draft = full();
  ASSERT_TRUE(draft.apply(*open(with('1'))));
  expect_all(off('1'));
  ASSERT_TRUE(draft.add(kEvents, "in the clear").apply(*open(off('1'))));
  expect_all(off('1'));
  EXPECT_EQ(code_of(SqliteStorage::open(file_, test::kExampleEdge)), Errc::refused) << "two rows still need the key";
  ASSERT_TRUE(draft.remove(kEvents, RangeSet(0, 1)).remove(kTelemetry, RangeSet(0, 1)).apply(*open(off('1'))));
  EXPECT_EQ(open({})->read(kEvents, RangeSet(0, 9), kAll, kAll)->front().payload, "in the clear")
      << "once they are gone it does not";
}

TEST_F(EncryptedStorage, ChangesItsKey) {
  Draft draft = full();
  ASSERT_TRUE(draft.apply(*open(with('1'))));
  expect_all(change('1', '2'));
  ASSERT_TRUE(draft.add(kEvents, "second").apply(*open(change('1', '2'))));
  expect_all(change('1', '2'));
  EXPECT_EQ(code_of(SqliteStorage::open(file_, test::kExampleEdge, with('2'))), Errc::refused);
  ASSERT_TRUE(draft.remove(kEvents, RangeSet(0, 1)).remove(kTelemetry, RangeSet(0, 1)).apply(*open(change('1', '2'))));
  EXPECT_EQ(open(with('2'))->read(kEvents, RangeSet(0, 9), kAll, kAll)->front().payload, "second")
      << "the old key is needed no more: what is kept for good went over to the new one";
}

/// Never quietly a fresh buffer: it is refused by name, and not a byte of it has changed.
TEST_F(EncryptedStorage, WithoutItsKeyIsRefusedAndLeftAsItWas) {
  Draft draft = full();
  ASSERT_TRUE(draft.apply(*open(with('1'))));
  const std::string before = on_disk();
  for (const BufferKeys& keys : {BufferKeys{}, with('2'), change('3', '2')}) {
    const auto opened = SqliteStorage::open(file_, test::kExampleEdge, keys);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::refused);
    for (const std::string& said : {file_, key_name(key('1').id()), std::string("previous_key_file")})
      EXPECT_NE(opened.error().message.find(said), std::string::npos) << opened.error().message;
    EXPECT_EQ(code_of(SqliteStorage::open_read_only(file_, keys)), Errc::refused);
  }
  EXPECT_EQ(on_disk(), before);
  EXPECT_FALSE(std::filesystem::exists(file_ + ".damaged-20261124T000000Z"));
  expect_all(with('1'));
}

TEST_F(EncryptedStorage, FindsARowThatWasPutIntoAnotherPlace) {
  Draft draft = with_one_epoch();
  draft.add(kEvents, "one").add(kEvents, "two").add(kEvents, "thr");
  ASSERT_TRUE(draft.apply(*open(with('1'))));
  // With the checksum that fits the new place: not damage, but somebody's hand.
  const BufferCipher cipher(test::kExampleEdge, with('1'));
  Record moved =
      draft.ledger.epochs.empty() ? Record{} : open(with('1'))->read(kEvents, RangeSet(0, 1), 1, kAll)->front();
  StoredRecord stored = cipher.store(moved);
  stored.record.id.sequence = 1;
  std::string sealed = StoredValue{stored.by, stored.record.payload}.summed();
  Record as_there = stored.record;
  as_there.payload = sealed;
  stored.record.checksum = checksum(test::kExampleEdge, as_there);
  {
    SQLite::Database db(file_, SQLite::OPEN_READWRITE);
    SQLite::Statement put(db, "UPDATE record SET payload = ?, checksum = ? WHERE sequence = 1");
    put.bind(1, stored.record.payload.data(), static_cast<int>(stored.record.payload.size()));
    put.bind(2, static_cast<std::int64_t>(stored.record.checksum));
    put.exec();
  }
  ASSERT_TRUE(cipher.whole(stored)) << "the checksum alone would believe it";
  const auto rows = open(with('1'))->read(kEvents, RangeSet(0, 3), kAll, kAll);
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 3u);
  for (const Record& record : *rows)
    EXPECT_EQ(checksum(test::kExampleEdge, record) == record.checksum, record.id.sequence != 1)
        << "row " << record.id.sequence << ": the moved one is damaged, its neighbours are not";
}

TEST_F(EncryptedStorage, FindsDamageInEveryColumnOfARow) {
  Draft draft = full();
  ASSERT_TRUE(draft.apply(*open(with('1'))));
  for (const char* damage : {"payload = x'00'", "payload = zeroblob(length(payload))", "checksum = checksum + 1",
                             "encrypted_by = NULL", "encrypted_by = encrypted_by + 1", "kind = 3", "wall = wall + 1",
                             "mono = mono + 1", "clock = 0", "samples = 9"}) {
    const std::string copy = dir_.file("copy.db");
    std::filesystem::copy_file(file_, copy, std::filesystem::copy_options::overwrite_existing);
    SQLite::Database(copy, SQLite::OPEN_READWRITE)
        .exec(std::string("UPDATE record SET ") + damage + " WHERE stream = 1");
    auto storage = SqliteStorage::open(copy, test::kExampleEdge, with('1'));
    ASSERT_TRUE(storage) << damage;
    const auto rows = (*storage)->read(kEvents, RangeSet(0, 9), kAll, kAll);
    ASSERT_TRUE(rows) << damage << ": " << rows.error().message;
    EXPECT_NE(checksum(test::kExampleEdge, rows->front()), rows->front().checksum) << damage;
  }
  for (const char* damage :
       {"UPDATE active SET transition = zeroblob(200)", "UPDATE active SET encrypted_by = NULL",
        "UPDATE meta SET encrypted_by = encrypted_by + 1 WHERE key = 'engine'",
        "UPDATE meta SET value = x'31' WHERE key = 'engine'", "UPDATE meta SET value = x'31' WHERE key = 'keys'"}) {
    const std::string copy = dir_.file("copy.db");
    std::filesystem::copy_file(file_, copy, std::filesystem::copy_options::overwrite_existing);
    SQLite::Database(copy, SQLite::OPEN_READWRITE).exec(damage);
    auto storage = SqliteStorage::open(copy, test::kExampleEdge, with('1'));
    ASSERT_TRUE(storage) << damage << ": " << storage.error().message;
    EXPECT_EQ(code_of((*storage)->load()), Errc::storage_corrupt) << damage;
  }
  for (const char* damage : {"payload = x'00'", "encrypted_by = NULL", "encrypted_by = 7"}) {
    const std::string copy = dir_.file("copy.db");
    std::filesystem::copy_file(file_, copy, std::filesystem::copy_options::overwrite_existing);
    SQLite::Database(copy, SQLite::OPEN_READWRITE).exec(std::string("UPDATE definition SET ") + damage);
    auto storage = SqliteStorage::open(copy, test::kExampleEdge, with('1'));
    ASSERT_TRUE(storage) << damage << ": " << storage.error().message;
    EXPECT_EQ(code_of((*storage)->definition(hash128("NEEDLE definition"))), Errc::storage_corrupt) << damage;
  }
}

TEST_F(EncryptedStorage, CountsARowAsThePlainOneCounts) {
  Draft draft = full();
  ASSERT_TRUE(draft.apply(*open({})));
  ASSERT_TRUE(draft.add(kEvents, "a second event").apply(*open(with('1'))));
  EXPECT_EQ(open(with('1'))->bytes_of(kEvents, RangeSet(0, 9)), draft.ledger.at(kEvents).bytes);
}

TEST_F(EncryptedStorage, IsTakenOverFromADamagedFileUnderAnotherKey) {
  Draft draft = full();
  ASSERT_TRUE(draft.apply(*open(with('1'))));
  auto storage = open(change('1', '2'));
  ASSERT_TRUE(storage->replace(wall_from_ms(1'795'421'700'000)));
  storage.reset();
  const auto refused = SqliteStorage::open(file_, test::kExampleEdge, with('2'));
  EXPECT_EQ(code_of(refused), Errc::refused) << "what was put aside needs its key as long as it is not taken over";
  storage = open(change('1', '2'));
  auto remains = storage->remains();
  ASSERT_TRUE(remains);
  const auto known = remains->known();
  EXPECT_EQ(known.engine_state, "NEEDLE engine");
  EXPECT_EQ(known.active.size(), 1u);
  EXPECT_EQ(known.definitions.size(), 1u);
  std::set<std::string> found;
  for (auto part = remains->next({test::kExampleEpoch}, 1); !part.empty();
       part = remains->next({test::kExampleEpoch}, 1))
    for (const Record& record : part) found.insert(record.payload);
  EXPECT_EQ(found, (std::set<std::string>{"NEEDLE event", "NEEDLE samples"}));
  remains->finish();
  EXPECT_TRUE(SqliteStorage::open(file_, test::kExampleEdge, with('2')));
}

/// The list of keys is damaged too, so that nothing says at the start which key is missing.
TEST_F(EncryptedStorage, WhatWasPutAsideWaitsForAKeyThatIsMissing) {
  Draft draft = full();
  ASSERT_TRUE(draft.apply(*open(with('1'))));
  sql("DELETE FROM meta WHERE key = 'keys'");
  std::filesystem::create_directory(file_ + ".damaged-20261124T000000Z");
  std::filesystem::rename(file_, file_ + ".damaged-20261124T000000Z/buffer.db");
  {
    auto storage = open(with('2'));
    auto remains = storage->remains();
    ASSERT_TRUE(remains);
    EXPECT_TRUE(remains->next({test::kExampleEpoch}, kAll).empty());
    remains->finish();
  }
  auto remains = open(change('1', '2'))->remains();
  ASSERT_TRUE(remains) << "it is not taken for done";
  EXPECT_EQ(remains->next({test::kExampleEpoch}, kAll).size(), 2u);
}

/// The change of keys writes; on a full disk it waits, and everything is read and refused as before.
TEST_F(EncryptedStorage, ChangesItsKeyLaterWhereTheDiskIsFull) {
  test::FaultyVfs disk;
  Draft draft = full();
  ASSERT_TRUE(draft.apply(*open(with('1'))));
  disk.fail_after(0, test::FaultyVfs::Fault::disk_full);
  auto storage = open(change('1', '2'));
  EXPECT_EQ(storage->load()->engine_state, "NEEDLE engine");
  disk.heal();
  ASSERT_TRUE(draft.add(kEvents, "second").apply(*storage));
  storage.reset();
  EXPECT_EQ(code_of(SqliteStorage::open(file_, test::kExampleEdge, with('1'))), Errc::refused)
      << "the new key is listed with the first row that needs it";
  expect_all(change('1', '2'));
}

}  // namespace
}  // namespace anlan::edge
