#include <algorithm>
#include <map>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "collector/alert/alert_reader.hpp"
#include "collector/api/handlers.hpp"
#include "collector/ingest/registry.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

std::string_view to_string(ClockState state) {
  constexpr std::string_view names[] = {"unsynced", "synced", "stepped"};
  return names[static_cast<std::size_t>(state)];
}

json::value time(const std::optional<WallTime>& at) { return at ? json::value(to_rfc3339(*at)) : json::value(nullptr); }

json::value waiting_json(const std::optional<HeardWaiting>& heard) {
  if (!heard) return nullptr;
  const auto amount = [](const Waiting::Amount& a) {
    return json::object{{"records", a.records}, {"samples", a.samples}, {"bytes", a.bytes}};
  };
  const Waiting& waiting = heard->waiting;
  return json::object{{"heard_at", to_rfc3339(heard->heard_at)},
                      {"said_at", to_rfc3339(waiting.at)},
                      {"oldest", time(waiting.oldest)},
                      {"urgent", amount(waiting.urgent)},
                      {"live", amount(waiting.live)},
                      {"backlog", amount(waiting.backlog)}};
}

struct Edges {
  std::vector<EdgeRow> rows;
  std::vector<std::string> silent;
};

json::object edge_json(const EdgeRow& edge, const std::vector<std::string>& silent) {
  return {{"id", edge.id},
          {"site", edge.site},
          {"version", edge.version},
          {"online", std::ranges::find(silent, edge.id) == silent.end()},
          {"first_heard", to_rfc3339(edge.first_heard)},
          {"last_heard", to_rfc3339(edge.last_heard)},
          {"clock", to_string(edge.clock)},
          {"losses_unknown_until", time(edge.unknown_until)},
          {"points", edge.points},
          {"waiting", waiting_json(edge.waiting)}};
}

/// What is known of one stream of one epoch.
json::object place_json(const AccountRow& row) {
  const AccountSum sum = sum_of(row);
  return {{"reach", row.reach},
          {"stored", sum.stored},
          {"void", sum.voided},
          {"lost", sum.lost},
          {"missing", sum.missing.count()}};
}

/// One object per epoch of the edge.
json::array accounts_json(const std::string& edge, const std::vector<AccountRow>& rows,
                          const std::vector<TelemetryAccount>& telemetry) {
  struct EpochAccount {
    AccountRow event{}, telemetry{};
    TelemetryAccount samples{};
  };
  std::map<Epoch, EpochAccount> epochs;
  for (const AccountRow& row : rows)
    (row.place.stream == Stream::event ? epochs[row.place.epoch].event : epochs[row.place.epoch].telemetry) = row;
  for (const TelemetryAccount& account : telemetry) {
    epochs[account.epoch].samples = account;
    AccountRow& row = epochs[account.epoch].telemetry;
    row.data = account.received;
    if (!row.data.empty()) row.reach = std::max(row.reach, row.data.ranges().back().last);
  }
  json::array out;
  for (const auto& [epoch, account] : epochs)
    out.push_back(json::object{{"edge", edge},
                               {"epoch", epoch.hex()},
                               {"ordinal", account.samples.ordinal},
                               {"event", place_json(account.event)},
                               {"telemetry", place_json(account.telemetry)},
                               {"samples", account.samples.samples},
                               {"undecoded_records", account.samples.raw_records},
                               {"undecoded_samples", account.samples.raw_samples}});
  return out;
}

asio::awaitable<Result<json::array>> accounts_of(ApiContext context, std::string edge) {
  // Telemetry first: what the records say of it afterwards can only reach further.
  const auto telemetry =
      co_await context.parts.telemetry.read([edge](TelemetryStore& store) { return store.accounts(edge); });
  if (!telemetry) co_return fail(telemetry.error());
  const auto rows = co_await context.parts.records.read([edge](Database& database) -> Result<std::vector<AccountRow>> {
    return collector::list_accounts(database, edge);
  });
  if (!rows) co_return fail(rows.error());
  co_return accounts_json(edge, *rows, *telemetry);
}

