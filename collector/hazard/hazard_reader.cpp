#include "collector/hazard/hazard_reader.hpp"

#include <charconv>

#include "collector/hazard/hazard_rows.hpp"
#include "collector/hazard/hazard_text.hpp"
#include "collector/hazard/transition_table.hpp"
#include "common/io/sql_rows.hpp"

namespace anlan::collector {

namespace {

constexpr const char* kOpen = "state NOT IN ('rejected', 'merged', 'closed')";  // to the letter that of hazard_open

Result<std::optional<std::int64_t>> parse_cursor(const std::string& cursor) {
  if (cursor.empty()) return std::nullopt;
  std::int64_t number = 0;
  const auto* end = cursor.data() + cursor.size();
  const auto parsed = std::from_chars(cursor.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end || number < 1)
    return fail(Errc::invalid_argument, "cursor \"" + cursor + "\" is not one that a page gave as `next`");
  return number;
}

SqlWhere conditions(const HazardFilter& filter, std::optional<std::int64_t> below, WallTime now) {
  SqlWhere where;
  if (!filter.states.empty()) {
    std::vector<SqlValue> states;
    for (const auto state : filter.states) states.push_back(sql(to_string(state)));
    where.add_in("state", std::move(states));
  }
  if (!filter.site.empty()) where.add("site = ?", {sql(filter.site)});
  where.add(filter.only);
  if (!filter.asset.empty()) where.add("asset = ?", {sql(filter.asset)});
  // "+": not by the index over deadlines, which would sort every overdue one before the first page.
  const std::string overdue = std::string(kOpen) + " AND deadline IS NOT NULL AND +deadline < ?";
  if (filter.overdue) where.add(*filter.overdue ? overdue : "NOT (" + overdue + ")", {sql(now)});
  if (!filter.text.empty()) {
    where.add("hazard_text MATCH ?", {sql(text_query(filter.text))});
    const auto like = sql("%" + like_escape(filter.text) + "%");
    where.add(
        "(title LIKE ? ESCAPE '\\' OR description LIKE ? ESCAPE '\\' OR location LIKE ? ESCAPE '\\' OR "
        "asset LIKE ? ESCAPE '\\' OR id LIKE ? ESCAPE '\\')",
        {like, like, like, like, like});
  }
  // The index is read from the newest backwards as far as the page asks.
  if (below) where.add(filter.text.empty() ? "number < ?" : "hazard_text.rowid < ?", {sql(*below)});
  return where;
}

}  // namespace

Result<Page<Hazard>> HazardReader::list(const HazardFilter& filter, WallTime now) const {
  if (filter.limit < 1 || filter.limit > kMaxPage)
    return fail(Errc::invalid_argument,
                "limit " + std::to_string(filter.limit) + " is not in 1 to " + std::to_string(kMaxPage));
  const auto below = parse_cursor(filter.cursor);
  if (!below) return fail(below.error());
  const auto where = conditions(filter, *below, now);
  const std::string order = filter.text.empty() ? " ORDER BY number" : " ORDER BY hazard_text.rowid";
  auto found =
      HazardRows(database_).select((filter.text.empty() ? "" : "JOIN hazard_text ON number = hazard_text.rowid") +
                                       where.text() + order + " DESC LIMIT " + std::to_string(filter.limit + 1),
                                   where.values());
  Page<Hazard> page;
  if (found.size() > static_cast<std::size_t>(filter.limit)) {
    found.pop_back();
    page.next = std::to_string(found.back().number);
  }
  for (auto& row : found) page.items.push_back(std::move(row.hazard));
  return page;
}

HazardCounts HazardReader::counts(WallTime now) const {
  HazardCounts counts;
  // "||": not by the index over states, which holds no deadlines, so that the whole table would be read beside it.
  for (const SqlRow& row : database_.query("SELECT state, COUNT(*), SUM(CASE WHEN deadline < :p1 THEN 1 ELSE 0 END) "
                                           "FROM hazard WHERE " +
                                               std::string(kOpen) + " GROUP BY state || ''",
                                           {sql(now)})) {
    const auto state = hazard_state_from(row.text(0));
    if (!state) continue;
    counts.open[static_cast<std::size_t>(*state)] += row.integer(1);
    counts.overdue += row.integer(2);
  }
  return counts;
}

Result<HazardDetails> HazardReader::get(const HazardId& id) const {
  const HazardRows rows(database_);
  auto hazard = rows.find(id);
  if (!hazard) return fail(Errc::not_found, "no hazard " + id.hex());
  auto actions = actions_in(hazard->state);
  return HazardDetails{std::move(*hazard), rows.events(id), rows.evidence(id), std::move(actions)};
}

}  // namespace anlan::collector
