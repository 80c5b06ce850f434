// The table person, and what hangs on it. Functions run inside a transaction (or a read) of the caller and throw
// DatabaseError. Internal to collector/people.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/people/person.hpp"
#include "common/io/database.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {

struct PersonRow {
  Person person;
  PersonSecrets secrets;
};

/// In order of number.
std::vector<PersonRow> select_people(Database& database, const SqlWhere& where, int limit);
std::optional<PersonRow> find_person(Database& database, const PersonId& id);
/// `column`: name_key, staff_number or invitation_hash.
std::optional<PersonRow> find_person_by(Database& database, std::string_view column, const std::string& value);

void insert_person(Database& database, const PersonRow& row);
/// Everything but id, number, name and creation; as `row` says it, its version included.
void update_person(Database& database, const PersonRow& row);

std::int64_t count_people(Database& database);
/// Administrators who can log in, beside `but`.
std::int64_t count_other_administrators(Database& database, const PersonId& but);

void set_recovery_codes(Database& database, const PersonId& id, const std::vector<std::string>& hashes);
/// True where it was one of those, which it no longer is.
bool take_recovery_code(Database& database, const PersonId& id, const std::string& hash);

/// From there this person has logged in before. Addresses unseen for 90 days are forgotten.
bool knows_address(Database& database, const PersonId& id, const std::string& address);
void note_address(Database& database, const PersonId& id, const std::string& address, WallTime now);

}  // namespace anlan::collector
