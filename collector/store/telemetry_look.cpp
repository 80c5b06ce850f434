#include "collector/store/telemetry_look.hpp"

#include "collector/store/chunk.hpp"
#include "collector/store/segment.hpp"
#include "collector/store/telemetry_rows.hpp"
#include "collector/store/time_runs.hpp"

namespace anlan::collector {

void TelemetryLook::load_names() {
  epochs.clear();
  points.clear();
  groups.clear();
  SQLite::Statement rows(db, "SELECT id, edge, epoch, samples - expired FROM epoch");
  while (rows.executeStep())
    epochs[static_cast<std::uint32_t>(unsigned_at(rows, 0))] = {
        rows.getColumn(1).getString(), Epoch::from_hex(rows.getColumn(2).getString()), unsigned_at(rows, 3), 0, {}};
  SQLite::Statement named(db, "SELECT id, path FROM point");
  while (named.executeStep()) points[named.getColumn(0).getInt64()] = named.getColumn(1).getString();
  SQLite::Statement members(db, "SELECT point_group, place, point FROM member");
  while (members.executeStep())
    groups[members.getColumn(0).getInt64()][static_cast<std::uint32_t>(unsigned_at(members, 1))] =
        members.getColumn(2).getInt64();
}

std::int64_t TelemetryLook::point_at(std::int64_t group, std::uint32_t place) const {
  const auto at = groups.find(group);
  if (at == groups.end()) return 0;
  const auto point = at->second.find(place);
  return point == at->second.end() ? 0 : point->second;
}

Result<void> TelemetryLook::read_chunk(std::int64_t group, std::string_view data, const Take& take) const {
  const auto set = decode_chunk(data, group);
  if (!set) return fail(set.error());
  for (const PointColumn& column : set->columns())
    take(point_at(group, column.point), samples_of(column, set->records()));
  return {};
}

Result<void> TelemetryLook::read_segment(std::string_view heads, std::string_view data, const Take& take,
                                         std::uint64_t& damaged) const {
  std::optional<Error> bad;
  const auto read = read_heads(heads, [&](const SegmentEntry& entry) {
    const auto record = read_entry(entry, data);
    if (!record) {
      damaged += entry.samples;
      if (!bad) bad = record.error();
      return;
    }
    StoredRecord in_order = *record;
    put_in_order(in_order.samples);
    ColumnSet set;
    set.add(in_order);
    for (const PointColumn& column : set.columns())
      take(point_at(entry.group, column.point), samples_of(column, set.records()));
  });
  if (!read) return read;
  if (bad) return fail(std::move(*bad));
  return {};
}

}  // namespace anlan::collector
