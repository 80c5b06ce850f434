// The second verification before a grade is lowered (rows 150, 156): staff number and one-time code of the one who
// acts, and for red or major of a second person too. Inside the transaction of the act, so that a code is used up with
// it.
#pragma once

#include <optional>
#include <string>

#include "collector/people/people_journal.hpp"
#include "collector/people/subject.hpp"
#include "common/base/result.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

struct Verification {
  std::string staff_number, code;
};

/// The second person's name; empty where none was needed nor given. `both`: red or major. Throws DatabaseError.
/// Errors: refused (whose code it is not, a code that was used, a second person who may not lower this site's grades,
/// who is the same, or who is missing). They never say which of number and code was wrong.
Result<std::string> verify_downgrade(Database& database, const Subject& who, const Verification& own,
                                     const std::optional<Verification>& second, bool both, const std::string& site,
                                     const Places& places, WallTime now);

/// An inspector's token for one hazard, instead of an earlier one; shown once. Throws DatabaseError. Errors:
/// invalid_argument (the name), refused (an account's or a program's name: its acts would look like theirs).
Result<std::string> appoint_inspector(Database& database, const PeopleJournal& journal, const std::string& hazard,
                                      const std::string& inspector, const Actor& by, WallTime now, Millis lasts);

}  // namespace anlan::collector
