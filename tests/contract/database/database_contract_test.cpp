// What every engine behind common/io/database.hpp promises. The parameter makes a URL of an empty database.
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/io/database.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

using testing::HasSubstr;

struct Engine {
  const char* name;
  std::string (*url)(const test::TempDir&);
};

class DatabaseContract : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    db_ = open();
    db_->exec("CREATE TABLE t (id INTEGER PRIMARY KEY, n BIGINT, r DOUBLE PRECISION, s TEXT)");
  }
  std::unique_ptr<Database> open() {
    auto db = Database::open(GetParam().url(dir_));
    if (!db) throw std::runtime_error(db.error().message);
    return std::move(*db);
  }
  std::int64_t count() { return db_->query("SELECT count(*) FROM t").at(0).integer(0); }

  template <class F>
  static Errc code_of(F f) {
    try {
      f();
    } catch (const DatabaseError& e) {
      return e.code;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Errc::internal;
  }

  test::TempDir dir_;
  std::unique_ptr<Database> db_;
};

TEST_P(DatabaseContract, IntegersKeepAll64Bits) {
  for (const std::int64_t n : {std::int64_t{0}, std::int64_t{-1}, (std::int64_t{1} << 53) + 1,
                               std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    db_->exec("DELETE FROM t");
    db_->exec("INSERT INTO t (id, n) VALUES (1, :p1)", {n});
    EXPECT_EQ(db_->query("SELECT n FROM t").at(0).integer(0), n);
  }
}

TEST_P(DatabaseContract, APrimaryKeyBeyond32BitsComesBackWhole) {
  const std::int64_t id = 9'007'199'254'740'993;
  db_->exec("INSERT INTO t (id) VALUES (:p1)", {id});
  EXPECT_EQ(db_->query("SELECT id FROM t WHERE id = :p1", {id}).at(0).integer(0), id);
}

TEST_P(DatabaseContract, DoublesComeBackBitForBit) {
  for (const double r : {0.1, 1.0 / 3, -2.5e-308, 5e-324, 1.7976931348623157e308, 123456789.12345679, -0.0, 3.0,
                         1e300 / 7, std::numeric_limits<double>::infinity()}) {
    db_->exec("DELETE FROM t");
    db_->exec("INSERT INTO t (id, r) VALUES (1, :p1)", {r});
    EXPECT_EQ(db_->query("SELECT r FROM t").at(0).real(0), r);
    EXPECT_EQ(db_->query("SELECT max(r) FROM t").at(0).real(0), r) << "also where the column is computed";
  }
}

TEST_P(DatabaseContract, NaNIsStoredAsNull) {
  db_->exec("INSERT INTO t (id, r) VALUES (1, :p1)", {std::nan("")});
  EXPECT_TRUE(db_->query("SELECT r FROM t").at(0).null(0));
}

TEST_P(DatabaseContract, TextKeepsItsBytes) {
  const std::string long_text(100'000, 'x');
  for (const std::string text :
       {"", "储罐三号 温度过高", "it's \"quoted\" : :p1 ? $1 ; --", "line\nline\r\n\t\\", "🔥"}) {
    db_->exec("DELETE FROM t");
    db_->exec("INSERT INTO t (id, s) VALUES (1, :p1)", {text});
    EXPECT_EQ(db_->query("SELECT s FROM t").at(0).text(0), text);
    EXPECT_EQ(db_->query("SELECT id FROM t WHERE s = :p1", {text}).size(), 1u);
  }
  db_->exec("UPDATE t SET s = :p1", {long_text});
  EXPECT_EQ(db_->query("SELECT s FROM t").at(0).text(0), long_text);
}

TEST_P(DatabaseContract, AnEmptyTextIsNotNull) {
  db_->exec("INSERT INTO t (id, s) VALUES (1, :p1)", {std::string()});
  db_->exec("INSERT INTO t (id, s) VALUES (2, :p1)", {nullptr});
  const auto rows = db_->query("SELECT s, s IS NULL FROM t ORDER BY id");
  EXPECT_FALSE(rows.at(0).null(0));
  EXPECT_EQ(rows.at(0).text(0), "");
  EXPECT_TRUE(rows.at(1).null(0));
  EXPECT_EQ(code_of([&] { rows.at(1).text(0); }), Errc::storage_failed);
}

TEST_P(DatabaseContract, ANulInsideTextIsRefusedAndNothingIsStored) {
  EXPECT_EQ(code_of([&] { db_->exec("INSERT INTO t (id, s) VALUES (1, :p1)", {std::string("a\0b", 3)}); }),
            Errc::invalid_argument);
  EXPECT_EQ(count(), 0);
}

TEST_P(DatabaseContract, TruthValuesAreZeroAndOne) {
  db_->exec("INSERT INTO t (id, n) VALUES (1, :p1), (2, :p2)", {std::int64_t{false}, std::int64_t{true}});
  const auto rows = db_->query("SELECT id FROM t WHERE n = 1");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].integer(0), 2);
}

