#include "collector/store/chunk.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "collector/store/sample_values.hpp"
#include "collector/store/sealing.hpp"
#include "collector/store/series.hpp"
#include "collector/store/time_tracks.hpp"

namespace anlan::collector {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::uint8_t kNoValueBit = 0x80;  // beside the quality: the value is kNoValue and is not stored
constexpr std::int64_t kHead = -1;          // stands for the point in the checksum of what is no point's

bool no_value(double value) { return std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(kNoValue); }

/// A line of the table of contents.
struct Entry {
  std::uint32_t point = 0;
  std::size_t track = 0, size = 0, at = 0;  // bytes, seal included; `at` from the end of the head
};

struct Head {
  std::vector<RecordHead> records;
  std::vector<TimeTrack> tracks;
  std::vector<Entry> entries;
};

// ---- which records hold how many
// -------------------------------------------------------------------------------------

void put_cells(std::string& out, std::span<const Cell> cells) {
  std::string runs;
  std::uint64_t count = 0, next = 0;
  for (std::size_t i = 0; i < cells.size(); ++count) {
    std::size_t end = i + 1;
    while (end < cells.size() && cells[end].count == cells[i].count && cells[end].record == cells[end - 1].record + 1)
      ++end;
    put_varint(runs, cells[i].record - next);
    put_varint(runs, cells[i].count);
    put_varint(runs, end - i);
    next = cells[end - 1].record + std::uint64_t{1};
    i = end;
  }
  put_varint(out, count);
  out += runs;
}

/// Returns how many samples they are.
std::size_t get_cells(ByteReader& in, std::vector<Cell>& cells, std::size_t records) {
  std::uint64_t next = 0, samples = 0;
  for (std::uint64_t runs = in.varint(); runs > 0 && in.ok(); --runs) {
    const std::uint64_t gap = in.varint(), count = in.varint(), length = in.varint();
    const bool fits = gap <= records - next && length > 0 && length <= records - next - gap && count > 0 &&
                      count <= kMostChunkSamples && length * count <= kMostChunkSamples - samples;
    if (!in.ok() || !fits) return in.fault(), 0;
    next += gap;
    samples += length * count;
    for (const std::uint64_t end = next + length; next < end; ++next)
      cells.push_back({static_cast<std::uint32_t>(next), static_cast<std::uint32_t>(count)});
  }
  return samples;
}

// ---- one point's samples
// ---------------------------------------------------------------------------------------------

void put_exceptions(std::string& out, std::span<const std::int64_t> times, const TimeTrack& track, Effort effort) {
  std::string exceptions;
  std::uint64_t skipped = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i] == track.times[i]) {
      ++skipped;
      continue;
    }
    put_varint(exceptions, std::exchange(skipped, 0));
    put_varint(exceptions, zigzag(static_cast<std::uint64_t>(times[i]) - static_cast<std::uint64_t>(track.times[i])));
  }
  pack(out, exceptions, effort);
}

void get_exceptions(ByteReader& in, std::span<std::int64_t> times) {
  const std::string exceptions = unpack(in, 20 * times.size());
  ByteReader rest(exceptions);
  for (std::size_t i = 0; !rest.done() && rest.ok(); ++i) {
    const std::uint64_t skipped = rest.varint();
    if (skipped >= times.size() - i) return in.fault();
    i += skipped;
    times[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(times[i]) + unzigzag(rest.varint()));
  }
  if (!rest.ok()) in.fault();
}

std::string encode_column(const PointColumn& column, const TimeTrack& track, Effort effort) {
  std::string out;
  put_exceptions(out, column.times, track, effort);
  std::vector<std::uint8_t> words;
  std::vector<double> values;
  words.reserve(column.values.size());
  values.reserve(column.values.size());
  for (std::size_t i = 0; i < column.values.size(); ++i) {
    const bool none = no_value(column.values[i]);
    words.push_back(static_cast<std::uint8_t>(static_cast<unsigned>(column.qualities[i]) | (none ? kNoValueBit : 0u)));
    if (!none) values.push_back(column.values[i]);
  }
  put_runs(out, words);
  put_values(out, values, effort);
  return out;
}

