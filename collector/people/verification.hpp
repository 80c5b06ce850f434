// The second verification before a grade is lowered (rows 150, 156): staff number and one-time code of the one who
// acts. Inside the transaction of the act, so that a code is used up with it. And the token of an inspector.
#pragma once

#include <string>

#include "collector/people/people_journal.hpp"
#include "collector/people/subject.hpp"
#include "common/base/result.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

struct Verification {
  std::string staff_number, code;
};

/// Throws DatabaseError. Errors: refused (somebody else's number, a code that is wrong, old or was used, an account
/// without codes); it never says which.
Result<void> verify_downgrade(Database& database, const Subject& who, const Verification& given, WallTime now);

/// An inspector's token for one hazard, instead of an earlier one; shown once. Throws DatabaseError. Errors:
/// invalid_argument (the name), refused (an account's or a program's name: its acts would look like theirs).
Result<std::string> appoint_inspector(Database& database, const PeopleJournal& journal, const std::string& hazard,
                                      const std::string& inspector, const Actor& by, WallTime now, Millis lasts);

}  // namespace anlan::collector
