#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "collector/alert/alert_reader.hpp"
#include "collector/api/cursor.hpp"
#include "collector/api/handlers.hpp"
#include "collector/api/point_json.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr int kMostSamples = 10'000;  // of one answer
constexpr int kMostRounds = 20;       // pages looked through for one page of a filter that finds little

struct Points {
  std::vector<PointRow> rows;
  std::vector<std::string> silent;
  std::vector<std::optional<NewestValue>> newest;  // as `rows`
};

asio::awaitable<Result<Points>> with_newest(ApiContext context, Points points) {
  std::vector<std::string> paths;
  for (const PointRow& row : points.rows) paths.push_back(row.path.str());
  auto newest = co_await context.parts.telemetry.read([paths](TelemetryStore& store) { return store.newest(paths); });
  if (!newest) co_return fail(newest.error());
  points.newest = std::move(*newest);
  co_return points;
}

asio::awaitable<Result<Points>> read_points(ApiContext context, PointFilter filter) {
  auto points = co_await context.parts.records.read([filter](Database& database) -> Result<Points> {
    return Points{collector::list_points(database, filter), AlertReader(database).silent_edges(), {}};
  });
  if (!points) co_return fail(points.error());
  co_return co_await with_newest(context, std::move(*points));
}

bool is_silent(const Points& points, std::size_t i) {
  return std::ranges::find(points.silent, points.rows[i].edge) != points.silent.end();
}

std::string read_point(QueryFields& query) {
  std::string point = query.text("point");
  if (point.empty())
    query.wrong("point", "is missing; right would be site/device/point");
  else if (const auto path = PointPath::parse(point); !path)
    query.wrong("point", path.error().message);
  return point;
}

Problem times_turned_round() { return {400, "bad-query", "from is later than to", {"from is later than to"}}; }

/// What one may not see answers as what was never stored.
std::expected<void, Problem> sees_point(ApiContext context, const std::string& point) {
  if (context.sees_site(point.substr(0, point.find('/')))) return {};
  return refuse(Error{Errc::not_found, "point " + point + ": no telemetry of it was ever stored"});
}

std::expected<TelemetryQuery, Problem> telemetry_query(const ApiRequest& request, QueryFields& query, PageWish& wish) {
  TelemetryQuery wanted;
  wanted.point = read_point(query);
  wanted.from = query.time("from").value_or(WallTime{});
  wanted.to = query.time("to").value_or(wall_from_ms(253'402'300'799'999));
  auto page = read_page(request, query, kMostSamples);
  if (!page) return refuse(page.error());
  if (wanted.from > wanted.to) return refuse(times_turned_round());
  wish = std::move(*page);
  wanted.limit = static_cast<std::size_t>(wish.limit);
  wanted.cursor = wish.place;
  return wanted;
}

/// The last day unless the query says otherwise.
std::expected<TrendQuery, Problem> trend_query(QueryFields& query, WallTime now) {
  TrendQuery wanted;
  wanted.point = read_point(query);
  wanted.to = query.time("to").value_or(now);
  constexpr auto kADay = std::chrono::hours{24};
  const auto from = query.time("from");
  wanted.from = from ? *from : wanted.to < WallTime{} + kADay ? WallTime{} : wanted.to - kADay;
  wanted.width = static_cast<std::size_t>(
      query.integer("width", 1, static_cast<int>(kMostTrendWidth)).value_or(static_cast<int>(wanted.width)));
  if (const auto good = check(query); !good) return refuse(good.error());
  if (wanted.from > wanted.to) return refuse(times_turned_round());
  return wanted;
}

json::array losses_json(const std::vector<TelemetryLoss>& found) {
  json::array losses;
  for (const TelemetryLoss& loss : found)
    losses.push_back(json::object{{"from", to_ms(loss.from)},
                                  {"to", to_ms(loss.to)},
                                  {"count", loss.count ? json::value(*loss.count) : json::value(nullptr)}});
  return losses;
}

json::object trend_json(const TrendQuery& wanted, const Trend& trend) {
  json::array points;
  for (const TrendPoint& point : trend.points) points.push_back(trend_point_json(point));
  json::object body{{"point", wanted.point}, {"step_ms", trend.step.count()}};
  body["items"] = std::move(points);
  body["losses"] = losses_json(trend.losses);
  return body;
}

json::object telemetry_json(const TelemetryQuery& wanted, const TelemetryPage& page, const PageWish& wish) {
  json::array samples;
  for (const TelemetrySample& sample : page.samples) samples.push_back(sample_json(sample));
  json::object body{{"point", wanted.point}};
  body["items"] = std::move(samples);
  body["losses"] = losses_json(page.losses);
  body["next"] = page.next.empty() ? json::value(nullptr) : json::value(make_cursor(wish.scope, page.next));
  return body;
}

