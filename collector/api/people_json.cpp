#include "collector/api/people_json.hpp"

#include <boost/json/array.hpp>

namespace anlan::collector {
namespace {

namespace json = boost::json;

json::value or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

std::string_view kind_text(Subject::Kind kind) {
  constexpr std::string_view names[] = {"open", "person", "client", "inspector"};
  return names[static_cast<std::size_t>(kind)];
}

/// What the table gives to this capacity; of a client, what its token holds of it.
json::array may_json(const Subject& subject) {
  json::array may;
  for (const Permission& row : kPermissions) {
    const Scope scope = row.scopes[static_cast<std::size_t>(subject.capacity)];
    const bool open = subject.kind == Subject::Kind::open;
    const bool held = subject.kind != Subject::Kind::client || scope != Scope::granted ||
                      std::ranges::find(subject.actions, row.action) != subject.actions.end();
    if (open || (scope != Scope::none && held))
      may.push_back(json::object{{"action", row.action}, {"scope", to_string(open ? Scope::all : scope)}});
  }
  return may;
}

}  // namespace

json::object to_json(const Person& person) {
  const Territory& where = person.is.territory;
  return {{"id", person.id.hex()},
          {"version", person.version},
          {"name", person.is.name},
          {"staff_number", or_null(person.is.staff_number)},
          {"role", to_string(person.is.role)},
          {"duty", to_string(person.is.duty)},
          {"district", or_null(where.district)},
          {"grid", or_null(where.grid)},
          {"company", or_null(where.company)},
          {"state", to_string(person.state)},
          {"second_factor", person.second_factor},
          {"created_at", to_rfc3339(person.created_at)},
          {"changed_at", to_rfc3339(person.changed_at)}};
}

json::object to_json(const Client& client) {
  return {{"id", client.id.hex()},
          {"version", client.version},
          {"name", client.name},
          {"actions", json::array(client.actions.begin(), client.actions.end())},
          {"district", or_null(client.territory.district)},
          {"grid", or_null(client.territory.grid)},
          {"company", or_null(client.territory.company)},
          {"whole", client.territory.whole},
          {"per_minute", client.per_minute},
          {"off", client.off},
          {"created_at", to_rfc3339(client.created_at)}};
}

json::object to_json(const PlaceRow& row) {
  return {{"site", row.site},
          {"version", row.version},
          {"district", or_null(row.place.district)},
          {"grid", or_null(row.place.grid)},
          {"company", or_null(row.place.company)}};
}

json::object me_json(const Subject& subject, const std::optional<SessionRow>& session) {
  const bool open = subject.kind == Subject::Kind::open;
  json::object body{
      {"kind", kind_text(subject.kind)},
      {"id", open ? json::value(nullptr) : json::value(subject.id)},
      {"name", or_null(subject.name)},
      {"role", subject.kind == Subject::Kind::person ? json::value(to_string(subject.role)) : json::value(nullptr)},
      {"capacity", open ? json::value(nullptr) : json::value(to_string(subject.capacity))},
      {"district", or_null(subject.territory.district)},
      {"grid", or_null(subject.territory.grid)},
      {"company", or_null(subject.territory.company)},
      {"hazard", or_null(subject.hazard)},
      {"csrf", session ? or_null(session->csrf) : json::value(nullptr)},
      {"expires", session ? json::value(to_rfc3339(session->expires_at)) : json::value(nullptr)}};
  body["may"] = may_json(subject);
  return body;
}

json::object permissions_json() {
  json::array rows, columns;
  for (const Capacity capacity : kCapacities) columns.push_back(json::string(to_string(capacity)));
  for (const Permission& row : kPermissions) {
    json::object scopes;
    for (const Capacity capacity : kCapacities)
      scopes[to_string(capacity)] = to_string(row.scopes[static_cast<std::size_t>(capacity)]);
    json::object one{{"action", row.action}, {"what", row.what}};
    one["scopes"] = std::move(scopes);
    rows.push_back(std::move(one));
  }
  json::object body;
  body["columns"] = std::move(columns);
  body["items"] = std::move(rows);
  return body;
}

}  // namespace anlan::collector