Result<PointColumn> decode_column(std::string_view bytes, std::uint32_t point, const TimeTrack& track) {
  ByteReader in(bytes);
  PointColumn column{point, track.cells, track.times, {}, {}};
  get_exceptions(in, column.times);
  std::vector<std::uint8_t> words(column.times.size());
  get_runs(in, words);
  const auto none = std::ranges::count_if(words, [](std::uint8_t word) { return (word & kNoValueBit) != 0; });
  const auto values = get_values(in, words.size() - static_cast<std::size_t>(none));
  if (!in.ok() || !in.done()) return fail(Errc::storage_corrupt, "a point's samples in a chunk do not decode");
  auto value = values.begin();
  for (const std::uint8_t word : words) {
    const auto quality = quality_from(word & ~kNoValueBit);
    if (!quality) return fail(Errc::unsupported, "samples in a chunk have a quality that is not known here");
    column.qualities.push_back(*quality);
    column.values.push_back(word & kNoValueBit ? kNoValue : *value++);
  }
  return column;
}

// ---- the head
// --------------------------------------------------------------------------------------------------------

std::string encode_head(const ColumnSet& set, const SharedTimes& shared, std::span<const std::string> columns,
                        Effort effort) {
  std::string out(1, static_cast<char>(kVersion));
  std::vector<std::uint64_t> epochs, sequences;
  for (const RecordHead& record : set.records()) {
    epochs.push_back(record.epoch);
    sequences.push_back(record.sequence);
  }
  put_varint(out, set.records().size());
  put_series(out, epochs, effort);
  put_series(out, sequences, effort);
  put_varint(out, shared.tracks.size());
  for (const TimeTrack& track : shared.tracks) {
    put_cells(out, track.cells);
    put_times(out, track.times, effort);
  }
  put_varint(out, columns.size());
  std::uint64_t next = 0;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::uint32_t point = set.columns()[c].point;
    put_varint(out, point - next);
    next = std::uint64_t{point} + 1;
    put_varint(out, shared.track_of[c]);
    put_varint(out, columns[c].size());
  }
  return out;
}

void get_records(ByteReader& in, std::vector<RecordHead>& records) {
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > kMostChunkSamples) return in.fault();
  std::vector<std::uint64_t> epochs(count), sequences(count);
  get_series(in, epochs);
  get_series(in, sequences);
  for (std::size_t i = 0; i < count; ++i) {
    if (epochs[i] >> 32 != 0) return in.fault();
    records.push_back({static_cast<std::uint32_t>(epochs[i]), sequences[i]});
  }
}

void get_tracks(ByteReader& in, Head& head) {
  std::size_t left = kMostChunkSamples;
  for (std::uint64_t tracks = in.varint(); tracks > 0 && in.ok(); --tracks) {
    TimeTrack& track = head.tracks.emplace_back();
    const std::size_t samples = get_cells(in, track.cells, head.records.size());
    if (samples == 0 || samples > left) return in.fault();
    left -= samples;
    track.times.resize(samples);
    get_times(in, track.times);
  }
}

void get_entries(ByteReader& in, Head& head, std::size_t bytes) {
  std::uint64_t next = 0, at = 0, samples = 0;
  for (std::uint64_t columns = in.varint(); columns > 0 && in.ok(); --columns) {
    const std::uint64_t gap = in.varint(), track = in.varint(), size = in.varint(), point = next + gap;
    if (!in.ok() || gap >> 32 != 0 || point >> 32 != 0 || track >= head.tracks.size() || size > bytes - at)
      return in.fault();
    samples += head.tracks[track].times.size();
    if (samples > kMostChunkSamples) return in.fault();
    head.entries.push_back({static_cast<std::uint32_t>(point), track, size, at});
    next = point + 1;
    at += size;
  }
  if (at != bytes) in.fault();
}

