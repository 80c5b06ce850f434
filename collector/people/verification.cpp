#include "collector/people/verification.hpp"

#include "collector/people/one_time_code.hpp"
#include "collector/people/people_desk.hpp"
#include "collector/people/person_rows.hpp"
#include "collector/people/secrets.hpp"
#include "collector/people/session_rows.hpp"
#include "common/io/http_target.hpp"
#include "common/io/random.hpp"

namespace anlan::collector {
namespace {

/// Whoever has this number and showed a fresh code.
std::optional<PersonRow> verified(Database& database, const Verification& given, WallTime now) {
  auto row = find_person_by(database, "staff_number", given.staff_number);
  if (!row || row->person.state != PersonState::active || !row->person.second_factor) return std::nullopt;
  const auto step = matching_step(row->secrets.code_seed, given.code, now, row->secrets.code_step);
  if (!step) return std::nullopt;
  row->secrets.code_step = *step;
  update_person(database, *row);
  return row;
}

}  // namespace

Result<void> verify_downgrade(Database& database, const Subject& who, const Verification& given, WallTime now) {
  const auto row = verified(database, given, now);
  if (row && row->person.id.hex() == who.id) return {};
  return fail(Errc::refused, "the second verification failed: this is not your staff number with a fresh code");
}

Result<std::string> appoint_inspector(Database& database, const PeopleJournal& journal, const std::string& hazard,
                                      const std::string& inspector, const Actor& by, WallTime now, Millis lasts) {
  if (person_key(inspector).empty() || inspector.size() > 100 || !plain_text(inspector))
    return fail(Errc::invalid_argument, "inspector is missing, longer than 100 bytes or no plain text");
  if (name_taken(database, inspector))
    return fail(Errc::refused,
                "the name " + inspector + " is an account's; name the inspector with their organisation");
  database.exec("DELETE FROM login_session WHERE kind = 'task' AND hazard = :p1", {hazard});
  std::string token = random_token();
  SessionRow row;
  row.id = random_id<PersonId>().hex();
  row.kind = SessionKind::task;
  row.holder = inspector;
  row.token_hash = fingerprint(token);
  row.hazard = hazard;
  row.created_at = row.rotated_at = now;
  row.expires_at = now + lasts;
  insert_session(database, row);
  journal(database, {"inspector.appointed", "hazard/" + hazard, by, inspector, now});
  return token;
}

}  // namespace anlan::collector
