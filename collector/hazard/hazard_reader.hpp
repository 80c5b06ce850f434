// Lists and single hazards for the API. Reads only: give it the reading connection (store/records.hpp). Throws
// DatabaseError; on the Database's worker.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/alert/page.hpp"
#include "collector/hazard/hazard.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {

struct HazardFilter {
  std::vector<HazardState> states{};  // empty: all
  std::string site{}, asset{};
  std::optional<bool> overdue{};  // as of `now` given to list()
  std::string text{};             // part of title, description, location, asset or id
  int limit = 100;                // 1 to kMaxPage
  std::string cursor{};
  SqlCondition only{};  // for those who may not see all
};

struct HazardCounts {
  std::array<std::int64_t, kHazardStates.size()> open{};  // by state; 0 for those that are not open
  std::int64_t overdue = 0;
};

class HazardReader {
 public:
  explicit HazardReader(Database& database) : database_(database) {}

  /// Newest first. Errors: invalid_argument (limit, cursor).
  Result<Page<Hazard>> list(const HazardFilter& filter, WallTime now) const;

  HazardCounts counts(WallTime now) const;

  /// Errors: not_found.
  Result<HazardDetails> get(const HazardId& id) const;

 private:
  Database& database_;
};

}  // namespace anlan::collector
