// Where sites belong: what the rights of districts, grids and companies are drawn from.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "collector/api/handlers.hpp"
#include "collector/api/people_change.hpp"
#include "collector/api/people_json.hpp"
#include "common/model/ids.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr int kMostPlaces = 500;

Problem no_such_site() { return {404, "not-found", "there is no such site"}; }

}  // namespace

asio::awaitable<Answer> list_places(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  const auto wish = read_page(request, query, kMostPlaces);
  if (!wish) co_return refuse(wish.error());
  auto rows =
      co_await context.parts.records.read([reach = context.caller.reach, after = wish->place,
                                           limit = wish->limit](Database& database) -> Result<std::vector<PlaceRow>> {
        return PlaceDesk::list(database, reach, after, limit + 1);
      });
  if (!rows) co_return refuse(rows.error());
  std::optional<std::string> next;
  if (rows->size() > static_cast<std::size_t>(wish->limit)) {
    rows->pop_back();
    next = rows->back().site;
  }
  json::array items;
  for (const PlaceRow& row : *rows) items.push_back(to_json(row));
  co_return page_response(*wish, std::move(items), next);
}

asio::awaitable<Answer> show_place(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const std::string site = request.parameters.at(0);
  if (!valid_name(site) || !context.sees_site(site)) co_return refuse(no_such_site());
  const auto row = co_await context.parts.records.read(
      [site](Database& database) -> Result<PlaceRow> { return PlaceDesk::get(database, site); });
  if (!row) co_return refuse(row.error());
  HttpResponse response = json_response(to_json(*row));
  response.headers.set("ETag", etag_of(row->version));
  co_return response;
}

asio::awaitable<Answer> place_site(ApiContext context, ApiRequest request) {
  if (const auto good = check(QueryFields(request.target.query)); !good) co_return refuse(good.error());
  const std::string site = request.parameters.at(0);
  if (!valid_name(site)) co_return refuse(no_such_site());
  const auto version = expected_version(request);
  if (!version) co_return refuse(version.error());
  const auto body = read_body(request);
  if (!body) co_return refuse(body.error());
  JsonFields fields(*body);
  const Actor actor = read_actor(request, fields);
  PlaceRow row{site, *version, {}};
  row.place.district = fields.optional_text("district", 100);
  row.place.grid = fields.optional_text("grid", 100);
  row.place.company = fields.optional_text("company", 100);
  if (const auto good = check(fields); !good) co_return refuse(good.error());
  auto work = [row, actor, journal = context.parts.gate.journal()](Database& database, WallTime now,
                                                                   std::string&) -> Result<KeptAnswer> {
    const auto placed = PlaceDesk(journal).put(database, row, actor, now);
    if (!placed) return fail(placed.error());
    return KeptAnswer{200, etag_of(placed->version), "", json::serialize(to_json(*placed))};
  };
  co_return co_await change_people(context, request, actor, "", std::move(work));
}

}  // namespace anlan::collector::api
