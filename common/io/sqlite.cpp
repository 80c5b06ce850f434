#include "common/io/sqlite.hpp"

#include <cctype>
#include <cerrno>
#include <filesystem>

#include "common/base/hex.hpp"
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

/// RFC 3986: what is neither unreserved nor a slash is escaped.
std::string uri_of(const std::string& file) {
  std::string uri = "file:";
  for (const char c : file)
    if (std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-._~/").contains(c))
      uri += c;
    else
      uri += "%" + to_hex({&c, 1});
  return uri;
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

Result<SQLite::Database> open_sqlite_in_memory(const std::vector<std::string>& migrations) {
  try {
    SQLite::Database db(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
    if (auto done = migrate(db, "memory", migrations); !done) return fail(std::move(done.error()));
    return db;
  } catch (const SQLite::Exception& e) {
    return fail(to_error(e, "opening a database in memory"));
  }
}

Result<SQLite::Database> open_sqlite_as_it_stands(const std::string& file, const std::vector<std::string>& migrations) {
  std::error_code none;
  if (const auto log = std::filesystem::file_size(file + "-wal", none); !none && log > 0)
    return fail(Errc::storage_failed, "opening " + file + ": its write-ahead log cannot be read without writing");
  try {
    SQLite::Database db(uri_of(file) + "?immutable=1", SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX | SQLite::OPEN_URI);
    const int version = version_of(db);
    if (version < 0 || static_cast<std::size_t>(version) > migrations.size())
      return newer(file, version, migrations.size());
    if (static_cast<std::size_t>(version) < migrations.size())
      return fail(Errc::storage_failed, "opening " + file + ": it is of an older version and cannot be written");
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
