#include "collector/people/people_desk.hpp"

#include "collector/people/person_rows.hpp"
#include "collector/people/secrets.hpp"
#include "collector/people/session_rows.hpp"
#include "common/io/http_target.hpp"
#include "common/io/random.hpp"

namespace anlan::collector {
namespace {

constexpr std::size_t kLongestName = 100;

std::string tidy(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  return first == text.npos ? std::string() : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

PersonWish tidied(PersonWish wish) {
  wish.name = tidy(wish.name);
  wish.staff_number = tidy(wish.staff_number);
  return wish;
}

std::string described(const PersonWish& wish) {
  std::string text = wish.name + ", " + std::string(to_string(wish.role));
  if (wish.duty != Duty::none) text += " " + std::string(to_string(wish.duty));
  for (const std::string* part : {&wish.territory.district, &wish.territory.grid, &wish.territory.company})
    if (!part->empty()) text += ", " + *part;
  return text;
}

/// Of another than `id`.
Result<void> staff_number_free(Database& database, const std::string& staff_number, const PersonId& id) {
  const auto holder = find_person_by(database, "staff_number", staff_number);
  if (!holder || holder->person.id == id) return {};
  return fail(Errc::refused, "staff number " + staff_number + " is another person's");
}

Result<PersonRow> seen_in(Database& database, const PersonId& id, std::int64_t version) {
  auto row = find_person(database, id);
  if (!row) return fail(Errc::not_found, "there is no person of this id");
  if (row->person.version != version)
    return fail(Errc::conflict, "this person was changed meanwhile: version " + std::to_string(row->person.version));
  return std::move(*row);
}

/// Nobody shuts the door behind themselves, nor takes away the last key.
Result<void> may_lose_access(Database& database, const PersonRow& row, const Actor& actor) {
  if (person_key(row.person.is.name) == person_key(actor.name))
    return fail(Errc::refused, "nobody changes their own role, place or account; ask another administrator");
  if (row.person.is.role == Role::SA && row.person.state == PersonState::active &&
      count_other_administrators(database, row.person.id) == 0)
    return fail(Errc::refused, "this is the last administrator who can log in");
  return {};
}

std::string open_invitation(PersonRow& row, WallTime now) {
  std::string invitation = random_token();
  row.secrets = {};
  row.secrets.invitation_hash = fingerprint(invitation);
  row.secrets.invitation_until = now + kInvitationLasts;
  row.person.state = PersonState::invited;
  row.person.second_factor = false;
  return invitation;
}

}  // namespace

bool name_taken(Database& database, const std::string& name) {
  const std::string key = person_key(name);
  return find_person_by(database, "name_key", key) || key == person_key(system_actor().name) ||
         !database.query("SELECT id FROM api_client WHERE name_key = :p1", {key}).empty();
}

std::string wish_fault(const PersonWish& wish) {
  if (person_key(wish.name).empty()) return "name is missing";
  if (wish.name.size() > kLongestName || !plain_text(wish.name))
    return "name is longer than 100 bytes or no plain text";
  if (wish.staff_number.size() > 40 || !plain_text(wish.staff_number)) return "staff_number is longer than 40 bytes";
  if (wish.role == Role::SYS || person_key(wish.name) == person_key(system_actor().name))
    return "is the system itself: choose another name and role";
  if (wish.duty == Duty::grid_officer && wish.role != Role::DA) return "duty grid-officer goes with role DA only";
  if (wish.duty == Duty::rectifier && wish.role != Role::EP) return "duty rectifier goes with role EP only";
  const bool needs_district = wish.role == Role::DA, needs_grid = wish.duty == Duty::grid_officer,
             needs_company = wish.role == Role::EP || wish.role == Role::EM;
  const auto fault = [](const char* part, const std::string& value, bool needed) -> std::string {
    if (value.size() > 100 || !plain_text(value)) return std::string(part) + " is longer than 100 bytes";
    if (value.empty() == needed)
      return std::string(part) + (needed ? " is missing for this role" : " does not go with this role");
    return {};
  };
  std::string found = fault("district", wish.territory.district, needs_district);
  if (found.empty()) found = fault("grid", wish.territory.grid, needs_grid);
  if (found.empty()) found = fault("company", wish.territory.company, needs_company);
  return found;
}

Result<Person> PeopleDesk::first_administrator(Database& database, PersonWish wish, std::string password_hash,
                                               WallTime now) {
  wish = tidied(std::move(wish));
  wish.role = Role::SA;
  if (const std::string fault = wish_fault(wish); !fault.empty()) return fail(Errc::invalid_argument, fault);
  if (count_people(database) > 0)
    return fail(Errc::refused, "there are accounts already: an administrator creates more (anlanctl users create)");
  PersonRow row;
  row.person = {random_id<PersonId>(), 1, 1, wish, PersonState::active, false, now, now};
  row.secrets.password_hash = std::move(password_hash);
  insert_person(database, row);
  journal_(database,
           {"person.created", "person/" + row.person.id.hex(), system_actor(), described(wish) + " (init-admin)", now});
  return row.person;
}

Result<Invited> PeopleDesk::create(Database& database, PersonWish wish, const Actor& actor, WallTime now) {
  wish = tidied(std::move(wish));
  if (const std::string fault = wish_fault(wish); !fault.empty()) return fail(Errc::invalid_argument, fault);
  if (name_taken(database, wish.name))
    return fail(Errc::refused, "the name " + wish.name + " is taken; choose one that says who it is");
  PersonRow row;
  row.person = {random_id<PersonId>(), next_number(database, "person"), 1, wish, PersonState::invited, false, now, now};
  if (auto free = staff_number_free(database, wish.staff_number, row.person.id); !free) return fail(free.error());
  std::string invitation = open_invitation(row, now);
  insert_person(database, row);
  journal_(database, {"person.created", "person/" + row.person.id.hex(), actor, described(wish), now});
  return Invited{row.person, std::move(invitation)};
}

Result<Person> PeopleDesk::change(Database& database, const PersonId& id, const PersonChange& change,
                                  std::int64_t version, const Actor& actor, WallTime now) {
  auto row = seen_in(database, id, version);
  if (!row) return fail(row.error());
  const PersonWish before = row->person.is;
  const PersonState state_before = row->person.state;
  PersonWish& is = row->person.is;
  if (change.staff_number) is.staff_number = tidy(*change.staff_number);
  if (change.role) is.role = *change.role;
  if (change.duty) is.duty = *change.duty;
  if (change.territory) is.territory = *change.territory;
  if (change.off && *change.off) row->person.state = PersonState::off;
  if (change.off && !*change.off && row->person.state == PersonState::off)
    row->person.state = row->secrets.password_hash.empty() ? PersonState::invited : PersonState::active;
  if (const std::string fault = wish_fault(is); !fault.empty()) return fail(Errc::invalid_argument, fault);
  if (auto free = staff_number_free(database, is.staff_number, id); !free) return fail(free.error());
  const bool other_rights = before.role != is.role || before.duty != is.duty || before.territory != is.territory ||
                            state_before != row->person.state;
  if (other_rights) {
    PersonRow was = *row;
    was.person.is = before;
    was.person.state = state_before;
    if (auto may = may_lose_access(database, was, actor); !may) return fail(may.error());
    end_sessions_of(database, id.hex());
  }
  ++row->person.version;
  row->person.changed_at = now;
  update_person(database, *row);
  journal_(database,
           {"person.changed", "person/" + id.hex(), actor,
            described(before) + " -> " + described(is) + ", " + std::string(to_string(row->person.state)), now});
  return row->person;
}

Result<Invited> PeopleDesk::invite_again(Database& database, const PersonId& id, std::int64_t version,
                                         const Actor& actor, WallTime now) {
  auto row = seen_in(database, id, version);
  if (!row) return fail(row.error());
  if (row->person.state == PersonState::off) return fail(Errc::refused, "this account is off; switch it on first");
  if (auto may = may_lose_access(database, *row, actor); !may) return fail(may.error());
  std::string invitation = open_invitation(*row, now);
  set_recovery_codes(database, id, {});
  end_sessions_of(database, id.hex());
  ++row->person.version;
  row->person.changed_at = now;
  update_person(database, *row);
  journal_(database, {"person.invited", "person/" + id.hex(), actor, described(row->person.is), now});
  return Invited{row->person, std::move(invitation)};
}

std::vector<Person> PeopleDesk::list(Database& database, const PersonFilter& filter) {
  SqlWhere where;
  where.add("number > ?", {sql(filter.after)});
  if (!filter.text.empty()) {
    const auto like = sql("%" + like_escape(filter.text) + "%");
    where.add("(name LIKE ? ESCAPE '\\' OR staff_number LIKE ? ESCAPE '\\')", {like, like});
  }
  std::vector<Person> people;
  for (PersonRow& row : select_people(database, where, filter.limit)) people.push_back(std::move(row.person));
  return people;
}

Result<Person> PeopleDesk::get(Database& database, const PersonId& id) {
  auto row = find_person(database, id);
  if (!row) return fail(Errc::not_found, "there is no person of this id");
  return std::move(row->person);
}

}  // namespace anlan::collector
