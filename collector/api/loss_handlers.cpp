#include <charconv>

#include <boost/json.hpp>

#include "collector/alert/alert_reader.hpp"
#include "collector/api/handlers.hpp"
#include "collector/api/query.hpp"
#include "collector/ingest/loss_log.hpp"

namespace anlan::collector::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

json::value known_time(WallTime at) { return at == WallTime{} ? json::value(nullptr) : json::value(to_rfc3339(at)); }

json::object loss_json(const LossRow& row) {
  const Loss& loss = row.loss;
  return {{"number", row.number},
          {"edge", row.origin.edge},
          {"site", row.origin.site},
          {"point", loss.point.empty() ? json::value(nullptr) : json::value(loss.point)},
          {"from", known_time(loss.from)},
          {"to", known_time(loss.to)},
          {"count", loss.count ? json::value(*loss.count) : json::value(nullptr)},
          {"reason", to_string(loss.reason)},
          {"records", row.records ? json::value(*row.records) : json::value(nullptr)},
          {"heard_at", to_rfc3339(row.heard_at)}};
}

std::optional<std::int64_t> number_of(const std::string& place) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(place.data(), place.data() + place.size(), number);
  return parsed.ec == std::errc{} ? std::optional(number) : std::nullopt;
}

}  // namespace

asio::awaitable<Answer> list_losses(ApiContext context, ApiRequest request) {
  QueryFields query(request.target.query);
  LossFilter filter;
  filter.site = query.name("site");
  filter.edge = query.name("edge");
  filter.point = query.text("point");
  const auto wish = read_page(request, query, kMaxPage);
  if (!wish) co_return refuse(wish.error());
  filter.before = number_of(wish->place);
  filter.limit = wish->limit + 1;
  filter.only = context.of_site();
  auto rows = co_await context.parts.records.read([filter](Database& database) -> Result<std::vector<LossRow>> {
    return collector::list_losses(database, filter);
  });
  if (!rows) co_return refuse(rows.error());
  std::optional<std::string> next;
  if (rows->size() > static_cast<std::size_t>(wish->limit)) {
    rows->pop_back();
    next = std::to_string(rows->back().number);
  }
  json::array items;
  for (const LossRow& row : *rows) items.push_back(loss_json(row));
  co_return page_response(*wish, std::move(items), next);
}

}  // namespace anlan::collector::api
