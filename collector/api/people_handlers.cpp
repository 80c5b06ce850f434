// Accounts, as administrators see and change them; the table of rights.
#include <charconv>
#include <memory>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "collector/api/handlers.hpp"
#include "collector/api/people_change.hpp"
#include "collector/api/people_json.hpp"
#include "collector/people/people_desk.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr int kMostPeople = 500;

KeptAnswer answer_of(const Person& person, int status) {
  return {status, etag_of(person.version), status == 201 ? "/api/v1/people/" + person.id.hex() : "",
          json::serialize(to_json(person))};
}

std::optional<Role> read_role(JsonFields& fields, bool needed) {
  const std::string word = fields.text("role", needed ? 1 : 0, 10);
  if (word.empty()) return std::nullopt;
  const auto role = role_from(word);
  if (!role || *role == Role::SYS) fields.wrong("role", "is none; right would be one of SA, CR, DA, EP, EM");
  return role;
}

std::optional<Duty> read_duty(JsonFields& fields) {
  const std::string word = fields.optional_text("duty", 20);
  if (word.empty()) return std::nullopt;
  const auto duty = duty_from(word);
  if (!duty) fields.wrong("duty", "is none; right would be one of none, grid-officer, rectifier");
  return duty;
}

Territory read_territory(JsonFields& fields) {
  Territory where;
  where.district = fields.optional_text("district", 100);
  where.grid = fields.optional_text("grid", 100);
  where.company = fields.optional_text("company", 100);
  return where;
}

}  // namespace

asio::awaitable<Answer> change_people(ApiContext context, const ApiRequest& request, Actor actor,
                                      std::string secret_name,
                                      std::function<Result<KeptAnswer>(Database&, WallTime, std::string&)> work,
                                      std::function<Result<void>(Database&)> guard) {
  const auto secret = std::make_shared<std::string>();
  auto call = [secret, work = std::move(work)](Database& database, WallTime now) -> Result<KeptAnswer> {
    return work(database, now, *secret);
  };
  auto answer = co_await change(context, request, std::move(actor), std::move(call), std::move(guard));
  if (!answer) co_return answer;
  co_await context.parts.gate.changed();
  if (secret_name.empty()) co_return answer;
  json::object body = json::parse(answer->body).as_object();
  body[secret_name] = secret->empty() ? json::value(nullptr) : json::value(*secret);
  answer->body = json::serialize(body);
  co_return answer;
}

asio::awaitable<Answer> show_permissions(ApiContext, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  co_return json_response(permissions_json());
}

asio::awaitable<Answer> list_people(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  PersonFilter filter;
  filter.text = query.text("text");
  const auto wish = read_page(request, query, kMostPeople);
  if (!wish) co_return refuse(wish.error());
  std::from_chars(wish->place.data(), wish->place.data() + wish->place.size(), filter.after);
  filter.limit = wish->limit + 1;
  auto people = co_await context.parts.records.read(
      [filter](Database& database) -> Result<std::vector<Person>> { return PeopleDesk::list(database, filter); });
  if (!people) co_return refuse(people.error());
  std::optional<std::string> next;
  if (people->size() > static_cast<std::size_t>(wish->limit)) {
    people->pop_back();
    next = std::to_string(people->back().number);
  }
  json::array items;
  for (const Person& person : *people) items.push_back(to_json(person));
  co_return page_response(*wish, std::move(items), next);
}

asio::awaitable<Answer> show_person(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto id = route_id<PersonId>(request, "person");
  if (!id) co_return refuse(id.error());
  const auto person =
      co_await context.parts.records.read([id = *id](Database& database) { return PeopleDesk::get(database, id); });
  if (!person) co_return refuse(person.error());
  HttpResponse response = json_response(to_json(*person));
  response.headers.set("ETag", etag_of(person->version));
  co_return response;
}

asio::awaitable<Answer> create_person(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto body = read_body(request);
  if (!body) co_return refuse(body.error());
  JsonFields fields(*body);
  const Actor actor = read_actor(request, fields);
  PersonWish wish;
  wish.name = fields.text("name", 1, 100);
  wish.staff_number = fields.optional_text("staff_number", 40);
  wish.role = read_role(fields, true).value_or(Role::EM);
  wish.duty = read_duty(fields).value_or(Duty::none);
  wish.territory = read_territory(fields);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  auto work = [wish, actor, journal = context.parts.gate.journal()](Database& database, WallTime now,
                                                                    std::string& secret) -> Result<KeptAnswer> {
    auto made = PeopleDesk(journal).create(database, wish, actor, now);
    if (!made) return fail(made.error());
    secret = std::move(made->invitation);
    return answer_of(made->person, 201);
  };
  co_return co_await change_people(context, request, actor, "invitation", std::move(work));
}

asio::awaitable<Answer> change_person(ApiContext context, ApiRequest request) {
  const auto edit = read_edit<PersonId>(request, "person");
  if (!edit) co_return refuse(edit.error());
  JsonFields fields(edit->body);
  const Actor actor = read_actor(request, fields);
  PersonChange wish;
  if (edit->body.contains("staff_number")) wish.staff_number = fields.optional_text("staff_number", 40);
  wish.role = read_role(fields, false);
  wish.duty = read_duty(fields);
  const Territory where = read_territory(fields);
  if (edit->body.contains("district") || edit->body.contains("grid") || edit->body.contains("company"))
    wish.territory = where;
  wish.off = fields.optional_flag("off");
  if (!edit->body.contains("staff_number")) fields.optional_text("staff_number", 40);  // known all the same
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  auto work = [wish, actor, id = edit->id, version = edit->version, journal = context.parts.gate.journal()](
                  Database& database, WallTime now, std::string&) -> Result<KeptAnswer> {
    const auto person = PeopleDesk(journal).change(database, id, wish, version, actor, now);
    if (!person) return fail(person.error());
    return answer_of(*person, 200);
  };
  co_return co_await change_people(context, request, actor, "", std::move(work));
}

asio::awaitable<Answer> invite_person(ApiContext context, ApiRequest request) {
  const auto edit = read_edit<PersonId>(request, "person");
  if (!edit) co_return refuse(edit.error());
  JsonFields fields(edit->body);
  const Actor actor = read_actor(request, fields);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  auto work = [actor, id = edit->id, version = edit->version, journal = context.parts.gate.journal()](
                  Database& database, WallTime now, std::string& secret) -> Result<KeptAnswer> {
    auto made = PeopleDesk(journal).invite_again(database, id, version, actor, now);
    if (!made) return fail(made.error());
    secret = std::move(made->invitation);
    return answer_of(made->person, 200);
  };
  co_return co_await change_people(context, request, actor, "invitation", std::move(work));
}

}  // namespace anlan::collector::api
