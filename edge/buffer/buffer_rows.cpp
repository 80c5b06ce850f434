#include "edge/buffer/buffer_rows.hpp"

#include "common/wire/codec.hpp"
#include "edge/buffer/buffer_schema.hpp"

namespace anlan::edge {
namespace {

std::uint64_t number_at(SQLite::Statement& row, int column) {
  return static_cast<std::uint64_t>(row.getColumn(column).getInt64());
}

RangeSet ranges_at(SQLite::Statement& row, int column) {
  auto parsed = RangeSet::parse(row.getColumn(column).getString());
  if (!parsed) throw Damaged{parsed.error().message};
  return std::move(*parsed);
}

void verify(SQLite::Statement& row, int column, std::int64_t computed, const std::string& what) {
  const SQLite::Column stored = row.getColumn(column);
  if (stored.isNull() || stored.getInt64() != computed) throw Damaged{what + ": its checksum does not fit"};
}

}  // namespace

std::string blob(const SQLite::Column& column) {
  const void* data = column.getBlob();
  return {static_cast<const char*>(data), data ? static_cast<std::size_t>(column.getBytes()) : 0};
}

Stream stream_from(std::int64_t number) {
  for (const Stream stream : kStreams)
    if (static_cast<std::int64_t>(stream) == number) return stream;
  throw Damaged{"stream " + std::to_string(number)};
}

std::pair<std::int64_t, Ledger::EpochEntry> epoch_from(SQLite::Statement& row, bool sums) {
  const std::int64_t number = row.getColumn(0).getInt64();
  const std::string id = row.getColumn(1).getString();
  if (sums) verify(row, 3, epoch_sum(number, id, number_at(row, 2)), "epoch");
  return {number, {required(Epoch::from_hex(id), "epoch id"), number_at(row, 2)}};
}

std::pair<Stream, PlaceState> place_from(SQLite::Statement& row, bool sums) {
  const Stream stream = stream_from(row.getColumn(1).getInt64());
  PlaceState state{number_at(row, 2), ranges_at(row, 3), ranges_at(row, 4), number_at(row, 5), number_at(row, 6)};
  if (sums) verify(row, 7, place_sum(row.getColumn(0).getInt64(), stream, state), "place");
  return {stream, std::move(state)};
}

AlertTransition active_from(SQLite::Statement& row, bool sums) {
  const std::string transition = blob(row.getColumn(1));
  if (sums) verify(row, 2, active_sum(row.getColumn(0).getString(), transition), "active alert");
  auto decoded = decode_alert(transition);
  if (!decoded) throw Damaged{"active alert: " + decoded.error().message};
  return std::move(*decoded);
}

std::string meta_from(std::string_view key, SQLite::Statement& row, bool sums) {
  std::string value = blob(row.getColumn(0));
  if (sums) verify(row, 1, meta_sum(key, value), std::string(key));
  return value;
}

std::int64_t place_sum(std::int64_t epoch, Stream stream, const PlaceState& state) {
  return RowSum("place")
      .number(static_cast<std::uint64_t>(epoch))
      .number(static_cast<std::uint64_t>(stream))
      .number(state.next)
      .text(state.received.str())
      .text(state.held.str())
      .number(state.bytes)
      .number(state.samples)
      .value();
}

Record record_from(SQLite::Statement& row, const Place& place, int first) {
  return {{place, number_at(row, first)},
          static_cast<Kind>(row.getColumn(first + 1).getUInt()),
          wall_from_ms(row.getColumn(first + 2).getInt64()),
          mono_from_ms(row.getColumn(first + 3).getInt64()),
          static_cast<ClockState>(row.getColumn(first + 4).getInt()),
          row.getColumn(first + 5).getUInt(),
          blob(row.getColumn(first + 7)),
          number_at(row, first + 6)};
}

}  // namespace anlan::edge
