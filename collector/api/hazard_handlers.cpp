#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "collector/api/change.hpp"
#include "collector/api/handlers.hpp"
#include "collector/api/second_verification.hpp"
#include "collector/hazard/hazard_json.hpp"
#include "collector/hazard/hazard_reader.hpp"
#include "collector/hazard/transition_table.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

std::vector<std::string> state_words() {
  std::vector<std::string> words;
  for (const HazardState state : kHazardStates) words.emplace_back(to_string(state));
  return words;
}

json::object details_json(const HazardDetails& details, WallTime now) {
  json::object body = to_json(details.hazard, now);
  json::array& history = body["history"].emplace_array();
  for (const HazardEvent& event : details.history) history.push_back(to_json(event));
  json::array& evidence = body["evidence"].emplace_array();
  for (const HazardEvidence& item : details.evidence) evidence.push_back(to_json(item));
  body["actions"] = json::array(details.actions.begin(), details.actions.end());
  return body;
}

Result<KeptAnswer> answer_with(Database& database, const HazardId& id, int status, WallTime now) {
  const auto details = HazardReader(database).get(id);
  if (!details) return fail(details.error());
  return KeptAnswer{status, etag_of(details->hazard.version), status == 201 ? "/api/v1/hazards/" + id.hex() : "",
                    json::serialize(details_json(*details, now))};
}

/// A stale edit shows both sides: what stands now and what was done since the version that was seen, and what was to be
/// done. Nothing was changed.
asio::awaitable<Answer> both_sides(ApiContext context, Problem conflict, HazardId id, json::object yours) {
  const auto details =
      co_await context.parts.records.read([id](Database& database) { return HazardReader(database).get(id); });
  if (!details) co_return refuse(conflict);
  HttpResponse response = to_response(conflict);
  json::object body = json::parse(response.body).as_object();
  const std::int64_t seen = yours.at("version").as_int64();
  body["current"] = to_json(details->hazard, context.parts.clock.wall());
  json::array& since = body["since"].emplace_array();
  for (const HazardEvent& event : details->history)
    if (event.version > seen) since.push_back(to_json(event));
  body["yours"] = std::move(yours);
  response.body = json::serialize(body);
  response.headers.set("ETag", etag_of(details->hazard.version));
  co_return response;
}

}  // namespace

asio::awaitable<Answer> list_hazard_steps(ApiContext, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const HazardPolicy policy;
  json::array items;
  for (const Arrow& arrow : hazard_arrows()) {
    const ArrowText text = in_words(arrow, policy);
    json::array from, who;
    for (const HazardState state : kHazardStates)
      if (arrow.from & state_bit(state)) from.push_back(json::string(to_string(state)));
    for (const Role role : kRoles)
      if (arrow.who & role_bit(role)) who.push_back(json::string(to_string(role)));
    items.push_back(json::object{{"from", std::move(from)},
                                 {"action", text.action},
                                 {"to", arrow.to ? json::value(to_string(*arrow.to)) : json::value(nullptr)},
                                 {"who", std::move(who)},
                                 {"guard", text.guard},
                                 {"deadline", text.deadline},
                                 {"effect", text.effect},
                                 {"event", text.event}});
  }
  co_return json_response(json::object{{"items", std::move(items)}});
}

asio::awaitable<Answer> list_hazards(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  HazardFilter filter;
  for (const std::string& word : query.choices("state", state_words()))
    filter.states.push_back(*hazard_state_from(word));
  filter.site = query.name("site");
  filter.asset = query.text("asset");
  filter.overdue = query.flag("overdue");
  filter.text = query.text("text");
  const auto wish = read_page(request, query, kMaxPage);
  if (!wish) co_return refuse(wish.error());
  filter.limit = wish->limit;
  filter.cursor = wish->place;
  filter.only = context.caller.reach.of_hazard();
  const WallTime now = context.parts.clock.wall();
  const auto page = co_await context.parts.records.read(
      [filter, now](Database& database) { return HazardReader(database).list(filter, now); });
  if (!page) co_return refuse(page.error());
  json::array items;
  for (const Hazard& hazard : page->items) items.push_back(to_json(hazard, now));
  co_return page_response(*wish, std::move(items), page->next);
}

asio::awaitable<Answer> show_hazard(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto id = route_id<HazardId>(request, "hazard");
  if (!id) co_return refuse(id.error());
  const auto details =
      co_await context.parts.records.read([id = *id](Database& database) { return HazardReader(database).get(id); });
  if (!details) co_return refuse(details.error());
  if (!context.sees_hazard(id->hex(), details->hazard.site))
    co_return refuse(Error{Errc::not_found, "no hazard " + id->hex()});
  HttpResponse response = json_response(details_json(*details, context.parts.clock.wall()));
  response.headers.set("ETag", etag_of(details->hazard.version));
  co_return response;
}

asio::awaitable<Answer> report_hazard(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto body = read_body(request);
  if (!body) co_return refuse(body.error());
  JsonFields fields(*body);
  const Actor actor = read_actor(request, fields);
  HazardReport report;
  report.site = fields.text("site", 1, 63);
  report.asset = fields.optional_text("asset", 200);
  report.title = fields.optional_text("title", 200);
  report.description = fields.text("description", 1, 4000);
  report.category = fields.optional_text("category", 100);
  report.location = fields.optional_text("location", 500);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  if (!context.sees_site(report.site))
    co_return refuse(Error{Errc::not_found, "there is no site " + report.site + " for which you may report"});
  Commands& commands = context.parts.commands;
  auto work = [&commands, report, actor](Database& database, WallTime now) -> Result<KeptAnswer> {
    const auto id = commands.report(database, report, actor, now);
    if (!id) return fail(id.error());
    return answer_with(database, *id, 201, now);
  };
  co_return co_await change(context, request, actor, std::move(work));
}

asio::awaitable<Answer> act_on_hazard(ApiContext context, ApiRequest request) {
  const auto edit = read_edit<HazardId>(request, "hazard");
  if (!edit) co_return refuse(edit.error());
  JsonFields members(edit->body);
  const Actor actor = read_actor(request, members);
  const std::string action = members.text("action", 1, 50), reason = members.optional_text("reason", 2000);
  const json::object* given = members.optional_object("fields");
  const std::string fields = given == nullptr ? "{}" : json::serialize(*given);
  const auto proof = read_verification(members);
  if (const auto good = check(members); !good) co_return refuse(good.error());
  SecondVerification second;
  if (lowers_grade(action) && !context.caller.open()) {
    auto begun = second_verification(context, edit->id, proof);
    if (!begun) co_return refuse(begun.error());
    second = std::move(*begun);
  }
  Commands& commands = context.parts.commands;
  auto work = [&commands, id = edit->id, action, actor, reason, fields, version = edit->version, verify = second.check](
                  Database& database, WallTime now) -> Result<KeptAnswer> {
    if (verify)
      if (auto verified = verify(database, now); !verified) return fail(verified.error());
    if (auto done = commands.act(database, id, action, actor, reason, fields, version, now); !done)
      return fail(done.error());
    return answer_with(database, id, 200, now);
  };
  json::object yours{{"version", edit->version}, {"action", action}, {"reason", reason}};
  yours["fields"] = given == nullptr ? json::object() : *given;
  auto answer = co_await change(context, request, actor, std::move(work), sees_hazard(context, edit->id));
  if (second.done) second.done();
  if (answer || answer.error().code != "stale") co_return answer;
  co_return co_await both_sides(context, answer.error(), edit->id, std::move(yours));
}

}  // namespace anlan::collector::api
