#include "common/wire/column_batch.hpp"

#include <algorithm>

#include "common/wire/codec.hpp"
#include "common/wire/columns.hpp"

namespace anlan::wire {
namespace {

constexpr int kMostRecords = 8192;  // in one frame: a record costs more memory than bytes

std::uint64_t unsigned_ms(WallTime time) { return static_cast<std::uint64_t>(to_ms(time)); }
std::uint64_t unsigned_ms(MonoTime time) { return static_cast<std::uint64_t>(to_ms(time)); }

bool holds_columns(const Record& record) {
  return (record.kind == Kind::samples || record.kind == Kind::minutes) && !record.payload.empty() &&
         record.payload.front() == kColumns;
}

/// The samples of all records in one; of a single record its payload is that already. Empty: it cannot be, or the
/// reader would not make the payloads again that the checksums are over.
std::string columns_of(const std::vector<Record>& records) {
  if (records.size() == 1) {
    const auto count = count_columns(records.front().payload);
    return count && *count == records.front().samples ? records.front().payload : "";
  }
  std::vector<Samples> all;
  std::size_t bytes = 0;
  for (const Record& record : records) {
    auto samples = decode_samples(record.payload, record.samples);
    if (!samples || samples->samples.size() != record.samples) return {};
    if (!all.empty() && all.front().definition != samples->definition) return {};
    if (encode_payload(*samples) != record.payload) return {};
    all.push_back(std::move(*samples));
    bytes += record.payload.size();
  }
  std::string together = encode_columns(all);
  return together.size() < bytes ? together : "";
}

}  // namespace

bool put(v1::ColumnBatch& out, const RecordBatch& batch) {
  const auto& records = batch.records;
  if (records.empty() || records.size() > kMostRecords) return false;
  const Place place = records.front().id.place;
  std::uint64_t sequence = 0, wall = 0, mono = 0;
  for (const Record& record : records) {
    if (!holds_columns(record) || record.id.place != place || record.id.sequence < sequence) return false;
    out.add_sequence_steps(record.id.sequence - std::exchange(sequence, record.id.sequence));
    const std::uint64_t wall_step = unsigned_ms(record.wall) - std::exchange(wall, unsigned_ms(record.wall));
    const std::uint64_t mono_step = unsigned_ms(record.mono) - std::exchange(mono, unsigned_ms(record.mono));
    const bool first = out.wall_steps_size() == 0;
    out.add_wall_steps(static_cast<std::int64_t>(wall_step));
    out.add_mono_steps(static_cast<std::int64_t>(first ? mono_step : mono_step - wall_step));
    out.add_checksums(record.checksum);
  }
  if (place.stream != Stream::telemetry) return false;
  out.set_epoch(bytes(place.epoch));
  if (std::ranges::any_of(records, [](const Record& r) { return r.kind != Kind::samples; }))
    for (const Record& record : records) out.add_kinds(static_cast<std::uint32_t>(record.kind));
  if (std::ranges::any_of(records, [](const Record& r) { return r.clock != ClockState::synced; }))
    for (const Record& record : records) out.add_clocks(static_cast<std::uint32_t>(record.clock));
  out.set_samples(columns_of(records));
  return !out.samples().empty();
}

RecordBatch get(const v1::ColumnBatch& in) {
  const int count = in.checksums_size();
  if (count > kMostRecords) throw Bad{Errc::too_large, "frame of more than 8192 records"};
  const auto fits = [&](int size) { return size == count; };
  if (count == 0 || !fits(in.sequence_steps_size()) || !fits(in.wall_steps_size()) || !fits(in.mono_steps_size()) ||
      !(in.kinds().empty() || fits(in.kinds_size())) || !(in.clocks().empty() || fits(in.clocks_size())))
    throw Bad{Errc::malformed, "heads of records do not add up"};
  RecordBatch batch;
  batch.records.resize(static_cast<std::size_t>(count));
  const Place place{id_from<Epoch>(in.epoch(), "epoch"), Stream::telemetry};
  std::uint64_t sequence = 0, wall = 0, mono = 0;
  for (int i = 0; i < count; ++i) {
    Record& record = batch.records[static_cast<std::size_t>(i)];
    const auto wall_step = static_cast<std::uint64_t>(in.wall_steps(i));
    wall += wall_step;
    mono += static_cast<std::uint64_t>(in.mono_steps(i)) + (i == 0 ? 0 : wall_step);
    record.id = {place, counted(sequence += in.sequence_steps(i), "sequence")};
    record.kind = in.kinds().empty() ? Kind::samples : static_cast<Kind>(in.kinds(i));
    record.clock = in.clocks().empty() ? ClockState::synced : static_cast<ClockState>(in.clocks(i));
    record.wall = wall_from_ms(static_cast<std::int64_t>(wall));
    record.mono = mono_from_ms(static_cast<std::int64_t>(mono));
    record.checksum = in.checksums(i);
  }
  if (count == 1) {
    const auto samples = count_columns(in.samples());
    if (!samples) throw Bad{samples.error().code, samples.error().message};
    batch.records.front().samples = static_cast<std::uint32_t>(*samples);
    batch.records.front().payload = in.samples();
    return batch;
  }
  const auto records = decode_columns(in.samples(), static_cast<std::size_t>(count), kMaxFrameSamples);
  if (!records) throw Bad{records.error().code, records.error().message};
  if (records->size() != batch.records.size()) throw Bad{Errc::malformed, "fewer records of samples than heads"};
  for (std::size_t i = 0; i < records->size(); ++i) {
    batch.records[i].samples = static_cast<std::uint32_t>((*records)[i].samples.size());
    batch.records[i].payload = encode_payload((*records)[i]);
  }
  return batch;
}

}  // namespace anlan::wire