asio::awaitable<Result<Edges>> read_edges(ApiContext context, std::string site, std::string after, int limit) {
  const SqlCondition only = context.of_site();
  co_return co_await context.parts.records.read([=](Database& database) -> Result<Edges> {
    return Edges{collector::list_edges(database, site, after, limit, only), AlertReader(database).silent_edges()};
  });
}

/// One row more than the page holds is read: it says whether there is another page.
template <class Row>
std::optional<std::string> cut(std::vector<Row>& rows, int limit) {
  if (rows.size() <= static_cast<std::size_t>(limit)) return std::nullopt;
  rows.resize(static_cast<std::size_t>(limit));
  return rows.back().id;
}

}  // namespace

asio::awaitable<Answer> list_sites(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  const auto wish = read_page(request, query, kMaxPage);
  if (!wish) co_return refuse(wish.error());
  auto sites = co_await context.parts.records.read([after = wish->place, limit = wish->limit, only = context.of_site()](
                                                       Database& database) -> Result<std::vector<SiteRow>> {
    return collector::list_sites(database, after, limit + 1, only);
  });
  if (!sites) co_return refuse(sites.error());
  const auto next = cut(*sites, wish->limit);
  json::array items;
  for (const SiteRow& site : *sites)
    items.push_back(json::object{
        {"id", site.id}, {"edges", site.edges}, {"points", site.points}, {"last_heard", to_rfc3339(site.last_heard)}});
  co_return page_response(*wish, std::move(items), next);
}

asio::awaitable<Answer> list_edges(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  const std::string site = query.name("site");
  const auto wish = read_page(request, query, kMaxPage);
  if (!wish) co_return refuse(wish.error());
  auto edges = co_await read_edges(context, site, wish->place, wish->limit + 1);
  if (!edges) co_return refuse(edges.error());
  const auto next = cut(edges->rows, wish->limit);
  json::array items;
  for (const EdgeRow& edge : edges->rows) items.push_back(edge_json(edge, edges->silent));
  co_return page_response(*wish, std::move(items), next);
}

asio::awaitable<Answer> show_edge(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const std::string id = request.parameters.at(0);
  const auto edges = co_await context.parts.records.read([id](Database& database) -> Result<Edges> {
    const auto edge = get_edge(database, id);
    if (!edge) return fail(Errc::not_found, "there is no edge of this id");
    return Edges{{*edge}, AlertReader(database).silent_edges()};
  });
  if (!edges) co_return refuse(edges.error());
  if (!context.sees_site(edges->rows.front().site))
    co_return refuse(Error{Errc::not_found, "there is no edge of this id"});
  auto accounts = co_await accounts_of(context, id);
  if (!accounts) co_return refuse(accounts.error());
  json::object body = edge_json(edges->rows.front(), edges->silent);
  body["accounts"] = std::move(*accounts);
  co_return json_response(body);
}

asio::awaitable<Answer> list_accounts(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  const std::string only = query.name("edge");
  const auto wish = read_page(request, query, kMaxPage);
  if (!wish) co_return refuse(wish.error());
  std::vector<std::string> ids{only};
  std::optional<std::string> next;
  if (only.empty()) {
    auto edges = co_await read_edges(context, "", wish->place, wish->limit + 1);
    if (!edges) co_return refuse(edges.error());
    next = cut(edges->rows, wish->limit);
    ids.clear();
    for (const EdgeRow& edge : edges->rows) ids.push_back(edge.id);
  }
  json::array items;
  if (!only.empty() && !context.caller.reach.all()) {
    const auto edge = co_await context.parts.records.read(
        [only](Database& database) -> Result<std::optional<EdgeRow>> { return get_edge(database, only); });
    if (!edge) co_return refuse(edge.error());
    if (!*edge || !context.sees_site((*edge)->site)) ids.clear();
  }
  for (const std::string& id : ids) {
    auto accounts = co_await accounts_of(context, id);
    if (!accounts) co_return refuse(accounts.error());
    for (json::value& account : *accounts) items.push_back(std::move(account));
  }
  co_return page_response(*wish, std::move(items), next);
}

}  // namespace anlan::collector::api
