#include "common/io/database.hpp"

#include <charconv>
#include <cmath>
#include <deque>
#include <filesystem>
#include <map>

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "common/io/sqlite_file.hpp"

namespace anlan {
namespace {

/// Shortest text that reads back as the same double.
std::string to_text(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// One column of the row being fetched. SOCI's own text output gives a REAL with 15 digits and its dynamic rows type an
/// INTEGER PRIMARY KEY as 32 bits, so the value is read here by the type that SQLite says it has.
class SqliteColumn final : public soci::details::into_type_base {
 public:
  explicit SqliteColumn(std::optional<std::string>& out) : out_(out) {}

 private:
  void define(soci::details::statement_impl& statement, int& position) override {
    backend_ = static_cast<soci::sqlite3_statement_backend*>(statement.get_backend());
    column_ = position++ - 1;
  }
  void pre_exec(int) override {}
  void pre_fetch() override {}
  void post_fetch(bool got_data, bool) override {
    if (!got_data) return;
    namespace api = sqlite_api;
    switch (api::sqlite3_column_type(backend_->stmt_, column_)) {
      case SQLITE_NULL:
        out_.reset();
        break;
      case SQLITE_FLOAT:
        out_ = to_text(api::sqlite3_column_double(backend_->stmt_, column_));
        break;
      default: {
        const auto* text = reinterpret_cast<const char*>(api::sqlite3_column_text(backend_->stmt_, column_));
        out_.emplace(text ? text : "", static_cast<std::size_t>(api::sqlite3_column_bytes(backend_->stmt_, column_)));
      }
    }
  }
  void clean_up() override {}
  std::size_t size() const override { return 1; }

  std::optional<std::string>& out_;
  soci::sqlite3_statement_backend* backend_ = nullptr;
  int column_ = 0;
};

/// What SOCI binds: it keeps pointers, so this outlives the execution.
class Parameters {
 public:
  explicit Parameters(const std::vector<SqlValue>& values) {
    for (const SqlValue& value : values) add(value);
  }

  void bind_to(soci::statement& statement) {
    for (std::size_t i = 0; i < held_.size(); ++i)
      std::visit([&](auto& value) { statement.exchange(soci::use(value, held_[i].indicator, name(i))); },
                 held_[i].value);
  }

 private:
  struct Held {
    std::variant<std::string, long long, double> value;
    soci::indicator indicator = soci::i_ok;
  };

  static std::string name(std::size_t index) { return "p" + std::to_string(index + 1); }

  void add(const SqlValue& value) {
    Held held;
    if (const auto* text = std::get_if<std::string>(&value)) {
      if (text->find('\0') != std::string::npos)
        throw DatabaseError(Errc::invalid_argument, "parameter :" + name(held_.size()) + " has a NUL inside its text");
      held.value = *text;
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      held.value = static_cast<long long>(*integer);
    } else if (const auto* real = std::get_if<double>(&value); real && !std::isnan(*real)) {
      held.value = *real;
    } else {
      held.indicator = soci::i_null;
    }
    held_.push_back(std::move(held));
  }

  std::deque<Held> held_;  // a deque: its elements stay where they are
};

/// "a; b;" as {"a;", "b;"}. SOCI would leave out silently what follows the first statement.
std::vector<std::string> split(std::string_view sql) {
  constexpr std::string_view blank = " \t\r\n;";
  std::vector<std::string> statements;
  std::string statement;
  for (const char c : sql) {
    statement += c;
    if (c != ';' || !sqlite_api::sqlite3_complete(statement.c_str())) continue;
    statements.push_back(std::move(statement));
    statement.clear();
  }
  if (statement.find_first_not_of(blank) != std::string::npos) statements.push_back(std::move(statement));
  return statements;
}

bool keeps_schema(std::string_view sql) {
  const auto start = sql.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return false;
  for (const std::string_view word : {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN", "COMMIT", "ROLLBACK"})
    if (sql.substr(start).starts_with(word)) return true;
  return false;
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const std::string& file, bool read_only)
      : read_only_(read_only), session_(soci::sqlite3, "dbname=\"" + file + "\"") {}

  std::int64_t exec(std::string_view sql, std::vector<SqlValue> parameters) override {
    const auto statements = split(sql);
    if (statements.size() > 1 && !parameters.empty())
      throw DatabaseError(Errc::invalid_argument,
                          "several statements with parameters in one call: " + std::string(sql));
    std::int64_t changed = 0;
    for (const std::string& statement : statements) run(statement, parameters, changed);
    return changed;
  }

  std::vector<SqlRow> query(std::string_view sql, std::vector<SqlValue> parameters) override {
    const auto statements = split(sql);
    if (statements.size() != 1)
      throw DatabaseError(Errc::invalid_argument, "a query is one statement: " + std::string(sql));
    std::int64_t changed = 0;
    return run(statements.front(), parameters, changed);
  }

  Result<void> transaction(const std::function<Result<void>()>& work) override {
    if (inside_) throw std::logic_error("transactions do not nest");
    try {
      exec(read_only_ ? "BEGIN" : "BEGIN IMMEDIATE", {});
      inside_ = true;
      auto done = work();
      if (done)
        exec("COMMIT", {});
      else
        roll_back();
      inside_ = false;
      return done;
    } catch (const DatabaseError& e) {
      roll_back();
      return fail(e.code, e.what());
    } catch (...) {
      roll_back();
      throw;
    }
  }

 private:
  static constexpr std::size_t kCached =
      128;  // prepared statements; the program's own number is bounded, so rarely full

  std::vector<SqlRow> run(const std::string& sql, const std::vector<SqlValue>& values, std::int64_t& changed) {
    Parameters parameters(values);
    try {
      auto rows = execute(prepared(sql, values.size()), parameters, changed);
      if (!keeps_schema(sql)) statements_.clear();
      return rows;
    } catch (const soci::sqlite3_soci_error& e) {
      statements_.clear();
      throw DatabaseError(sqlite_errc(e.result(), sqlite_api::sqlite3_system_errno(connection())), e.what());
    } catch (const soci::soci_error& e) {
      statements_.clear();
      throw DatabaseError(Errc::storage_failed, e.what());
    }
  }

  static std::vector<SqlRow> execute(soci::statement& statement, Parameters& parameters, std::int64_t& changed) {
    const auto columns = static_cast<std::size_t>(statement.get_backend()->prepare_for_describe());
    std::vector<std::optional<std::string>> row(columns);
    for (auto& column : row) statement.exchange(soci::details::into_type_ptr(new SqliteColumn(column)));
    parameters.bind_to(statement);
    statement.define_and_bind();
    std::vector<SqlRow> rows;
    for (bool more = statement.execute(true); more; more = columns > 0 && statement.fetch()) rows.emplace_back(row);
    changed = statement.get_affected_rows();
    statement.bind_clean_up();
    return rows;
  }

  soci::statement& prepared(const std::string& sql, std::size_t parameters) {
    const auto known = statements_.find(sql);
    if (known != statements_.end() && known->second.parameters == parameters) return known->second.statement;
    soci::statement statement(session_);
    statement.alloc();
    statement.prepare(sql);
    std::size_t named = 0;
    while (!statement.get_backend()->get_parameter_name(static_cast<int>(named)).empty()) ++named;
    if (named != parameters)
      throw DatabaseError(Errc::invalid_argument, std::to_string(named) + " parameters named, " +
                                                      std::to_string(parameters) + " given: " + sql);
    if (statements_.size() >= kCached) statements_.clear();
    return statements_.insert_or_assign(sql, Prepared{statement, parameters}).first->second.statement;
  }

  /// SQLite rolls back by itself on some errors (a full disk); then there is nothing left to do. Where even this fails,
  /// the caller hears of what came first, and the next transaction fails to begin.
  void roll_back() {
    inside_ = false;
    if (!sqlite_api::sqlite3_get_autocommit(connection()))
      sqlite_api::sqlite3_exec(connection(), "ROLLBACK", nullptr, nullptr, nullptr);
  }

  sqlite_api::sqlite3* connection() {
    return static_cast<soci::sqlite3_session_backend*>(session_.get_backend())->conn_;
  }

  struct Prepared {
    soci::statement statement;
    std::size_t parameters;
  };
  const bool read_only_;
  soci::session session_;
  std::map<std::string, Prepared, std::less<>> statements_;  // after the session: closed before it
  bool inside_ = false;
};

Result<std::unique_ptr<Database>> open_sqlite_database(const std::string& file, bool read_only) {
  if (file.empty() || file.front() != '/' || file.find('"') != std::string::npos)
    return fail(Errc::invalid_argument, "database URL: '" + file + "' is no absolute path without quotes");
  if (read_only && !std::filesystem::exists(file))
    return fail(Errc::not_found, "opening " + file + ": there is no such file");
  if (auto created = create_sqlite_file(file); !created) return fail(std::move(created.error()));
  try {
    auto db = std::make_unique<SqliteDatabase>(file, read_only);
    db->exec(kSqliteSetup, {});
    if (read_only) {
      db->exec("PRAGMA query_only=ON", {});
    } else if (const auto mode = db->query("PRAGMA journal_mode=WAL", {}).at(0).text(0); mode != "wal") {
      return fail(Errc::storage_failed,
                  "opening " + file + ": its file system allows no write-ahead log (mode " + mode + ")");
    }
    db->query("SELECT count(*) FROM sqlite_master", {});
    return db;
  } catch (const DatabaseError& e) {
    return fail(e.code, "opening " + file + ": " + e.what());
  } catch (const soci::soci_error& e) {
    return fail(Errc::storage_failed, "opening " + file + ": " + e.what());
  }
}

template <class Number>
Number number_from(const std::string& text, std::size_t column) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw DatabaseError(Errc::storage_failed,
                        "column " + std::to_string(column) + " is no number of its type: '" + text.substr(0, 40) + "'");
  return value;
}

}  // namespace

const std::string& SqlRow::text(std::size_t column) const {
  const auto& value = columns_.at(column);
  if (!value) throw DatabaseError(Errc::storage_failed, "column " + std::to_string(column) + " is NULL");
  return *value;
}

std::int64_t SqlRow::integer(std::size_t column) const { return number_from<std::int64_t>(text(column), column); }

double SqlRow::real(std::size_t column) const { return number_from<double>(text(column), column); }

Result<std::unique_ptr<Database>> Database::open(const std::string& url) {
  constexpr std::string_view scheme = "sqlite://", read_only = "?readonly";
  if (!url.starts_with(scheme))
    return fail(Errc::invalid_argument, "database URL '" + url + "': only sqlite:///absolute/path is known");
  std::string file = url.substr(scheme.size());
  const bool only_read = file.ends_with(read_only);
  if (only_read) file.resize(file.size() - read_only.size());
  return open_sqlite_database(file, only_read);
}

Result<void> Database::migrate(const std::vector<std::string>& steps, const std::string& stage) {
  for (bool more = true; more;) {
    auto done = transaction([&]() -> Result<void> {
      exec("CREATE TABLE IF NOT EXISTS schema_version (stage TEXT PRIMARY KEY, version BIGINT NOT NULL)");
      const auto rows = query("SELECT version FROM schema_version WHERE stage = :p1", {stage});
      const std::int64_t version = rows.empty() ? 0 : rows[0].integer(0),
                         known = static_cast<std::int64_t>(steps.size());
      if (version < 0 || version > known)
        return fail(Errc::unsupported, "schema '" + stage + "' has version " + std::to_string(version) +
                                           ", this program knows " + std::to_string(known) +
                                           ": use the newer program that wrote it");
      more = version < known;
      if (!more) return {};
      exec(steps[static_cast<std::size_t>(version)]);
      exec(
          "INSERT INTO schema_version (stage, version) VALUES (:p1, :p2) "
          "ON CONFLICT (stage) DO UPDATE SET version = excluded.version",
          {stage, version + 1});
      return {};
    });
    if (!done) return fail(std::move(done.error()).within("migrating the database"));
  }
  return {};
}

}  // namespace anlan
