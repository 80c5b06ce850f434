#include "collector/store/telemetry_raw.hpp"

#include "collector/store/telemetry_rows.hpp"

namespace anlan::collector {
namespace {

void bind(SQLite::Statement& to, const std::string& edge, const RecordId& id) {
  to.bind(1, edge);
  to.bind(2, id.place.epoch.hex());
  to.bind(3, static_cast<std::int64_t>(id.place.stream));
  to.bind(4, as_signed(id.sequence));
}

RawRecord read(const std::string& edge, SQLite::Statement& row) {
  RawRecord raw{edge, {}, std::nullopt};
  Record& record = raw.record;
  record.id = {{id_at<Epoch>(row, 0), static_cast<Stream>(unsigned_at(row, 1))}, unsigned_at(row, 2)};
  record.kind = static_cast<Kind>(unsigned_at(row, 3));
  record.wall = wall_from_ms(row.getColumn(4).getInt64());
  record.mono = mono_from_ms(row.getColumn(5).getInt64());
  record.clock = static_cast<ClockState>(unsigned_at(row, 6));
  record.samples = static_cast<std::uint32_t>(unsigned_at(row, 7));
  record.payload = blob_at(row, 8);
  record.checksum = unsigned_at(row, 9);
  if (!row.isColumnNull(10)) raw.wanted = id_at<DefinitionHash>(row, 10);
  return raw;
}

}  // namespace

RawRecords::RawRecords(SQLite::Database& db)
    : add_(db,
           "INSERT INTO raw (edge, epoch, stream, sequence, kind, wall_ms, mono_ms, clock, samples, payload, checksum, "
           "wanted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      remove_(db, "DELETE FROM raw WHERE edge = ? AND epoch = ? AND stream = ? AND sequence = ?"),
      list_(
          db,
          "SELECT epoch, stream, sequence, kind, wall_ms, mono_ms, clock, samples, payload, checksum, wanted FROM raw "
          "WHERE edge = ?1 AND (?2 IS NULL OR wanted = ?2) AND (epoch, stream, sequence) > (?3, ?4, ?5) "
          "ORDER BY epoch, stream, sequence LIMIT ?6"),
      wanted_(db, "SELECT DISTINCT wanted FROM raw WHERE edge = ? AND wanted IS NOT NULL ORDER BY wanted") {}

void RawRecords::add(const RawRecord& raw) {
  const Record& record = raw.record;
  add_.reset();
  bind(add_, raw.edge, record.id);
  add_.bind(5, static_cast<std::int64_t>(record.kind));
  add_.bind(6, to_ms(record.wall));
  add_.bind(7, to_ms(record.mono));
  add_.bind(8, static_cast<std::int64_t>(record.clock));
  add_.bind(9, static_cast<std::int64_t>(record.samples));
  add_.bind(10, record.payload.data(), static_cast<int>(record.payload.size()));
  add_.bind(11, as_signed(record.checksum));
  if (raw.wanted)
    add_.bind(12, raw.wanted->hex());
  else
    add_.bind(12);
  add_.exec();
}

bool RawRecords::remove(const std::string& edge, const RecordId& id) {
  remove_.reset();
  bind(remove_, edge, id);
  return remove_.exec() > 0;
}

std::vector<RawRecord> RawRecords::list(const std::string& edge, const std::optional<DefinitionHash>& wanted,
                                        const std::optional<RecordId>& after, std::size_t limit) {
  list_.reset();
  list_.bind(1, edge);
  if (wanted)
    list_.bind(2, wanted->hex());
  else
    list_.bind(2);
  list_.bind(3, after ? after->place.epoch.hex() : std::string());
  list_.bind(4, after ? static_cast<std::int64_t>(after->place.stream) : 0);
  list_.bind(5, after ? as_signed(after->sequence) : 0);
  list_.bind(6, static_cast<std::int64_t>(limit));
  std::vector<RawRecord> found;
  while (list_.executeStep()) found.push_back(read(edge, list_));
  return found;
}

std::vector<DefinitionHash> RawRecords::wanted(const std::string& edge) {
  wanted_.reset();
  wanted_.bind(1, edge);
  std::vector<DefinitionHash> hashes;
  while (wanted_.executeStep()) hashes.push_back(id_at<DefinitionHash>(wanted_, 0));
  return hashes;
}

}  // namespace anlan::collector
