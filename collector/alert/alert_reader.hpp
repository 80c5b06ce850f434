// Lists and single alerts for the API. Reads only: give it the reading connection (store/records.hpp), so that a list
// never waits behind a commit. Throws DatabaseError; on the Database's worker.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/alert/alert.hpp"
#include "collector/alert/page.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {

struct AlertFilter {
  std::vector<AlertState> states{};  // empty: all
  Level at_least = Level::none;
  std::string site{}, edge{};                // empty: all
  std::string source_prefix{};               // "site/device"
  std::optional<WallTime> since{}, until{};  // raised_at in [since, until)
  int limit = 100;                           // 1 to kMaxPage
  std::string cursor{};                      // Page::next of the page before
  SqlCondition only{};                       // for those who may not see all
};

struct AlertCounts {
  std::array<std::int64_t, 1 + kLevels.size()> active{};  // by level; one for each (source, rule), as in the list
  std::int64_t unacknowledged = 0;                        // those that are over included
};

class AlertReader {
 public:
  explicit AlertReader(Database& database) : database_(database) {}

  /// Newest first. One row per (source, rule) that is not over: where two alert ids are, the leading one stands for
  /// both (Alert::episodes). Errors: invalid_argument (limit, cursor).
  Result<Page<Alert>> list(const AlertFilter& filter) const;

  /// Errors: not_found.
  Result<AlertDetails> get(const AlertId& id) const;

  AlertCounts counts() const;

  /// Edges with a live edge-silent alert: their points are stale, not safe.
  std::vector<std::string> silent_edges() const;

 private:
  Database& database_;
};

}  // namespace anlan::collector
