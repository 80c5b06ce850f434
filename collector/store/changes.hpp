// What changed in the records, in order: the event stream of the API (Server-Sent Events) replays it from a client's
// Last-Event-ID. A change is written in the transaction that makes it, so none is announced that did not happen, and
// none that happened is missed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

/// Migration steps of the table change.
const std::vector<std::string>& change_schema();

struct Change {
  std::int64_t seq = 0;  // grows by commits, never taken twice, not even after pruning; starts at 1
  WallTime at{};         // the centre's time
  std::string kind;      // "alert", "hazard", "edge", …
  std::string subject;   // its id
  std::string body;      // a JSON object as text
};

/// On the Database's worker; throw DatabaseError.
namespace changes {

inline constexpr int kMaxPage = 1000;

/// Inside the caller's transaction; returns its seq.
std::int64_t append(Database& database, WallTime now, const std::string& kind, const std::string& subject,
                    const std::string& body);

/// The first `limit` (1 to kMaxPage, otherwise invalid_argument) with a seq above `seq`.
std::vector<Change> after(Database& database, std::int64_t seq, int limit);

/// Seq of the newest change ever written, pruned or not; 0 where there was none.
std::int64_t newest(Database& database);

/// Seq of the newest change that has been pruned; 0 for none. A client that last saw something older has missed changes
/// and must read the lists anew.
std::int64_t pruned(Database& database);

/// Forgets what is older than `before`, of the `most` oldest. Returns how many: fewer than `most` where no more are
/// due. Inside the caller's transaction.
std::int64_t prune(Database& database, WallTime before, int most);

}  // namespace changes
}  // namespace anlan::collector
