// What administrators do with accounts. Each act runs inside a transaction of the records' writer, on its worker, and
// may throw DatabaseError. Secrets that it makes are in its answer only: what is stored are their fingerprints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/people/people_journal.hpp"
#include "collector/people/person.hpp"
#include "common/base/result.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

inline constexpr Millis kInvitationLasts{std::chrono::hours{72}};

/// A person, and what lets them choose a password, once, within kInvitationLasts.
struct Invited {
  Person person;
  std::string invitation;
};

/// What may change of a person; nullopt: stays.
struct PersonChange {
  std::optional<std::string> staff_number;
  std::optional<Role> role;
  std::optional<Duty> duty;
  std::optional<Territory> territory;
  std::optional<bool> off;
};

struct PersonFilter {
  std::string text;  // part of name or staff number; empty: all
  std::int64_t after = 0;
  int limit = 100;
};

class PeopleDesk {
 public:
  explicit PeopleDesk(PeopleJournal journal) : journal_(std::move(journal)) {}

  /// Only where there is no account at all. `password_hash`: made before (secrets.hpp). Errors: refused (there is one),
  /// invalid_argument.
  Result<Person> first_administrator(Database& database, PersonWish wish, std::string password_hash, WallTime now);

  /// Errors: invalid_argument (what is wrong with the wish), refused (name or staff number is taken).
  Result<Invited> create(Database& database, PersonWish wish, const Actor& actor, WallTime now);

  /// Ends the person's sessions where role, duty, territory or state change. Errors: not_found, conflict (changed
  /// since), invalid_argument, refused (staff number taken; oneself; the last administrator).
  Result<Person> change(Database& database, const PersonId& id, const PersonChange& change, std::int64_t version,
                        const Actor& actor, WallTime now);

  /// Password, second factor and sessions are gone; a new invitation takes their place. Errors: as change().
  Result<Invited> invite_again(Database& database, const PersonId& id, std::int64_t version, const Actor& actor,
                               WallTime now);

  // Reads.
  static std::vector<Person> list(Database& database, const PersonFilter& filter);
  static Result<Person> get(Database& database, const PersonId& id);

 private:
  PeopleJournal journal_;
};

/// Whether a person or a program has this name: it stands in the history as the author of acts.
bool name_taken(Database& database, const std::string& name);

/// What is wrong with a name, role, duty and territory that are to go together; "" where nothing is.
std::string wish_fault(const PersonWish& wish);

}  // namespace anlan::collector
