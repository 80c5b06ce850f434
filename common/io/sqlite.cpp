#include "common/io/sqlite.hpp"

#include <cerrno>
#include <filesystem>

#include "common/io/sqlite_file.hpp"

namespace anlan {
namespace {

constexpr int kBusyMs = 5000;

int version_of(SQLite::Database& db) { return db.execAndGet("PRAGMA user_version").getInt(); }

std::unexpected<Error> newer(const std::string& file, int version, std::size_t known) {
  return fail(Errc::unsupported, file + " has schema version " + std::to_string(version) + ", this program knows " +
                                     std::to_string(known) + ": use the newer program that wrote it");
}

Result<void> migrate(SQLite::Database& db, const std::string& file, const std::vector<std::string>& migrations) {
  for (;;) {
    SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
    const int version = version_of(db);  // read inside: another process may have migrated meanwhile
    if (version < 0 || static_cast<std::size_t>(version) > migrations.size())
      return newer(file, version, migrations.size());
    if (static_cast<std::size_t>(version) == migrations.size()) return {};
    db.exec(migrations[static_cast<std::size_t>(version)]);
    db.exec("PRAGMA user_version=" + std::to_string(version + 1));
    transaction.commit();
  }
}

}  // namespace

Result<SQLite::Database> open_sqlite(const std::string& file, const std::vector<std::string>& migrations) {
  if (auto created = create_sqlite_file(file); !created) return fail(std::move(created.error()));
  try {
    SQLite::Database db(file, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, kBusyMs);
    db.exec(kSqliteSetup);
    if (const auto mode = db.execAndGet("PRAGMA journal_mode=WAL").getString(); mode != "wal")
      return fail(Errc::storage_failed,
                  "opening " + file + ": its file system allows no write-ahead log (mode " + mode + ")");
    db.execAndGet("SELECT count(*) FROM sqlite_master");
    const int version = version_of(db);
    if (version < 0 || static_cast<std::size_t>(version) > migrations.size())
      return newer(file, version, migrations.size());
    if (static_cast<std::size_t>(version) < migrations.size())
      if (auto done = migrate(db, file, migrations); !done) return fail(std::move(done.error()));
    return db;
  } catch (const SQLite::Exception& e) {
    return fail(to_error(e, "opening " + file));
  }
}

Result<SQLite::Database> open_sqlite_read_only(const std::string& file) {
  if (!std::filesystem::exists(file)) return fail(Errc::not_found, "opening " + file + ": there is no such file");
  try {
    SQLite::Database db(file, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, kBusyMs);
    db.execAndGet("SELECT count(*) FROM sqlite_master");
    return db;
  } catch (const SQLite::Exception& e) {
    return fail(to_error(e, "opening " + file));
  }
}

Error to_error(const SQLite::Exception& exception, std::string_view doing) {
  const int system = errno;
  const int extended = exception.getExtendedErrorCode();
  const int code = extended > 0 ? extended : exception.getErrorCode();
  return Error{sqlite_errc(code, system), std::string(doing) + ": " + exception.what()};
}

}  // namespace anlan
