#include <charconv>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "collector/api/document.hpp"
#include "collector/api/handlers.hpp"
#include "collector/notify/outbox.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

/// The browser's own Last-Event-ID; without it `since` of the query. (A browser that comes back asks for the same URL.)
std::expected<std::optional<std::int64_t>, Problem> since_of(const ApiRequest& request) {
  QueryFields query(request.target.query);
  const auto since = query.integer("since", 0, std::numeric_limits<std::int64_t>::max());
  if (auto good = check(query); !good) return refuse(good.error());
  const std::string_view last = request.http.headers.get("Last-Event-ID");
  if (last.empty()) return since;
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), id);
  if (error != std::errc{} || end != last.data() + last.size() || id < 0)
    return refuse(Problem{400, "bad-event-id", "Last-Event-ID is none that this stream has given out"});
  return id;
}

/// Of which site a change tells; empty where it tells of none: then only those who see everything see it.
std::string site_of(const Change& change) {
  boost::system::error_code failed;
  const json::value body = json::parse(change.body, failed);
  if (failed || !body.is_object()) return {};
  const json::value* site = body.get_object().if_contains("site");
  return site != nullptr && site->is_string() ? std::string(site->get_string()) : std::string();
}

/// What the client may see of the changes, for as long as its session lasts.
class WatchedStream final : public HttpStream {
 public:
  WatchedStream(std::shared_ptr<HttpStream> all, Gate& gate, SessionRow session)
      : all_(std::move(all)), gate_(gate), session_(std::move(session)) {}

  asio::awaitable<std::optional<std::string>> next() override {
    auto piece = co_await all_->next();
    if (piece && !co_await gate_.still(session_)) co_return std::nullopt;
    co_return piece;
  }

 private:
  std::shared_ptr<HttpStream> all_;
  Gate& gate_;
  SessionRow session_;
};

}  // namespace

asio::awaitable<Answer> list_notifications(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto depths = co_await context.parts.records.read(
      [](Database& database) -> Result<std::vector<Outbox::Depth>> { return Outbox(database).depths(); });
  if (!depths) co_return refuse(depths.error());
  json::array items;
  for (const Outbox::Depth& depth : *depths)
    items.push_back(
        json::object{{"channel", depth.channel},
                     {"waiting", depth.waiting},
                     {"oldest", depth.oldest ? json::value(to_rfc3339(*depth.oldest)) : json::value(nullptr)}});
  json::object body;
  body["items"] = std::move(items);
  body["next"] = nullptr;
  co_return json_response(body);
}

asio::awaitable<Answer> follow_events(ApiContext context, ApiRequest request) {
  const auto since = since_of(request);
  if (!since) co_return refuse(since.error());
  auto sees = [reach = context.caller.reach, &gate = context.parts.gate](const Change& change) {
    return reach.all() || reach.sees_site(site_of(change), gate.places());
  };
  auto stream = co_await context.feed.open(*since, std::move(sees));
  if (!stream) co_return refuse(stream.error());
  if (context.caller.session)
    *stream = std::make_shared<WatchedStream>(std::move(*stream), context.parts.gate, *context.caller.session);
  HttpResponse response;
  response.headers.set("Content-Type", "text/event-stream");
  response.headers.set("Cache-Control", "no-store");
  response.stream = std::move(*stream);
  co_return response;
}

asio::awaitable<Answer> show_health(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  co_return json_response(json::object{
      {"status", "ok"}, {"version", context.parts.version}, {"time", to_rfc3339(context.parts.clock.wall())}});
}

asio::awaitable<Answer> show_readiness(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const auto records = co_await context.parts.records.read([](Database& database) -> Result<void> {
    database.query("SELECT 1");
    return {};
  });
  std::vector<ReadyCheck> checks{{"records", records.has_value(), records ? "" : records.error().message}};
  for (ReadyCheck& check : context.parts.checks()) checks.push_back(std::move(check));
  bool ready = true;
  json::array list;
  for (const ReadyCheck& check : checks) {
    ready = ready && check.good;
    // What stands behind a name (addresses, folders) is for those who may look into the system.
    const bool told = context.caller.open() ||
                      (context.caller.subject && !context.caller.subject->reach(Action("system.read")).none());
    list.push_back(json::object{{"name", check.name}, {"good", check.good}, {"detail", told ? check.detail : ""}});
  }
  json::object body{{"ready", ready}};
  body["checks"] = std::move(list);
  co_return json_response(body, ready ? 200 : 503);
}

asio::awaitable<Answer> show_metrics(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  HttpResponse response;
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = context.parts.metrics.text();
  co_return response;
}

asio::awaitable<Answer> show_document(ApiContext, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  HttpResponse response;
  response.headers.set("Content-Type", "application/json");
  response.body = openapi_document();
  co_return response;
}

}  // namespace anlan::collector::api
