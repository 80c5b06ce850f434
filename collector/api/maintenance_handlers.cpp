#include <boost/json.hpp>

#include "collector/alert/maintenance_log.hpp"
#include "collector/api/handlers.hpp"
#include "collector/api/query.hpp"

namespace anlan::collector::api {

namespace asio = boost::asio;
namespace json = boost::json;

asio::awaitable<Answer> list_maintenance(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  MaintenanceFilter filter;
  filter.site = query.name("site");
  filter.edge = query.name("edge");
  filter.device = query.text("device");
  filter.open = query.flag("open");
  const auto wish = read_page(request, query, kMaxPage);
  if (!wish) co_return refuse(wish.error());
  filter.limit = wish->limit;
  filter.cursor = wish->place;
  filter.only = context.of_site();
  const WallTime now = context.parts.clock.wall();
  const auto page = co_await context.parts.records.read(
      [filter, now](Database& database) { return collector::list_maintenance(database, filter, now); });
  if (!page) co_return refuse(page.error());
  json::array items;
  for (const MaintenanceRow& row : page->items) items.push_back(to_json(row, now));
  co_return page_response(*wish, std::move(items), page->next);
}

}  // namespace anlan::collector::api
