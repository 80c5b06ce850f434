// Real processes: one that is killed while it commits, one that looks on while another commits.
#include <csignal>
#include <cstdint>
#include <random>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edge/buffer/sqlite_storage.hpp"
#include "tests/contract/storage/storage_builder.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::edge {
namespace {

/// A process that runs `body(fd)` and exits with what it returns; fd is the end of a pipe that the parent reads.
class Child {
 public:
  template <class F>
  explicit Child(F body) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    pid_ = ::fork();
    if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid_ == 0) {
      ::close(ends[0]);
      ::_exit(body(ends[1]));
    }
    ::close(ends[1]);
    fd_ = ends[0];
  }
  ~Child() {
    kill();
    ::close(fd_);
  }
  /// The next number that it wrote; nullopt where it has ended.
  std::optional<std::uint64_t> next() {
    std::uint64_t number = 0;
    return ::read(fd_, &number, sizeof number) == sizeof number ? std::optional(number) : std::nullopt;
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
  int fd_ = -1;
};

bool tell(int fd, std::uint64_t number) { return ::write(fd, &number, sizeof number) == sizeof number; }

/// Everything that a ledger says is held can be read, whole; nothing else is there.
std::string inconsistency(Storage& storage) {
  const auto loaded = storage.load();
  if (!loaded) return loaded.error().message;
  for (const auto& [place, state] : loaded->ledger.places) {
    const auto rows = storage.read(place, RangeSet(0, RangeSet::kEnd), 1'000'000, 1'000'000'000);
    if (!rows) return rows.error().message;
    RangeSet there;
    for (const Record& record : *rows) {
      there.add(record.id.sequence);
      if (checksum(test::kExampleEdge, record) != record.checksum)
        return "row " + std::to_string(record.id.sequence) + " is damaged";
    }
    if (there != state.held) return "held " + state.held.str() + ", there " + there.str();
  }
  return "";
}

/// Commits until it is killed; says each sequence after its commit has returned.
int commit_for_ever(const std::string& file, int fd) {
  auto storage = SqliteStorage::open(file, test::kExampleEdge);
  if (!storage) return 1;
  Draft draft;
  draft.ledger = (*storage)->load()->ledger;
  if (draft.ledger.epochs.empty()) draft.epoch(test::kExampleEpoch, 1);
  while (true) {
    const std::uint64_t sequence = draft.ledger.at(kEvents).next;
    draft.add(kEvents, std::string(sequence % 3000, 'x'));
    if (sequence % 7 == 6) draft.remove(kEvents, RangeSet(sequence - 6, sequence - 5));
    if (!draft.apply(**storage)) return 2;
    if (!tell(fd, sequence)) return 3;
  }
}

TEST(SqliteStorageProcess, HasEverythingItAcknowledgedAfterBeingKilled) {
  test::TempDir dir;
  const std::string file = dir.file("buffer.db");
  std::mt19937_64 random(20261123);
  std::uint64_t acknowledged = 0;
  for (int kill = 0; kill < 8; ++kill) {
    Child child([&](int fd) { return commit_for_ever(file, fd); });
    for (std::uint64_t n = 5 + random() % 60; n > 0; --n) {
      const auto sequence = child.next();
      ASSERT_TRUE(sequence) << "the child failed: " << child.wait();
      acknowledged = *sequence;
    }
    child.kill();
    while (const auto sequence = child.next()) acknowledged = *sequence;  // said before it died
    auto storage = SqliteStorage::open(file, test::kExampleEdge);
    ASSERT_TRUE(storage) << storage.error().message;
    EXPECT_EQ(inconsistency(**storage), "");
    EXPECT_GT((*storage)->load()->ledger.at(kEvents).next, acknowledged);
  }
}

TEST(SqliteStorageProcess, CanBeReadByAnotherProcessWhileItCommits) {
  test::TempDir dir;
  const std::string file = dir.file("buffer.db");
  auto storage = SqliteStorage::open(file, test::kExampleEdge);
  ASSERT_TRUE(storage);
  Draft draft = with_one_epoch();
  ASSERT_TRUE(draft.apply(**storage));
  Child onlooker([&](int fd) {
    std::uint64_t newest = 0;
    while (newest < 150) {
      auto look = SqliteStorage::open_read_only(file);
      if (!look) return 1;
      for (int i = 0; i < 3; ++i) {
        const auto loaded = (*look)->load();
        if (!loaded) return 2;
        const auto next = loaded->ledger.at(kEvents).next;
        if (next < newest) return 3;  // time does not run backwards
        const auto rows = (*look)->read(kEvents, RangeSet(0, next), 1'000'000, 1'000'000'000);
        if (!rows || rows->size() < next) return 4;
        newest = next;
      }
      if (!tell(fd, newest)) return 5;
    }
    return 0;
  });
  while (draft.ledger.at(kEvents).next < 150) {
    const auto applied = draft.add(kEvents, "x").apply(**storage);
    ASSERT_TRUE(applied) << "the onlooker is in the way: " << applied.error().message;
  }
  std::uint64_t looks = 0;
  while (onlooker.next()) ++looks;
  EXPECT_EQ(onlooker.wait(), 0);
  EXPECT_GT(looks, 0u);
}

}  // namespace
}  // namespace anlan::edge
