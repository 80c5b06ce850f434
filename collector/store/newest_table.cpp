#include "collector/store/newest_table.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "collector/store/chunk.hpp"
#include "collector/store/telemetry_rows.hpp"
#include "common/base/time.hpp"

namespace anlan::collector {
namespace {

/// Stands for the group in the checksums: a chunk that got into this table does not pass, nor the other way round.
std::int64_t sealed_as(std::int64_t group) { return ~group; }

}  // namespace

NewestRow newest_row(std::int64_t group, const std::vector<PlacedValue>& values) {
  std::map<RecordHead, std::vector<Sample>> records;
  for (const auto& [place, value] : values) {
    Sample sample;
    sample.point = place;
    sample.time = wall_from_ms(value.time);
    sample.value = value.value;
    sample.quality = value.quality;
    records[{value.epoch, value.sequence}].push_back(sample);
  }
  ColumnSet set(1);
  for (auto& [head, samples] : records) set.add({head, std::move(samples)});
  const auto latest = std::ranges::max_element(values, {}, [](const PlacedValue& value) { return value.sample.time; });
  return {group, latest->sample.time, encode_chunk(set, sealed_as(group), Effort::quick)};
}

Result<std::vector<PlacedValue>> newest_in(std::int64_t group, std::string_view data) {
  const auto set = decode_chunk(data, sealed_as(group));
  if (!set) return fail(set.error());
  std::vector<PlacedValue> values;
  for (const PointColumn& column : set->columns()) {
    const auto samples = samples_of(column, set->records());
    if (samples.size() != 1) return fail(Errc::storage_corrupt, "a point has more than one newest value");
    values.push_back({column.point, samples.front()});
  }
  return values;
}

void save_newest(SQLite::Database& db, const std::vector<NewestRow>& rows, std::int64_t filed) {
  SQLite::Statement save(db, "INSERT OR REPLACE INTO newest (point_group, filed, latest_ms, data) VALUES (?, ?, ?, ?)");
  for (const NewestRow& row : rows) {
    save.tryReset();
    save.bind(1, row.group);
    save.bind(2, filed);
    save.bind(3, row.latest_ms);
    save.bindNoCopy(4, row.data.data(), static_cast<int>(row.data.size()));
    save.exec();
  }
}

void load_newest(SQLite::Database& db,
                 const std::function<void(std::int64_t group, const Result<std::vector<PlacedValue>>&)>& take) {
  SQLite::Statement rows(db, "SELECT point_group, data FROM newest ORDER BY filed");
  while (rows.executeStep()) {
    const std::int64_t group = rows.getColumn(0).getInt64();
    take(group, newest_in(group, blob_at(rows, 1)));
  }
}

}  // namespace anlan::collector
