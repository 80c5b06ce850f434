#include "collector/store/changes.hpp"

namespace anlan::collector {

const std::vector<std::string>& change_schema() {
  static const std::vector<std::string> steps{
      "CREATE TABLE change (seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms BIGINT NOT NULL, kind TEXT NOT NULL, "
      "subject TEXT NOT NULL, body TEXT NOT NULL); "
      "CREATE TABLE change_pruned (one INTEGER PRIMARY KEY CHECK (one = 1), seq BIGINT NOT NULL); "
      "INSERT INTO change_pruned (one, seq) VALUES (1, 0)"};
  return steps;
}

namespace changes {

std::int64_t append(Database& database, WallTime now, const std::string& kind, const std::string& subject,
                    const std::string& body) {
  return database
      .query("INSERT INTO change (at_ms, kind, subject, body) VALUES (:p1, :p2, :p3, :p4) RETURNING seq",
             {to_ms(now), kind, subject, body})
      .at(0)
      .integer(0);
}

std::vector<Change> after(Database& database, std::int64_t seq, int limit) {
  if (limit < 1 || limit > kMaxPage)
    throw DatabaseError(Errc::invalid_argument,
                        "limit " + std::to_string(limit) + " is not between 1 and " + std::to_string(kMaxPage));
  std::vector<Change> found;
  for (const SqlRow& row :
       database.query("SELECT seq, at_ms, kind, subject, body FROM change WHERE seq > :p1 ORDER BY seq LIMIT :p2",
                      {seq, std::int64_t{limit}}))
    found.push_back({row.integer(0), wall_from_ms(row.integer(1)), row.text(2), row.text(3), row.text(4)});
  return found;
}

std::int64_t newest(Database& database) {
  const auto rows = database.query("SELECT seq FROM change ORDER BY seq DESC LIMIT 1");
  return rows.empty() ? pruned(database) : rows[0].integer(0);
}

std::int64_t pruned(Database& database) { return database.query("SELECT seq FROM change_pruned").at(0).integer(0); }

std::int64_t prune(Database& database, WallTime before, int most) {
  // By sequence up to the newest of the old ones: a clock that was set back must not leave holes in the middle.
  const auto last = database.query(
      "SELECT max(seq) FROM (SELECT seq, at_ms FROM change ORDER BY seq LIMIT :p1) AS oldest WHERE at_ms < :p2",
      {std::int64_t{most}, to_ms(before)});
  if (last.at(0).null(0)) return 0;
  database.exec("UPDATE change_pruned SET seq = :p1", {last[0].integer(0)});
  return database.exec("DELETE FROM change WHERE seq <= :p1", {last[0].integer(0)});
}

}  // namespace changes
}  // namespace anlan::collector