TEST_P(DatabaseContract, AParameterMayBeNamedTwiceAndInAnyOrder) {
  db_->exec("INSERT INTO t (id, n, s) VALUES (:p2, :p2, :p1)", {std::string("a"), std::int64_t{7}});
  const auto rows = db_->query("SELECT id, n, s FROM t WHERE s = :p1 OR s = :p1", {std::string("a")});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].integer(0), 7);
  EXPECT_EQ(rows[0].integer(1), 7);
}

TEST_P(DatabaseContract, MissingAndSuperfluousParametersAreRefused) {
  EXPECT_EQ(code_of([&] { db_->query("SELECT id FROM t WHERE id = :p1"); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { db_->query("SELECT id FROM t", {std::int64_t{1}}); }), Errc::invalid_argument);
}

TEST_P(DatabaseContract, TheSameStatementRunsAgainWithOtherTypes) {
  for (int i = 0; i < 3; ++i) {
    db_->exec("INSERT INTO t (id, s) VALUES (:p1, :p2)", {std::int64_t{3 * i}, std::string("x")});
    db_->exec("INSERT INTO t (id, s) VALUES (:p1, :p2)", {std::int64_t{3 * i + 1}, nullptr});
    db_->exec("INSERT INTO t (id, s) VALUES (:p1, :p2)", {std::int64_t{3 * i + 2}, std::string(5000, 'y')});
  }
  EXPECT_EQ(db_->query("SELECT id FROM t WHERE s IS NULL").size(), 3u);
  EXPECT_EQ(db_->query("SELECT id FROM t WHERE s = :p1", {std::string("x")}).size(), 3u);
}

TEST_P(DatabaseContract, ExecSaysHowManyRowsChanged) {
  db_->exec("INSERT INTO t (id, n) VALUES (1, 1), (2, 1), (3, 2)");
  EXPECT_EQ(db_->exec("UPDATE t SET n = 5 WHERE n = :p1", {std::int64_t{1}}), 2);
  EXPECT_EQ(db_->exec("UPDATE t SET n = 5 WHERE n = :p1", {std::int64_t{1}}), 0);
  EXPECT_EQ(db_->exec("DELETE FROM t WHERE id = 3"), 1);
}

TEST_P(DatabaseContract, UpsertAndReturningWork) {
  const std::string_view upsert =
      "INSERT INTO t (id, n) VALUES (:p1, :p2) ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n RETURNING id, n";
  EXPECT_EQ(db_->query(upsert, {std::int64_t{1}, std::int64_t{10}}).at(0).integer(1), 10);
  EXPECT_EQ(db_->query(upsert, {std::int64_t{1}, std::int64_t{5}}).at(0).integer(1), 15);
  EXPECT_EQ(count(), 1);
}

TEST_P(DatabaseContract, AConstraintIsAConflict) {
  db_->exec("INSERT INTO t (id) VALUES (1)");
  EXPECT_EQ(code_of([&] { db_->exec("INSERT INTO t (id) VALUES (1)"); }), Errc::conflict);
  EXPECT_EQ(count(), 1) << "and the connection goes on";
}

TEST_P(DatabaseContract, WrongSqlSaysWhatIsWrong) {
  try {
    db_->query("SELECT nothing FROM nowhere");
    FAIL();
  } catch (const DatabaseError& e) {
    EXPECT_EQ(e.code, Errc::storage_failed);
    EXPECT_THAT(e.what(), HasSubstr("nowhere"));
  }
}

TEST_P(DatabaseContract, SeveralStatementsRunInOrder) {
  db_->exec(
      "CREATE TABLE a (x TEXT DEFAULT 'a;b'); CREATE TABLE b (y TEXT);\n-- a comment; with a semicolon\n"
      "INSERT INTO a (x) VALUES (';');");
  EXPECT_EQ(db_->query("SELECT x FROM a").at(0).text(0), ";");
  EXPECT_TRUE(db_->query("SELECT y FROM b").empty());
  EXPECT_EQ(code_of([&] { db_->query("SELECT 1; SELECT 2"); }), Errc::invalid_argument);
}

TEST_P(DatabaseContract, ATransactionIsSeenWholeOrNotAtAll) {
  const auto ok = db_->transaction([&]() -> Result<void> {
    db_->exec("INSERT INTO t (id) VALUES (1)");
    db_->exec("INSERT INTO t (id) VALUES (2)");
    return {};
  });
  EXPECT_TRUE(ok);
  EXPECT_EQ(count(), 2);

  const auto refused = db_->transaction([&]() -> Result<void> {
    db_->exec("DELETE FROM t");
    return fail(Errc::conflict, "somebody was faster");
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_EQ(count(), 2);

  const auto failed = db_->transaction([&]() -> Result<void> {
    db_->exec("DELETE FROM t");
    db_->exec("INSERT INTO nowhere (id) VALUES (1)");
    return {};
  });
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("nowhere"));
  EXPECT_EQ(count(), 2);
}

TEST_P(DatabaseContract, AnythingElseThrownRollsBackAndGoesOn) {
  EXPECT_THROW((void)db_->transaction([&]() -> Result<void> {
    db_->exec("INSERT INTO t (id) VALUES (1)");
    throw std::out_of_range("a bug");
  }),
               std::out_of_range);
  EXPECT_EQ(count(), 0);
  EXPECT_TRUE(db_->transaction([]() -> Result<void> { return {}; })) << "and the next transaction begins";
}

TEST_P(DatabaseContract, TransactionsDoNotNest) {
  EXPECT_THROW((void)db_->transaction([&] { return db_->transaction([]() -> Result<void> { return {}; }); }),
               std::logic_error);
}

TEST_P(DatabaseContract, ASecondConnectionSeesOnlyWhatIsCommitted) {
  const auto other = open();
  const auto done = db_->transaction([&]() -> Result<void> {
    db_->exec("INSERT INTO t (id) VALUES (1)");
    EXPECT_EQ(other->query("SELECT count(*) FROM t").at(0).integer(0), 0);
    return {};
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(other->query("SELECT count(*) FROM t").at(0).integer(0), 1);
}

TEST_P(DatabaseContract, ForeignKeysAreEnforced) {
  db_->exec("CREATE TABLE child (parent BIGINT NOT NULL REFERENCES t (id))");
  EXPECT_EQ(code_of([&] { db_->exec("INSERT INTO child (parent) VALUES (99)"); }), Errc::conflict);
}

TEST_P(DatabaseContract, MigrationsRunOnceInOrderAndPerStage) {
  const std::vector<std::string> first{"CREATE TABLE m (x BIGINT)"};
  const std::vector<std::string> second{first[0],
                                        "ALTER TABLE m ADD COLUMN y TEXT; INSERT INTO m (x, y) VALUES (1, 'one')"};
  ASSERT_TRUE(db_->migrate(first, "alert"));
  ASSERT_TRUE(db_->migrate(second, "alert"));
  ASSERT_TRUE(db_->migrate(second, "alert"));
  ASSERT_TRUE(db_->migrate({"CREATE TABLE h (x BIGINT)"}, "hazard"));
  EXPECT_EQ(db_->query("SELECT y FROM m").size(), 1u);
  EXPECT_EQ(db_->query("SELECT stage, version FROM schema_version ORDER BY stage").at(0).integer(1), 2);

  const auto newer = db_->migrate(first, "alert");
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, Errc::unsupported);
}

TEST_P(DatabaseContract, AMigrationThatFailsLeavesTheStepBeforeIt) {
  const std::vector<std::string> good{"CREATE TABLE m (x BIGINT)"};
  const auto done = db_->migrate({good[0], "INSERT INTO m (x) VALUES (1); INSERT INTO nowhere VALUES (1)"});
  ASSERT_FALSE(done);
  EXPECT_TRUE(db_->query("SELECT x FROM m").empty());
  EXPECT_TRUE(db_->migrate(good));
}

TEST_P(DatabaseContract, AUrlThatIsNotKnownIsRefused) {
  for (const char* url : {"", "mysql://x", "sqlite:", "sqlite://relative.db", "sqlite:///tmp/a\"b.db"}) {
    const auto db = Database::open(url);
    ASSERT_FALSE(db) << url;
    EXPECT_EQ(db.error().code, Errc::invalid_argument) << url;
  }
}

INSTANTIATE_TEST_SUITE_P(Sqlite, DatabaseContract,
                         testing::Values(Engine{
                             "sqlite", [](const test::TempDir& dir) { return "sqlite://" + dir.file("a b=c.db"); }}),
                         [](const auto& engine) { return engine.param.name; });

// ---- only SQLite ---------------------------------------------------------------------------------------------------

TEST(SqliteDatabase, IsDurableAndPrivate) {
  test::TempDir dir;
  const auto db = Database::open("sqlite://" + dir.file("r.db"));
  ASSERT_TRUE(db) << db.error().message;
  EXPECT_EQ((*db)->query("PRAGMA journal_mode").at(0).text(0), "wal");
  EXPECT_EQ((*db)->query("PRAGMA synchronous").at(0).integer(0), 2);
  (*db)->exec("CREATE TABLE t (x)");
  for (const char* name : {"r.db", "r.db-wal", "r.db-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat(dir.file(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
  }
}

TEST(SqliteDatabase, AReadOnlyConnectionNeitherWritesNorCreates) {
  test::TempDir dir;
  const std::string url = "sqlite://" + dir.file("r.db");
  EXPECT_EQ(Database::open(url + "?readonly").error().code, Errc::not_found);
  const auto writer = Database::open(url);
  (*writer)->exec("CREATE TABLE t (x BIGINT)");
  const auto reader = Database::open(url + "?readonly");
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_TRUE((*reader)->query("SELECT x FROM t").empty());
  EXPECT_THROW((*reader)->exec("INSERT INTO t VALUES (1)"), DatabaseError);
}

TEST(SqliteDatabase, AFileThatIsNoDatabaseIsCorrupt) {
  test::TempDir dir;
  test::write_file(dir.file("r.db"), std::string(8192, 'x'));
  const auto db = Database::open("sqlite://" + dir.file("r.db"));
  ASSERT_FALSE(db);
  EXPECT_EQ(db.error().code, Errc::storage_corrupt);
}

}  // namespace
}  // namespace anlan
