// Calls that change something are done once, however often they arrive: the answer of the first is kept under its
// Idempotency-Key in the same transaction as the change.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "common/io/database.hpp"
#include "common/io/problem.hpp"

namespace anlan::collector {

/// Migration steps of the table idempotency.
const std::vector<std::string>& idempotency_schema();

/// How long an answer is kept. Whoever tries again later is told by If-Match, or does it again.
inline constexpr Millis kKeepAnswers{std::chrono::days{7}};

struct KeptAnswer {
  int status = 200;
  std::string etag, location, body;  // location may be empty
};

/// The answer of an earlier call with this key; nullopt where there was none. Throws DatabaseError.
/// Errors: 422 idempotency-key-reused (the earlier request was another one).
std::expected<std::optional<KeptAnswer>, Problem> find_answer(Database& database, const std::string& key,
                                                              const std::string& request_hash);

/// Inside the transaction of the change. Forgets what is older than kKeepAnswers. Throws DatabaseError.
void keep_answer(Database& database, const std::string& key, const std::string& request_hash, const KeptAnswer& answer,
                 WallTime now);

}  // namespace anlan::collector
