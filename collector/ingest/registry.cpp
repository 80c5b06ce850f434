#include "collector/ingest/registry.hpp"

#include <algorithm>

#include "common/wire/codec.hpp"

namespace anlan::collector {
namespace {

// Limits stand in a text column: "high.red=75;deadband=1;on_delay=5000" with exact decimal numbers.
std::string exact(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

void put(std::string& out, std::string_view name, const LevelLimits& limits) {
  for (const Level level : kLevels)
    if (const auto& limit = limits.of(level))
      out += std::string(name) + "." + std::string(to_string(level)) + "=" + exact(*limit) + ";";
}

std::string to_text(const Limits& limits) {
  std::string out;
  put(out, "high", limits.high);
  put(out, "low", limits.low);
  return out + "deadband=" + exact(limits.deadband) + ";on_delay=" + std::to_string(limits.on_delay.count()) +
         ";off_delay=" + std::to_string(limits.off_delay.count());
}

void take(Limits& limits, std::string_view key, const std::string& value) {
  const double number = std::strtod(value.c_str(), nullptr);
  if (key == "deadband") limits.deadband = number;
  if (key == "on_delay") limits.on_delay = Millis{static_cast<Millis::rep>(number)};
  if (key == "off_delay") limits.off_delay = Millis{static_cast<Millis::rep>(number)};
  const auto dot = key.find('.');
  if (dot == key.npos) return;
  const auto level = level_from(key.substr(dot + 1));
  if (level && *level != Level::none) (key.starts_with("high") ? limits.high : limits.low).of(*level) = number;
}

Limits limits_from(std::string_view text) {
  Limits limits;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (const auto equals = part.find('='); equals != part.npos)
      take(limits, part.substr(0, equals), std::string(part.substr(equals + 1)));
  }
  return limits;
}

/// LIKE pattern for "contains", with LIKE's own signs escaped by '\'.
std::string containing(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

constexpr const char* kEdgeColumns =
    "SELECT id, site, version, first_heard, last_heard, clock, unknown_until, "
    "(SELECT count(*) FROM point WHERE point.edge = edge.id AND present = 1), "
    "heard_at, said_at, oldest, urgent_records, urgent_samples, urgent_bytes, live_records, live_samples, live_bytes, "
    "backlog_records, backlog_samples, backlog_bytes FROM edge LEFT JOIN edge_waiting ON edge_waiting.edge = edge.id ";

constexpr std::size_t kFirstOfWaiting = 8;

std::optional<HeardWaiting> waiting_from(const SqlRow& row) {
  std::size_t column = kFirstOfWaiting;
  if (row.null(column)) return std::nullopt;
  HeardWaiting heard;
  heard.heard_at = wall_from_ms(row.integer(column++));
  heard.waiting.at = wall_from_ms(row.integer(column++));
  if (!row.null(column)) heard.waiting.oldest = wall_from_ms(row.integer(column));
  ++column;
  const auto count = [&] { return static_cast<std::uint64_t>(row.integer(column++)); };
  for (auto* amount : {&heard.waiting.urgent, &heard.waiting.live, &heard.waiting.backlog}) {
    amount->records = count();
    amount->samples = count();
    amount->bytes = count();
  }
  return heard;
}

EdgeRow edge_from(const SqlRow& row) {
  EdgeRow edge{row.text(0),
               row.text(1),
               row.text(2),
               wall_from_ms(row.integer(3)),
               wall_from_ms(row.integer(4)),
               static_cast<ClockState>(row.integer(5)),
               {},
               row.integer(7),
               waiting_from(row)};
  if (!row.null(6)) edge.unknown_until = wall_from_ms(row.integer(6));
  return edge;
}

constexpr const char* kPointColumns = "SELECT path, edge, name, unit, asset, period, limits, present FROM point ";

PointRow point_from(const SqlRow& row) {
  auto path = PointPath::parse(row.text(0));
  if (!path) throw DatabaseError(Errc::storage_corrupt, "records.db: point " + path.error().message);
  return {std::move(*path),         row.text(1),        row.text(2), row.text(3), row.text(4), Millis{row.integer(5)},
          limits_from(row.text(6)), row.integer(7) == 1};
}

RangeSet ranges_from(const std::string& text) {
  auto ranges = RangeSet::parse(text);
  if (!ranges) throw DatabaseError(Errc::storage_corrupt, "records.db: " + ranges.error().message);
  return std::move(*ranges);
}

}  // namespace

Result<void> note_edge(Database& database, const Origin& origin, WallTime now) {
  const auto rows = database.query("SELECT site FROM edge WHERE id = :p1", {origin.edge});
  if (rows.empty()) {
    database.exec("INSERT INTO edge(id, site, first_heard, last_heard) VALUES(:p1, :p2, :p3, :p4)",
                  {origin.edge, origin.site, to_ms(now), to_ms(now)});
    return {};
  }
  if (rows.front().text(0) == origin.site) return {};
  return fail(Errc::refused, "edge " + origin.edge + " reports for site " + origin.site + " but belongs to " +
                                 rows.front().text(0) + ": an edge id is used once in the city");
}

void note_hello(Database& database, const Hello& hello, WallTime now) {
  database.exec("UPDATE edge SET version = :p1, last_heard = :p2, clock = :p3 WHERE id = :p4",
                {hello.version, to_ms(now), std::int64_t{static_cast<int>(hello.clock)}, hello.edge});
}

namespace {

/// An edge's clock may say anything.
Millis lag_of(const Waiting& waiting) {
  if (!waiting.oldest || *waiting.oldest >= waiting.at) return Millis{0};
  const auto lag = static_cast<std::uint64_t>(to_ms(waiting.at)) - static_cast<std::uint64_t>(to_ms(*waiting.oldest));
  return Millis{static_cast<std::int64_t>(std::min<std::uint64_t>(lag, INT64_MAX))};
}

}  // namespace

void note_waiting(Database& database, const Origin& origin, const std::optional<Waiting>& waiting, WallTime now) {
  if (database.query("SELECT 1 FROM edge WHERE id = :p1 AND site = :p2", {origin.edge, origin.site}).empty()) return;
  database.exec("DELETE FROM edge_waiting WHERE edge = :p1", {origin.edge});
  if (!waiting) return;
  const auto number = [](std::uint64_t value) { return SqlValue(static_cast<std::int64_t>(value)); };
  database.exec(
      "INSERT INTO edge_waiting(edge, heard_at, said_at, oldest, lag, urgent_records, urgent_samples, urgent_bytes, "
      "live_records, live_samples, live_bytes, backlog_records, backlog_samples, backlog_bytes) "
      "VALUES(:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9, :p10, :p11, :p12, :p13, :p14)",
      {origin.edge, to_ms(now), to_ms(waiting->at),
       waiting->oldest ? SqlValue(to_ms(*waiting->oldest)) : SqlValue(nullptr), std::int64_t{lag_of(*waiting).count()},
       number(waiting->urgent.records), number(waiting->urgent.samples), number(waiting->urgent.bytes),
       number(waiting->live.records), number(waiting->live.samples), number(waiting->live.bytes),
       number(waiting->backlog.records), number(waiting->backlog.samples), number(waiting->backlog.bytes)});
}

WaitingSum sum_waiting(Database& database, const std::set<std::string>& without) {
  constexpr Millis kBehind{60'000};
  WaitingSum sum;
  std::string sql = "SELECT edge, lag";
  for (const char* name : {"urgent", "live", "backlog"})
    for (const char* unit : {"records", "samples", "bytes"}) sql += ", " + (std::string(name) + "_") + unit;
  for (const SqlRow& row : database.query(sql + " FROM edge_waiting")) {
    if (without.contains(row.text(0))) continue;
    const Millis lag{row.integer(1)};
    ++sum.edges;
    if (lag > kBehind) ++sum.behind;
    sum.most = std::max(sum.most, lag);
    std::size_t column = 2;
    for (auto* amount : {&sum.urgent, &sum.live, &sum.backlog})
      for (double* value : {&amount->records, &amount->samples, &amount->bytes})
        *value += static_cast<double>(row.integer(column++));
  }
  return sum;
}

bool advance_definition(Database& database, const std::string& edge, std::uint64_t ordinal, std::uint64_t sequence) {
  const auto o = static_cast<std::int64_t>(ordinal), s = static_cast<std::int64_t>(sequence);
  return database.exec(
             "UPDATE edge SET defined_ordinal = :p1, defined_sequence = :p2 WHERE id = :p3 AND "
             "(defined_ordinal < :p4 OR (defined_ordinal = :p5 AND defined_sequence < :p6))",
             {o, s, edge, o, o, s}) > 0;
}

NotedPoints note_points(Database& database, const Origin& origin, const Definition& definition) {
  NotedPoints noted;
  const std::string hash = hash_of(definition).hex();
  database.exec("UPDATE point SET present = 0 WHERE edge = :p1", {origin.edge});
  for (const PointDefinition& point : definition.points) {
    const std::string path = point.path.str();
    if (point.path.site != origin.site) {
      noted.refused.push_back(path);
      continue;
    }
    const auto owner = database.query("SELECT edge FROM point WHERE path = :p1", {path});
    if (!owner.empty() && owner.front().text(0) != origin.edge) noted.moved.push_back(path);
    database.exec(
        "INSERT INTO point(path, site, device, edge, name, unit, asset, period, limits, definition, present) "
        "VALUES(:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9, :p10, 1) ON CONFLICT(path) DO UPDATE SET edge = "
        "excluded.edge, "
        "name = excluded.name, unit = excluded.unit, asset = excluded.asset, period = excluded.period, limits = "
        "excluded.limits, "
        "definition = excluded.definition, present = 1",
        {path, point.path.site, point.path.device, origin.edge, point.name, point.unit, point.asset,
         std::int64_t{point.period.count()}, to_text(point.limits), hash});
  }
  return noted;
}

std::vector<EdgeRow> list_edges(Database& database, const std::string& site, const std::string& after, int limit,
                                const SqlCondition& only) {
  SqlWhere where;
  where.add("id > ?", {sql(after)});
  if (!site.empty()) where.add("site = ?", {sql(site)});
  where.add(only);
  std::vector<EdgeRow> edges;
  for (const SqlRow& row :
       database.query(kEdgeColumns + where.text() + " ORDER BY id LIMIT " + std::to_string(limit), where.values()))
    edges.push_back(edge_from(row));
  return edges;
}

std::optional<EdgeRow> get_edge(Database& database, const std::string& id) {
  const auto rows = database.query(std::string(kEdgeColumns) + "WHERE id = :p1", {id});
  return rows.empty() ? std::nullopt : std::optional(edge_from(rows.front()));
}

std::vector<SiteRow> list_sites(Database& database, const std::string& after, int limit, const SqlCondition& only) {
  SqlWhere where;
  where.add("site > ?", {sql(after)});
  where.add(only);
  std::vector<SiteRow> sites;
  for (const SqlRow& row :
       database.query("SELECT site, count(*), max(last_heard), "
                      "(SELECT count(*) FROM point WHERE point.site = edge.site AND present = 1) FROM edge" +
                          where.text() + " GROUP BY site ORDER BY site LIMIT " + std::to_string(limit),
                      where.values()))
    sites.push_back({row.text(0), row.integer(1), row.integer(3), wall_from_ms(row.integer(2))});
  return sites;
}

std::vector<PointRow> list_points(Database& database, const PointFilter& filter) {
  SqlWhere where;
  where.add("path > ?", {sql(filter.after)});
  if (!filter.site.empty()) where.add("site = ?", {sql(filter.site)});
  if (!filter.device.empty()) where.add("device = ?", {sql(filter.device)});
  if (!filter.edge.empty()) where.add("edge = ?", {sql(filter.edge)});
  const std::string text = containing(filter.text);
  where.add("(path LIKE ? ESCAPE '\\' OR name LIKE ? ESCAPE '\\')", {sql(text), sql(text)});
  where.add(filter.only);
  std::vector<PointRow> points;
  for (const SqlRow& row : database.query(
           kPointColumns + where.text() + " ORDER BY path LIMIT " + std::to_string(filter.limit), where.values()))
    points.push_back(point_from(row));
  return points;
}

std::optional<PointRow> get_point(Database& database, const PointPath& path) {
  const auto rows = database.query(std::string(kPointColumns) + "WHERE path = :p1", {path.str()});
  return rows.empty() ? std::nullopt : std::optional(point_from(rows.front()));
}

std::int64_t count_edges(Database& database) { return database.query("SELECT COUNT(*) FROM edge").at(0).integer(0); }

std::vector<AccountRow> list_accounts(Database& database, const std::string& edge) {
  std::vector<AccountRow> accounts;
  for (const SqlRow& row : database.query(
           "SELECT edge, epoch, stream, data, voided, lost, reach FROM place WHERE edge = :p1 ORDER BY epoch, stream",
           {edge})) {
    const auto epoch = Epoch::from_hex(row.text(1));
    if (!epoch) throw DatabaseError(Errc::storage_corrupt, "records.db: place with epoch " + row.text(1));
    accounts.push_back({row.text(0),
                        {*epoch, static_cast<Stream>(row.integer(2))},
                        ranges_from(row.text(3)),
                        ranges_from(row.text(4)),
                        ranges_from(row.text(5)),
                        static_cast<std::uint64_t>(row.integer(6))});
  }
  return accounts;
}

AccountSum sum_of(const AccountRow& row) {
  const RangeSet all(0, row.reach);
  AccountSum sum;
  sum.missing = all;
  sum.missing.remove(row.data);
  sum.missing.remove(row.voided);
  RangeSet voided = row.voided.intersection(all), lost = row.lost.intersection(all);
  voided.remove(row.data);
  lost.remove(row.data);
  sum.stored = row.data.intersection(all).count();
  sum.voided = voided.count();
  sum.lost = lost.count();
  return sum;
}

}  // namespace anlan::collector
