#include "collector/alert/alert_reader.hpp"

#include <charconv>

#include "collector/alert/alert_rows.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {

namespace {

/// The cursor is the number of the last row of the page before.
Result<std::optional<std::int64_t>> parse_cursor(const std::string& cursor) {
  if (cursor.empty()) return std::nullopt;
  std::int64_t number = 0;
  const auto* end = cursor.data() + cursor.size();
  const auto parsed = std::from_chars(cursor.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end || number < 1)
    return fail(Errc::invalid_argument, "cursor \"" + cursor + "\" is not one that a page gave as `next`");
  return number;
}

SqlWhere conditions(const AlertFilter& filter, std::optional<std::int64_t> below) {
  SqlWhere where;
  where.add("lead = id");
  if (!filter.states.empty()) {
    std::vector<SqlValue> states;
    for (const auto state : filter.states) states.push_back(sql(to_string(state)));
    where.add_in("state", std::move(states));
  }
  if (filter.at_least != Level::none) where.add("level >= ?", {sql(static_cast<int>(filter.at_least))});
  if (!filter.site.empty()) where.add("site = ?", {sql(filter.site)});
  where.add(filter.only);
  if (!filter.edge.empty()) where.add("edge = ?", {sql(filter.edge)});
  if (!filter.source_prefix.empty())
    where.add("source LIKE ? ESCAPE '\\'", {sql(like_escape(filter.source_prefix) + "%")});
  if (filter.since) where.add("raised_at >= ?", {sql(*filter.since)});
  if (filter.until) where.add("raised_at < ?", {sql(*filter.until)});
  if (below) where.add("number < ?", {sql(*below)});
  return where;
}

}  // namespace

Result<Page<Alert>> AlertReader::list(const AlertFilter& filter) const {
  if (filter.limit < 1 || filter.limit > kMaxPage)
    return fail(Errc::invalid_argument,
                "limit " + std::to_string(filter.limit) + " is not in 1 to " + std::to_string(kMaxPage));
  const auto below = parse_cursor(filter.cursor);
  if (!below) return fail(below.error());
  const auto where = conditions(filter, *below);
  const AlertRows rows(database_);
  auto found =
      rows.select(where.text() + " ORDER BY number DESC LIMIT " + std::to_string(filter.limit + 1), where.values());
  Page<Alert> page;
  if (found.size() > static_cast<std::size_t>(filter.limit)) {
    found.pop_back();
    page.next = std::to_string(found.back().number);
  }
  for (auto& row : found) {
    if (row.alert.state != AlertState::over) row.alert.episodes = rows.shown_under(row.alert.id);
    page.items.push_back(std::move(row.alert));
  }
  return page;
}

Result<AlertDetails> AlertReader::get(const AlertId& id) const {
  const AlertRows rows(database_);
  auto alert = rows.find(id);
  if (!alert) return fail(Errc::not_found, "no alert " + id.hex());
  alert->episodes = rows.shown_under(id);
  return AlertDetails{std::move(*alert), rows.events(id)};
}

AlertCounts AlertReader::counts() const {
  AlertCounts counts;
  for (const SqlRow& row :
       database_.query("SELECT state, level, COUNT(*) FROM alert WHERE lead = id AND state IN ('active-unacked', "
                       "'active-acked', 'latched', 'cleared-unacked') GROUP BY state, level")) {
    const auto state = alert_state_from(row.text(0)).value_or(AlertState::active_unacked);
    if (is_active(state)) counts.active.at(static_cast<std::size_t>(row.integer(1))) += row.integer(2);
    if (state == AlertState::active_unacked || state == AlertState::cleared_unacked)
      counts.unacknowledged += row.integer(2);
  }
  return counts;
}

std::vector<std::string> AlertReader::silent_edges() const {
  std::vector<std::string> edges;
  for (const auto& edge : AlertRows(database_).silent()) edges.push_back(edge.edge);
  return edges;
}

}  // namespace anlan::collector