/// `columns` becomes what stands after the head.
Result<Head> decode_head(std::string_view chunk, std::int64_t group, std::string_view& columns) {
  ByteReader outer(chunk);
  const std::string_view sealed = outer.take(outer.varint());
  if (!outer.ok()) return fail(Errc::storage_corrupt, "a chunk of samples is cut short");
  columns = outer.take(outer.left());
  const auto opened = unseal(sealed, group, kHead);
  if (!opened) return fail(opened.error());
  ByteReader in(*opened);
  if (const auto version = in.byte(); in.ok() && version != kVersion)
    return fail(Errc::unsupported, "a chunk of version " + std::to_string(version) + ", which is not known here");
  Head head;
  get_records(in, head.records);
  if (in.ok()) get_tracks(in, head);
  if (in.ok()) get_entries(in, head, columns.size());
  if (!in.ok() || !in.done()) return fail(Errc::storage_corrupt, "the head of a chunk does not decode");
  return head;
}

Result<PointColumn> column_at(const Head& head, const Entry& entry, std::string_view columns, std::int64_t group) {
  const auto bytes = unseal(columns.substr(entry.at, entry.size), group, entry.point);
  if (!bytes) return fail(bytes.error());
  return decode_column(*bytes, entry.point, head.tracks[entry.track]);
}

}  // namespace

std::string encode_chunk(const ColumnSet& set, std::int64_t group, Effort effort) {
  const SharedTimes shared = share_times(set.columns());
  std::vector<std::string> columns;
  std::size_t c = 0;
  for (const PointColumn& column : set.columns())
    columns.push_back(seal(encode_column(column, shared.tracks[shared.track_of[c++]], effort), group, column.point));
  const std::string head = seal(encode_head(set, shared, columns, effort), group, kHead);
  std::string out;
  put_varint(out, head.size());
  out += head;
  for (const std::string& column : columns) out += column;
  return out;
}

Result<ColumnSet> decode_chunk(std::string_view chunk, std::int64_t group) {
  std::string_view columns;
  auto head = decode_head(chunk, group, columns);
  if (!head) return fail(std::move(head.error()));
  std::vector<PointColumn> decoded;
  for (const Entry& entry : head->entries) {
    auto column = column_at(*head, entry, columns, group);
    if (!column) return fail(std::move(column.error()));
    decoded.push_back(std::move(*column));
  }
  return ColumnSet(std::move(head->records), std::move(decoded));
}

Result<PointSamples> decode_point(std::string_view chunk, std::int64_t group, std::uint32_t point) {
  std::string_view columns;
  const auto head = decode_head(chunk, group, columns);
  if (!head) return fail(head.error());
  const auto entry = std::ranges::lower_bound(head->entries, point, {}, &Entry::point);
  if (entry == head->entries.end() || entry->point != point) return PointSamples{};
  const auto column = column_at(*head, *entry, columns, group);
  if (!column) return PointSamples{{}, head->tracks[entry->track].times.size()};
  return PointSamples{samples_of(*column, head->records), std::nullopt};
}

Result<std::vector<std::pair<std::uint32_t, std::uint64_t>>> count_by_epoch(std::string_view chunk,
                                                                            std::int64_t group) {
  std::string_view columns;
  const auto head = decode_head(chunk, group, columns);
  if (!head) return fail(head.error());
  std::map<std::uint32_t, std::uint64_t> counts;
  for (const Entry& entry : head->entries)
    for (const Cell& cell : head->tracks[entry.track].cells) counts[head->records[cell.record].epoch] += cell.count;
  return std::vector<std::pair<std::uint32_t, std::uint64_t>>(counts.begin(), counts.end());
}

}  // namespace anlan::collector
