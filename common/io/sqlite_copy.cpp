#include "common/io/sqlite_copy.hpp"

#include <deque>

#include <SQLiteCpp/Backup.h>
#include <sqlite3.h>

#include "common/io/file.hpp"
#include "common/io/sqlite.hpp"
#include "common/io/sqlite_file.hpp"

namespace anlan {
namespace {

constexpr int kBusyMs = 10'000;
constexpr int kPagesAtOnce = 1024;

/// Open snapshots of all files, none of which lies before or after a commit in another.
std::deque<SQLite::Database> snapshots(const std::vector<DatabaseCopy>& copies) {
  std::deque<SQLite::Database> locked, open;
  for (const DatabaseCopy& copy : copies)
    locked.emplace_back(copy.from, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, kBusyMs).exec("BEGIN IMMEDIATE");
  for (const DatabaseCopy& copy : copies) {
    SQLite::Database& db = open.emplace_back(copy.from, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, kBusyMs);
    db.exec("BEGIN");
    db.execAndGet("SELECT count(*) FROM sqlite_master");  // the snapshot begins with the first read
  }
  return open;  // what was locked rolls back as it closes
}

std::uint64_t bytes_of(SQLite::Database& db) {
  return static_cast<std::uint64_t>(db.execAndGet("PRAGMA page_count").getInt64()) *
         static_cast<std::uint64_t>(db.execAndGet("PRAGMA page_size").getInt64());
}

void copy_one(SQLite::Database& from, const std::string& to, const std::function<void(std::uint64_t)>& copied) {
  SQLite::Database target(to, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, kBusyMs);
  const std::uint64_t all = bytes_of(from);
  {
    SQLite::Backup backup(target, from);
    while (backup.executeStep(kPagesAtOnce) != SQLITE_DONE) {
      const auto pages = static_cast<std::uint64_t>(backup.getTotalPageCount());
      const auto left = static_cast<std::uint64_t>(backup.getRemainingPageCount());
      if (pages > 0) copied(all / pages * (pages - left));
    }
  }
  copied(all);
  target.execAndGet("PRAGMA journal_mode=DELETE");
}

}  // namespace

Result<void> copy_as_of_one_moment(const std::vector<DatabaseCopy>& copies, const CopyProgress& progress) {
  std::string doing = "reading a snapshot";
  try {
    for (const DatabaseCopy& copy : copies) {
      if (std::filesystem::exists(copy.to)) return fail(Errc::conflict, copy.to + " exists already");
      if (!std::filesystem::exists(copy.from)) return fail(Errc::not_found, "there is no " + copy.from);
    }
    auto open = snapshots(copies);
    std::uint64_t all = 0, before = 0;
    for (SQLite::Database& db : open) all += bytes_of(db);
    for (std::size_t i = 0; i < copies.size(); ++i) {
      doing = "copying " + copies[i].from + " to " + copies[i].to;
      if (auto made = create_sqlite_file(copies[i].to); !made) return made;
      copy_one(open[i], copies[i].to, [&](std::uint64_t done) { progress(before + done, all); });
      before += bytes_of(open[i]);
      if (auto synced = sync_path(copies[i].to); !synced) return synced;
    }
    return {};
  } catch (const SQLite::Exception& e) {
    return fail(to_error(e, doing));
  }
}

Result<void> check_integrity(const std::string& file) {
  auto db = open_sqlite_read_only(file);
  if (!db) return fail(db.error());
  try {
    const std::string said = db->execAndGet("PRAGMA integrity_check(1)").getString();
    if (said == "ok") return {};
    return fail(Errc::storage_corrupt, file + ": " + said);
  } catch (const SQLite::Exception& e) {
    return fail(to_error(e, "checking " + file));
  }
}

}  // namespace anlan
