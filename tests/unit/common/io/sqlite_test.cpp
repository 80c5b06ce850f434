#include "common/io/sqlite.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "common/io/sqlite_file.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

const std::vector<std::string> kSteps{"CREATE TABLE t (x INTEGER)", "ALTER TABLE t ADD COLUMN y TEXT"};

TEST(Sqlite, OpensDurableWithAWriteAheadLog) {
  test::TempDir dir;
  auto db = open_sqlite(dir.file("b.db"), kSteps);
  ASSERT_TRUE(db) << db.error().message;
  EXPECT_EQ(db->execAndGet("PRAGMA journal_mode").getString(), "wal");
  EXPECT_EQ(db->execAndGet("PRAGMA synchronous").getInt(), 2);
  EXPECT_EQ(db->execAndGet("PRAGMA foreign_keys").getInt(), 1);
  EXPECT_EQ(db->execAndGet("PRAGMA busy_timeout").getInt(), 5000);
}

TEST(Sqlite, FilesAreReadableForTheirOwnerOnly) {
  test::TempDir dir;
  auto db = open_sqlite(dir.file("b.db"), kSteps);
  ASSERT_TRUE(db);
  for (const char* name : {"b.db", "b.db-wal", "b.db-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat(dir.file(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
  }
}

TEST(Sqlite, RunsOnlyTheStepsThatAreMissing) {
  test::TempDir dir;
  ASSERT_TRUE(open_sqlite(dir.file("b.db"), {kSteps[0]}));
  auto db = open_sqlite(dir.file("b.db"), kSteps);
  ASSERT_TRUE(db) << db.error().message;
  db->exec("INSERT INTO t (x, y) VALUES (1, 'a')");
  EXPECT_EQ(db->execAndGet("PRAGMA user_version").getInt(), 2);
  EXPECT_TRUE(open_sqlite(dir.file("b.db"), kSteps));
}

TEST(Sqlite, AStepThatFailsLeavesNothingOfItself) {
  test::TempDir dir;
  const auto broken =
      open_sqlite(dir.file("b.db"), {kSteps[0], "CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)"});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Errc::storage_failed);
  auto db = open_sqlite(dir.file("b.db"), kSteps);
  ASSERT_TRUE(db) << db.error().message;
  EXPECT_FALSE(db->tableExists("half"));
}

TEST(Sqlite, RefusesAFileOfANewerProgram) {
  test::TempDir dir;
  ASSERT_TRUE(open_sqlite(dir.file("b.db"), kSteps));
  const auto db = open_sqlite(dir.file("b.db"), {kSteps[0]});
  ASSERT_FALSE(db);
  EXPECT_EQ(db.error().code, Errc::unsupported);
}

TEST(Sqlite, AFileThatIsNoDatabaseIsCorruptAndLeftAsItIs) {
  test::TempDir dir;
  const std::string bytes(8192, 'x');
  test::write_file(dir.file("b.db"), bytes);
  const auto db = open_sqlite(dir.file("b.db"), kSteps);
  ASSERT_FALSE(db);
  EXPECT_EQ(db.error().code, Errc::storage_corrupt);
  EXPECT_EQ(test::read_file(dir.file("b.db")), bytes);
}

TEST(Sqlite, AFileThatWasCutShortIsCorrupt) {
  test::TempDir dir;
  {
    auto db = open_sqlite(dir.file("b.db"), kSteps);
    db->exec(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT i, i "
        "FROM n");
  }
  std::filesystem::resize_file(dir.file("b.db"), 4096);
  const auto db = open_sqlite(dir.file("b.db"), kSteps);
  ASSERT_FALSE(db);
  EXPECT_EQ(db.error().code, Errc::storage_corrupt);
}

TEST(Sqlite, AMissingDirectoryIsNamed) {
  const auto db = open_sqlite("/nonexistent/b.db", kSteps);
  ASSERT_FALSE(db);
  EXPECT_EQ(db.error().code, Errc::storage_failed);
  EXPECT_THAT(db.error().message, testing::HasSubstr("/nonexistent/b.db"));
}

TEST(Sqlite, AReaderSeesCommitsAndNeverHoldsUpTheWriter) {
  test::TempDir dir;
  EXPECT_EQ(open_sqlite_read_only(dir.file("b.db")).error().code, Errc::not_found);
  auto writer = open_sqlite(dir.file("b.db"), kSteps);
  auto reader = open_sqlite_read_only(dir.file("b.db"));
  ASSERT_TRUE(reader) << reader.error().message;
  reader->exec("BEGIN");
  EXPECT_EQ(reader->execAndGet("SELECT count(*) FROM t").getInt(), 0);
  writer->exec("INSERT INTO t (x) VALUES (1)");
  EXPECT_EQ(reader->execAndGet("SELECT count(*) FROM t").getInt(), 0) << "its own snapshot";
  reader->exec("COMMIT");
  EXPECT_EQ(reader->execAndGet("SELECT count(*) FROM t").getInt(), 1);
  EXPECT_THROW(reader->exec("INSERT INTO t (x) VALUES (2)"), SQLite::Exception);
}

TEST(Sqlite, AFullDatabaseIsStorageFull) {
  test::TempDir dir;
  auto db = open_sqlite(dir.file("b.db"), kSteps);
  db->execAndGet("PRAGMA max_page_count=3");
  try {
    db->exec("INSERT INTO t (y) VALUES (zeroblob(100000))");
    FAIL();
  } catch (const SQLite::Exception& e) {
    const Error error = to_error(e, "storing a record");
    EXPECT_EQ(error.code, Errc::storage_full);
    EXPECT_THAT(error.message, testing::StartsWith("storing a record: "));
  }
}

TEST(Sqlite, CodesFallIntoCategories) {
  EXPECT_EQ(sqlite_errc(SQLITE_CORRUPT_INDEX, 0), Errc::storage_corrupt);
  EXPECT_EQ(sqlite_errc(SQLITE_NOTADB, 0), Errc::storage_corrupt);
  EXPECT_EQ(sqlite_errc(SQLITE_IOERR_FSYNC, ENOSPC), Errc::storage_full);
  EXPECT_EQ(sqlite_errc(SQLITE_IOERR_WRITE, EDQUOT), Errc::storage_full);
  EXPECT_EQ(sqlite_errc(SQLITE_IOERR_WRITE, EIO), Errc::storage_failed);
  EXPECT_EQ(sqlite_errc(SQLITE_BUSY, 0), Errc::unavailable);
  EXPECT_EQ(sqlite_errc(SQLITE_CONSTRAINT_UNIQUE, 0), Errc::conflict);
}

}  // namespace
}  // namespace anlan
