#include "collector/people/person_rows.hpp"

namespace anlan::collector {
namespace {

constexpr const char* kColumns =
    "SELECT id, number, version, name, staff_number, role, duty, district, grid, company, state, password_hash, "
    "invitation_hash, invitation_until_ms, code_seed, pending_seed, code_step, created_ms, changed_ms FROM person";

template <class T>
T known(std::optional<T> value, const std::string& text) {
  if (!value) throw DatabaseError(Errc::storage_corrupt, "records.db: person with " + text);
  return *value;
}

PersonRow read(const SqlRow& row) {
  SqlReader in(row);
  PersonRow out;
  Person& person = out.person;
  person.id = in.id<PersonId>();
  person.number = in.integer();
  person.version = in.integer();
  person.is.name = in.text();
  person.is.staff_number = in.maybe_text().value_or("");
  const std::string &role = in.text(), &duty = in.text();
  person.is.role = known(role_from(role), role);
  person.is.duty = known(duty_from(duty), duty);
  person.is.territory.district = in.text();
  person.is.territory.grid = in.text();
  person.is.territory.company = in.text();
  const std::string& state = in.text();
  person.state = known(person_state_from(state), state);
  out.secrets.password_hash = in.text();
  out.secrets.invitation_hash = in.text();
  out.secrets.invitation_until = in.time();
  out.secrets.code_seed = in.text();
  out.secrets.pending_seed = in.text();
  out.secrets.code_step = in.integer();
  person.created_at = in.time();
  person.changed_at = in.time();
  person.second_factor = !out.secrets.code_seed.empty();
  return out;
}

std::vector<SqlField> changing_fields(const PersonRow& row) {
  const PersonWish& is = row.person.is;
  const PersonSecrets& secrets = row.secrets;
  return {{"version", sql(row.person.version)},
          {"staff_number", is.staff_number.empty() ? SqlValue(nullptr) : sql(is.staff_number)},
          {"role", sql(to_string(is.role))},
          {"duty", sql(to_string(is.duty))},
          {"district", sql(is.territory.district)},
          {"grid", sql(is.territory.grid)},
          {"company", sql(is.territory.company)},
          {"state", sql(to_string(row.person.state))},
          {"password_hash", sql(secrets.password_hash)},
          {"invitation_hash", sql(secrets.invitation_hash)},
          {"invitation_until_ms", sql(secrets.invitation_until)},
          {"code_seed", sql(secrets.code_seed)},
          {"pending_seed", sql(secrets.pending_seed)},
          {"code_step", sql(secrets.code_step)},
          {"changed_ms", sql(row.person.changed_at)}};
}

std::optional<PersonRow> only(Database& database, std::string_view condition, std::string value) {
  SqlWhere where;
  where.add(condition, {std::move(value)});
  auto rows = select_people(database, where, 1);
  return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

}  // namespace

std::vector<PersonRow> select_people(Database& database, const SqlWhere& where, int limit) {
  std::vector<PersonRow> people;
  for (const SqlRow& row :
       database.query(kColumns + where.text() + " ORDER BY number LIMIT " + std::to_string(limit), where.values()))
    people.push_back(read(row));
  return people;
}

std::optional<PersonRow> find_person(Database& database, const PersonId& id) {
  return only(database, "id = ?", id.hex());
}

std::optional<PersonRow> find_person_by(Database& database, std::string_view column, const std::string& value) {
  if (value.empty()) return std::nullopt;
  return only(database, std::string(column) + " = ?", value);
}

void insert_person(Database& database, const PersonRow& row) {
  auto fields = changing_fields(row);
  fields.push_back({"id", sql(row.person.id.hex())});
  fields.push_back({"number", sql(row.person.number)});
  fields.push_back({"name", sql(row.person.is.name)});
  fields.push_back({"name_key", sql(person_key(row.person.is.name))});
  fields.push_back({"created_ms", sql(row.person.created_at)});
  insert_row(database, "person", std::move(fields));
}

void update_person(Database& database, const PersonRow& row) {
  update_row(database, "person", {"id", sql(row.person.id.hex())}, changing_fields(row));
}

std::int64_t count_people(Database& database) { return database.query("SELECT COUNT(*) FROM person").at(0).integer(0); }

std::int64_t count_other_administrators(Database& database, const PersonId& but) {
  return database.query("SELECT COUNT(*) FROM person WHERE role = 'SA' AND state = 'active' AND id <> :p1", {but.hex()})
      .at(0)
      .integer(0);
}

void set_recovery_codes(Database& database, const PersonId& id, const std::vector<std::string>& hashes) {
  database.exec("DELETE FROM recovery_code WHERE person = :p1", {id.hex()});
  for (const std::string& hash : hashes)
    insert_row(database, "recovery_code", {{"person", sql(id.hex())}, {"code_hash", sql(hash)}});
}

bool take_recovery_code(Database& database, const PersonId& id, const std::string& hash) {
  return database.exec("DELETE FROM recovery_code WHERE person = :p1 AND code_hash = :p2", {id.hex(), hash}) > 0;
}

bool knows_address(Database& database, const PersonId& id, const std::string& address) {
  return !database.query("SELECT seen_ms FROM known_address WHERE person = :p1 AND address = :p2", {id.hex(), address})
              .empty();
}

void note_address(Database& database, const PersonId& id, const std::string& address, WallTime now) {
  database.exec("DELETE FROM known_address WHERE person = :p1 AND (address = :p2 OR seen_ms < :p3)",
                {id.hex(), address, to_ms(now - std::chrono::days{90})});
  insert_row(database, "known_address", {{"person", sql(id.hex())}, {"address", sql(address)}, {"seen_ms", sql(now)}});
}

}  // namespace anlan::collector
