#include "collector/people/session_rows.hpp"

#include "common/io/sql_rows.hpp"

namespace anlan::collector {
namespace {

SessionKind kind_from(const std::string& text) {
  for (const auto kind : {SessionKind::browser, SessionKind::program, SessionKind::client, SessionKind::task})
    if (to_string(kind) == text) return kind;
  throw DatabaseError(Errc::storage_corrupt, "records.db: login_session of kind " + text);
}

}  // namespace

void insert_session(Database& database, const SessionRow& row) {
  insert_row(database, "login_session",
             {{"id", sql(row.id)},
              {"kind", sql(to_string(row.kind))},
              {"holder", sql(row.holder)},
              {"token_hash", sql(row.token_hash)},
              {"previous_hash", sql(row.previous_hash)},
              {"csrf", sql(row.csrf)},
              {"hazard", sql(row.hazard)},
              {"actions", sql(row.actions)},
              {"created_ms", sql(row.created_at)},
              {"rotated_ms", sql(row.rotated_at)},
              {"expires_ms", sql(row.expires_at)}});
}

std::optional<SessionRow> find_session(Database& database, const std::string& token_hash) {
  const auto rows = database.query(
      "SELECT id, kind, holder, token_hash, previous_hash, csrf, hazard, actions, created_ms, rotated_ms, expires_ms "
      "FROM login_session WHERE token_hash = :p1 OR previous_hash = :p2 LIMIT 1",
      {token_hash, token_hash});
  if (rows.empty()) return std::nullopt;
  SqlReader in(rows.front());
  SessionRow row;
  row.id = in.text();
  row.kind = kind_from(in.text());
  row.holder = in.text();
  row.token_hash = in.text();
  row.previous_hash = in.text();
  row.csrf = in.text();
  row.hazard = in.text();
  row.actions = in.text();
  row.created_at = in.time();
  row.rotated_at = in.time();
  row.expires_at = in.time();
  return row;
}

bool rotate_session(Database& database, const std::string& id, const std::string& token_hash,
                    const std::string& new_hash, WallTime now) {
  return database.exec(
             "UPDATE login_session SET token_hash = :p1, previous_hash = :p2, rotated_ms = :p3 "
             "WHERE id = :p4 AND token_hash = :p5",
             {new_hash, token_hash, to_ms(now), id, token_hash}) > 0;
}

void end_session(Database& database, const std::string& id) {
  database.exec("DELETE FROM login_session WHERE id = :p1", {id});
}

void end_sessions_of(Database& database, const std::string& holder, const std::string& but) {
  database.exec("DELETE FROM login_session WHERE holder = :p1 AND id <> :p2", {holder, but});
}

void keep_newest_sessions(Database& database, const std::string& holder, int most, WallTime now) {
  database.exec("DELETE FROM login_session WHERE expires_ms <= :p1", {to_ms(now)});
  const auto older =
      database.query("SELECT id FROM login_session WHERE holder = :p1 ORDER BY created_ms DESC LIMIT 1000 OFFSET " +
                         std::to_string(most),
                     {holder});
  for (const SqlRow& row : older) end_session(database, row.text(0));
}

}  // namespace anlan::collector
