// Where sites belong: district, grid, company. Rights are drawn from it (reach.hpp). Functions run inside a transaction
// (or a read) and throw DatabaseError.
#pragma once

#include <string>
#include <vector>

#include "collector/people/people_journal.hpp"
#include "collector/people/reach.hpp"
#include "common/base/result.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

struct PlaceRow {
  std::string site;
  std::int64_t version = 0;
  SitePlace place;
};

class PlaceDesk {
 public:
  explicit PlaceDesk(PeopleJournal journal) : journal_(std::move(journal)) {}

  static Places all(Database& database);
  /// In order of site, after `after`; of `reach` only.
  static std::vector<PlaceRow> list(Database& database, const Reach& reach, const std::string& after, int limit);
  /// Version 0 and an empty place where nobody has said anything.
  static PlaceRow get(Database& database, const std::string& site);

  /// Errors: conflict (changed since), invalid_argument (a name that is too long).
  Result<PlaceRow> put(Database& database, PlaceRow row, const Actor& actor, WallTime now);

 private:
  PeopleJournal journal_;
};

}  // namespace anlan::collector
