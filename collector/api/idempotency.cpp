#include "collector/api/idempotency.hpp"

namespace anlan::collector {

const std::vector<std::string>& idempotency_schema() {
  static const std::vector<std::string> steps{
      "CREATE TABLE idempotency (idempotency_key TEXT PRIMARY KEY, request_hash TEXT NOT NULL, status BIGINT NOT NULL, "
      "etag TEXT NOT NULL, location TEXT NOT NULL, body TEXT NOT NULL, at_ms BIGINT NOT NULL); "
      "CREATE INDEX idempotency_at ON idempotency (at_ms)"};
  return steps;
}

std::expected<std::optional<KeptAnswer>, Problem> find_answer(Database& database, const std::string& key,
                                                              const std::string& request_hash) {
  const auto rows = database.query(
      "SELECT request_hash, status, etag, location, body FROM idempotency WHERE idempotency_key = :p1", {key});
  if (rows.empty()) return std::nullopt;
  const SqlRow& row = rows.front();
  if (row.text(0) != request_hash)
    return std::unexpected(
        Problem{422, "idempotency-key-reused", "this Idempotency-Key was used for another request; send a fresh one"});
  return KeptAnswer{static_cast<int>(row.integer(1)), row.text(2), row.text(3), row.text(4)};
}

void keep_answer(Database& database, const std::string& key, const std::string& request_hash, const KeptAnswer& answer,
                 WallTime now) {
  database.exec("DELETE FROM idempotency WHERE at_ms < :p1", {to_ms(now - kKeepAnswers)});
  database.exec(
      "INSERT INTO idempotency (idempotency_key, request_hash, status, etag, location, body, at_ms) "
      "VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7)",
      {key, request_hash, std::int64_t{answer.status}, answer.etag, answer.location, answer.body, to_ms(now)});
}

}  // namespace anlan::collector