/// The header line stands on the first page only, so that pages can be put one after the other.
HttpResponse telemetry_csv(const TelemetryQuery& wanted, const TelemetryPage& page, const PageWish& wish) {
  HttpResponse response;
  response.headers.set("Content-Type", "text/csv; charset=utf-8; header=present");
  if (!wish.place.empty()) response.headers.set("Content-Type", "text/csv; charset=utf-8; header=absent");
  response.headers.set("Cache-Control", "no-store");
  if (!page.next.empty()) response.headers.set("X-Anlan-Next", make_cursor(wish.scope, page.next));
  if (!page.losses.empty()) response.headers.set("X-Anlan-Losses", std::to_string(page.losses.size()));
  response.body = wish.place.empty() ? kCsvHeader : "";
  for (const TelemetrySample& sample : page.samples) response.body += sample_csv(wanted.point, sample);
  return response;
}

}  // namespace

asio::awaitable<Answer> list_points(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  PointFilter filter;
  filter.site = query.name("site");
  filter.device = query.name("device");
  filter.edge = query.name("edge");
  filter.text = query.text("text");
  const std::string state = query.choice("state", {"fresh", "stale"});
  const auto wish = read_page(request, query, kMaxPage);
  if (!wish) co_return refuse(wish.error());
  filter.after = wish->place;
  filter.limit = wish->limit;
  filter.only = context.of_site();
  const WallTime now = context.parts.clock.wall();
  json::array items;
  std::optional<std::string> next = filter.after;
  for (int round = 0; next && items.empty() && round < kMostRounds; ++round) {
    filter.after = *next;
    const auto points = co_await read_points(context, filter);
    if (!points) co_return refuse(points.error());
    for (std::size_t i = 0; i < points->rows.size(); ++i) {
      const bool silent = is_silent(*points, i);
      const bool stale = !stale_because(points->rows[i], points->newest[i], silent, now).empty();
      if (state.empty() || stale == (state == "stale"))
        items.push_back(point_json(points->rows[i], points->newest[i], silent, now));
    }
    const bool full = points->rows.size() == static_cast<std::size_t>(filter.limit);
    next = full ? std::optional(points->rows.back().path.str()) : std::nullopt;
  }
  co_return page_response(*wish, std::move(items), next);
}

asio::awaitable<Answer> show_point(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const PointPath path{request.parameters.at(0), request.parameters.at(1), request.parameters.at(2)};
  const bool seen = context.sees_site(path.site);
  auto found = co_await context.parts.records.read([path, seen](Database& database) -> Result<Points> {
    const auto point = get_point(database, path);
    if (!point || !seen) return fail(Errc::not_found, "there is no point of this path");
    return Points{{*point}, AlertReader(database).silent_edges(), {}};
  });
  if (!found) co_return refuse(found.error());
  const auto points = co_await with_newest(context, std::move(*found));
  if (!points) co_return refuse(points.error());
  co_return json_response(
      point_json(points->rows[0], points->newest[0], is_silent(*points, 0), context.parts.clock.wall()));
}

asio::awaitable<Answer> read_telemetry(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  PageWish wish;
  std::string format = query.choice("format", {"json", "csv"});
  const auto wanted = telemetry_query(request, query, wish);
  if (!wanted) co_return refuse(wanted.error());
  if (const auto sees = sees_point(context, wanted->point); !sees) co_return refuse(sees.error());
  if (format.empty()) format = request.http.headers.get("Accept").starts_with("text/csv") ? "csv" : "json";
  const auto page =
      co_await context.parts.telemetry.read([wanted = *wanted](TelemetryStore& store) { return store.query(wanted); });
  if (!page) co_return refuse(page.error());
  if (format == "csv") co_return telemetry_csv(*wanted, *page, wish);
  co_return json_response(telemetry_json(*wanted, *page, wish));
}

asio::awaitable<Answer> read_trend(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  const auto wanted = trend_query(query, context.parts.clock.wall());
  if (!wanted) co_return refuse(wanted.error());
  if (const auto sees = sees_point(context, wanted->point); !sees) co_return refuse(sees.error());
  const auto trend =
      co_await context.parts.telemetry.read([wanted = *wanted](TelemetryStore& store) { return store.trend(wanted); });
  if (!trend) co_return refuse(trend.error());
  co_return json_response(trend_json(*wanted, *trend));
}

}  // namespace anlan::collector::api
