#include <memory>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "collector/alert/alert_json.hpp"
#include "collector/alert/alert_reader.hpp"
#include "collector/api/change.hpp"
#include "collector/api/handlers.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

std::vector<std::string> state_words() {
  std::vector<std::string> words;
  for (const AlertState state : kAlertStates) words.emplace_back(to_string(state));
  return words;
}

json::object details_json(const AlertDetails& details) {
  json::object body = to_json(details.alert);
  json::array& history = body["history"].emplace_array();
  for (const AlertEvent& event : details.history) history.push_back(to_json(event));
  return body;
}

}  // namespace

asio::awaitable<Answer> list_alerts(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  AlertFilter filter;
  for (const std::string& word : query.choices("state", state_words()))
    filter.states.push_back(*alert_state_from(word));
  filter.at_least = level_from(query.choice("level", {"blue", "yellow", "orange", "red"})).value_or(Level::none);
  filter.site = query.name("site");
  filter.edge = query.name("edge");
  filter.source_prefix = query.text("source");
  filter.since = query.time("since");
  filter.until = query.time("until");
  const auto wish = read_page(request, query, kMaxPage);
  if (!wish) co_return refuse(wish.error());
  filter.limit = wish->limit;
  filter.cursor = wish->place;
  filter.only = context.of_site();
  const auto page =
      co_await context.parts.records.read([filter](Database& database) { return AlertReader(database).list(filter); });
  if (!page) co_return refuse(page.error());
  json::array items;
  for (const Alert& alert : page->items) items.push_back(to_json(alert));
  co_return page_response(*wish, std::move(items), page->next);
}

asio::awaitable<Answer> show_alert(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto id = route_id<AlertId>(request, "alert");
  if (!id) co_return refuse(id.error());
  const auto details =
      co_await context.parts.records.read([id = *id](Database& database) { return AlertReader(database).get(id); });
  if (!details) co_return refuse(details.error());
  if (!context.sees_site(details->alert.origin.site)) co_return refuse(Error{Errc::not_found, "no alert " + id->hex()});
  HttpResponse response = json_response(details_json(*details));
  response.headers.set("ETag", etag_of(details->alert.revision));
  co_return response;
}

asio::awaitable<Answer> acknowledge_alert(ApiContext context, ApiRequest request) {
  const auto edit = read_edit<AlertId>(request, "alert");
  if (!edit) co_return refuse(edit.error());
  JsonFields fields(edit->body);
  const Actor actor = read_actor(request, fields);
  const std::string note = fields.optional_text("note", 2000);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  Commands& commands = context.parts.commands;
  auto work = [&commands, id = edit->id, actor, note, revision = edit->version](Database& database,
                                                                                WallTime now) -> Result<KeptAnswer> {
    if (auto done = commands.acknowledge(database, id, actor, note, revision, now); !done) return fail(done.error());
    const auto details = AlertReader(database).get(id);
    if (!details) return fail(details.error());
    return KeptAnswer{200, etag_of(details->alert.revision), "", json::serialize(details_json(*details))};
  };
  co_return co_await change(context, request, actor, std::move(work), sees_alert(context, edit->id));
}

/// The order is sent after its commit, and once: an answer that is only repeated sends nothing.
asio::awaitable<Answer> reset_alert(ApiContext context, ApiRequest request) {
  const auto edit = read_edit<AlertId>(request, "alert");
  if (!edit) co_return refuse(edit.error());
  JsonFields fields(edit->body);
  const Actor actor = read_actor(request, fields);
  const std::string reason = fields.text("reason", 1, 500);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  Commands& commands = context.parts.commands;
  if (!commands.has_line())
    co_return refuse(
        Problem{503, "unavailable",
                "there is no line to the broker now: nothing was ordered. Try again when the line is back, "
                "or reset the alert on the site"});
  const auto order = std::make_shared<std::optional<Commands::Order>>();
  auto work = [&commands, order, id = edit->id, actor, reason, revision = edit->version](
                  Database& database, WallTime now) -> Result<KeptAnswer> {
    auto given = commands.order_reset(database, id, actor, reason, revision, now);
    if (!given) return fail(given.error());
    const auto details = AlertReader(database).get(id);
    if (!details) return fail(details.error());
    const json::object answer{{"command", given->id.hex()},
                              {"alert", id.hex()},
                              {"edge", given->edge},
                              {"issued", to_rfc3339(given->issued)},
                              {"expires", to_rfc3339(given->expires)}};
    *order = std::move(*given);
    return KeptAnswer{202, etag_of(details->alert.revision), "", json::serialize(answer)};
  };
  auto answer = co_await change(context, request, actor, std::move(work), sees_alert(context, edit->id));
  if (!answer || !*order || commands.send(**order)) co_return answer;
  co_return refuse(
      Problem{503, "unavailable",
              "the line to the broker broke just now: the order is written down and went nowhere. Give a new "
              "one (with another Idempotency-Key), or reset the alert on the site"});
}

}  // namespace anlan::collector::api
