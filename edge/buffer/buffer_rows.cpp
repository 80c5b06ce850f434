#include "edge/buffer/buffer_rows.hpp"

#include "common/wire/checksum.hpp"
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

/// The bytes must outlive the step.
void bind_bytes(SQLite::Statement& put, int index, const std::string& bytes) {
  put.bindNoCopy(index, bytes.data(), static_cast<int>(bytes.size()));
}

void bind_key(SQLite::Statement& put, int index, const std::optional<std::uint64_t>& key) {
  if (key)
    put.bind(index, signed64(*key));
  else
    put.bind(index);
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

AlertTransition active_from(SQLite::Statement& row, const BufferCipher& cipher, bool sums) {
  const std::string alert = row.getColumn(0).getString();
  StoredValue stored{key_at(row, 3), blob(row.getColumn(1))};
  if (sums) verify(row, 2, active_sum(alert, stored.summed()), "active alert");
  auto decoded = decode_alert(cipher.reveal("active", alert, std::move(stored)));
  if (!decoded) throw Damaged{"active alert: " + decoded.error().message};
  return std::move(*decoded);
}

std::string meta_from(std::string_view key, SQLite::Statement& row, const BufferCipher& cipher, bool sums) {
  StoredValue stored{key_at(row, 2), blob(row.getColumn(0))};
  if (sums) verify(row, 1, meta_sum(key, stored.summed()), std::string(key));
  return cipher.reveal("meta", key, std::move(stored));
}

std::string definition_from(SQLite::Statement& row, const BufferCipher& cipher) {
  const std::string hash = row.getColumn(0).getString();
  StoredValue stored{key_at(row, 2), blob(row.getColumn(1))};
  if (stored.by && !cipher.has(*stored.by)) throw Damaged{"definition " + hash + " has a key that was never used"};
  std::string payload = cipher.reveal("definition", hash, std::move(stored));
  if (hash128(payload).hex() != hash) throw Damaged{"definition " + hash};
  return payload;
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

StoredRecord record_from(SQLite::Statement& row, const Place& place, int first) {
  return {key_at(row, first + 8),
          {{place, number_at(row, first)},
           static_cast<Kind>(row.getColumn(first + 1).getUInt()),
           wall_from_ms(row.getColumn(first + 2).getInt64()),
           mono_from_ms(row.getColumn(first + 3).getInt64()),
           static_cast<ClockState>(row.getColumn(first + 4).getInt()),
           row.getColumn(first + 5).getUInt(),
           blob(row.getColumn(first + 7)),
           number_at(row, first + 6)}};
}

std::optional<std::uint64_t> key_at(SQLite::Statement& row, int column) {
  if (row.getColumn(column).isNull()) return std::nullopt;
  return number_at(row, column);
}

void put_meta(SQLite::Statement& put, std::string_view key, const StoredValue& value) {
  put.bind(1, std::string(key));
  bind_bytes(put, 2, value.bytes);
  put.bind(3, meta_sum(key, value.summed()));
  bind_key(put, 4, value.by);
  put.exec();
}

void put_active(SQLite::Statement& put, const std::string& alert, const StoredValue& transition) {
  put.bind(1, alert);
  bind_bytes(put, 2, transition.bytes);
  put.bind(3, active_sum(alert, transition.summed()));
  bind_key(put, 4, transition.by);
  put.exec();
}

void put_definition(SQLite::Statement& put, const std::string& hash, const StoredValue& payload) {
  put.bind(1, hash);
  bind_bytes(put, 2, payload.bytes);
  bind_key(put, 3, payload.by);
  put.exec();
}

void put_record(SQLite::Statement& put, std::int64_t epoch, const std::optional<std::uint64_t>& by,
                const Record& record) {
  put.bind(1, epoch);
  put.bind(2, static_cast<int>(record.id.place.stream));
  put.bind(3, signed64(record.id.sequence));
  put.bind(4, static_cast<std::uint32_t>(record.kind));
  put.bind(5, to_ms(record.wall));
  put.bind(6, to_ms(record.mono));
  put.bind(7, static_cast<int>(record.clock));
  put.bind(8, record.samples);
  put.bind(9, signed64(record.checksum));
  bind_bytes(put, 10, record.payload);
  bind_key(put, 11, by);
  put.exec();
}

}  // namespace anlan::edge
