#include "collector/ingest/loss_log.hpp"

#include "common/io/sql_rows.hpp"

namespace anlan::collector {
namespace {

LossRow read(const SqlRow& row) {
  SqlReader in(row);
  LossRow out;
  out.number = in.integer();
  out.origin.edge = in.text();
  out.origin.site = in.text();
  out.loss.point = in.text();
  out.loss.from = in.time();
  out.loss.to = in.time();
  if (const auto count = in.maybe_integer()) out.loss.count = static_cast<std::uint64_t>(*count);
  out.loss.reason = static_cast<LossReason>(in.integer());
  if (const auto records = in.maybe_integer()) out.records = static_cast<std::uint64_t>(*records);
  out.heard_at = in.time();
  return out;
}

SqlValue maybe(const std::optional<std::uint64_t>& count) {
  return count ? SqlValue(static_cast<std::int64_t>(*count)) : SqlValue(nullptr);
}

std::optional<std::uint64_t> records_in(const RangeSet& ranges) {
  const std::uint64_t count = ranges.count();
  return count == RangeSet::kEnd ? std::nullopt : std::optional(count);  // without end: nobody knows
}

void note(Database& database, const Origin& origin, const Loss& loss, std::optional<std::uint64_t> records,
          WallTime now) {
  insert_row(database, "loss",
             {{"number", next_number(database, "loss")},
              {"edge", sql(origin.edge)},
              {"site", sql(origin.site)},
              {"point", sql(loss.point)},
              {"from_ms", sql(loss.from)},
              {"to_ms", sql(loss.to)},
              {"count", maybe(loss.count)},
              {"reason", static_cast<std::int64_t>(loss.reason)},
              {"records", maybe(records)},
              {"heard_at", sql(now)}});
}

}  // namespace

void note_losses(Database& database, const Origin& origin, const Gap& gap, WallTime now) {
  for (const Loss& loss : gap.losses)
    if (loss.point.empty() || loss.point.starts_with(origin.site + "/"))
      note(database, origin, loss, std::nullopt, now);
  if (!gap.losses.empty()) return;
  for (const Void& unread : gap.voids)
    note(database, origin, Loss{"", {}, {}, std::nullopt, unread.reason}, records_in(unread.ranges), now);
}

std::vector<LossRow> list_losses(Database& database, const LossFilter& filter) {
  SqlWhere where;
  if (!filter.site.empty()) where.add("site = ?", {sql(filter.site)});
  where.add(filter.only);
  if (!filter.edge.empty()) where.add("edge = ?", {sql(filter.edge)});
  if (!filter.point.empty()) where.add("point = ?", {sql(filter.point)});
  if (filter.before) where.add("number < ?", {sql(*filter.before)});
  std::vector<LossRow> out;
  for (const SqlRow& row :
       database.query("SELECT number, edge, site, point, from_ms, to_ms, count, reason, records, heard_at FROM loss" +
                          where.text() + " ORDER BY number DESC LIMIT " + std::to_string(filter.limit),
                      where.values()))
    out.push_back(read(row));
  return out;
}

}  // namespace anlan::collector
