#include "common/io/sqlite_copy.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "common/io/sqlite.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

const std::vector<std::string> kSteps{"CREATE TABLE t (x INTEGER PRIMARY KEY, filling BLOB)"};
constexpr auto kNobodyLooks = [](std::uint64_t, std::uint64_t) {};

int newest(const std::string& file) {
  auto db = open_sqlite_read_only(file);
  return db ? db->execAndGet("SELECT coalesce(max(x), 0) FROM t").getInt() : -1;
}

/// Commits 1, 2, 3 … to the first database and then the same number to the second, until it is destroyed.
class Writer {
 public:
  Writer(const std::string& first, const std::string& second)
      : first_(*open_sqlite(first, kSteps)), second_(*open_sqlite(second, kSteps)), thread_([this] { work(); }) {}
  ~Writer() {
    stop_ = true;
    thread_.join();
  }
  int written() const { return written_; }

 private:
  void work() {
    for (int i = 1; !stop_; ++i) {
      for (SQLite::Database* db : {&first_, &second_})
        db->exec("INSERT INTO t VALUES (" + std::to_string(i) + ", zeroblob(2000))");
      written_ = i;
    }
  }

  SQLite::Database first_, second_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> written_ = 0;
  std::thread thread_;
};

TEST(CopyAsOfOneMoment, HasNoCommitBetweenTheCopiesWhileOthersWrite) {
  test::TempDir dir;
  Writer writer(dir.file("a.db"), dir.file("b.db"));
  int before = 0;
  for (int round = 0; round < 20; ++round) {
    while (writer.written() <= before) std::this_thread::yield();
    const std::string to = dir.file("copy-" + std::to_string(round));
    const auto copied =
        copy_as_of_one_moment({{dir.file("b.db"), to + "b"}, {dir.file("a.db"), to + "a"}}, kNobodyLooks);
    ASSERT_TRUE(copied) << copied.error().message;
    const int a = newest(to + "a"), b = newest(to + "b");
    EXPECT_TRUE(a == b || a == b + 1) << a << " of the first and " << b << " of the second";
    EXPECT_GE(a, before);
    EXPECT_TRUE(check_integrity(to + "a"));
    before = a;
  }
}

TEST(CopyAsOfOneMoment, TellsHowFarItIs) {
  test::TempDir dir;
  open_sqlite(dir.file("a.db"), kSteps)->exec("INSERT INTO t VALUES (1, zeroblob(20000000))");
  std::vector<std::uint64_t> told;
  const auto copied =
      copy_as_of_one_moment({{dir.file("a.db"), dir.file("c.db")}}, [&](std::uint64_t done, std::uint64_t all) {
        EXPECT_LE(done, all);
        told.push_back(done);
      });
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_GT(told.size(), 3u);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_GT(told.back(), 20'000'000u);
}

TEST(CopyAsOfOneMoment, WritesOverNothing) {
  test::TempDir dir;
  open_sqlite(dir.file("a.db"), kSteps)->exec("INSERT INTO t VALUES (7, NULL)");
  const auto copied = copy_as_of_one_moment({{dir.file("a.db"), dir.file("a.db")}}, kNobodyLooks);
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, Errc::conflict);
  EXPECT_EQ(newest(dir.file("a.db")), 7);
}

}  // namespace
}  // namespace anlan
