#include "collector/store/victoria/departures.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "collector/store/telemetry_rows.hpp"
#include "collector/store/victoria/batch_block.hpp"
#include "common/io/random.hpp"
#include "common/model/protocol.hpp"

namespace anlan::collector::victoria {
namespace {

constexpr std::size_t kMostAside = 1000;  // samples of one row

struct Departing {
  std::int64_t point = 0;
  std::uint8_t lane = 0;
  HeldSample sample;
  auto place() const { return std::tuple(point, sample.epoch, lane, sample.time); }
  auto series() const { return std::tuple(point, sample.epoch, lane); }
};

}  // namespace

Departures::Departures(SQLite::Database db, JournalMeter& meter)
    : db_(std::move(db)),
      meter_(meter),
      path_(db_, "SELECT path FROM point WHERE id = ?"),
      epoch_(db_, "SELECT edge, epoch FROM epoch WHERE id = ?"),
      lanes_(db_, "SELECT last FROM lane WHERE point = ? AND epoch = ?") {
  SQLite::Statement draw(db_, "INSERT OR IGNORE INTO engine (one, label, mark, mark_ms) VALUES (1, ?, 0, 0)");
  draw.bind(1, random_id<StoreId>().hex());
  draw.exec();
  SQLite::Statement read(db_, "SELECT label, mark, mark_ms FROM engine");
  read.executeStep();
  label_ = read.getColumn(0).getString();
  mark_ = {unsigned_at(read, 1), read.getColumn(2).getInt64()};
  read_meter();
}

void Departures::read_meter() {
  const auto sums = [&](const char* sql, std::atomic<std::uint64_t>& bytes, std::atomic<std::uint64_t>& samples) {
    SQLite::Statement row(db_, sql);
    row.executeStep();
    bytes = unsigned_at(row, 0);
    samples = unsigned_at(row, 1);
  };
  sums("SELECT coalesce(sum(length(data)), 0), coalesce(sum(samples), 0) FROM batch", meter_.waiting_bytes,
       meter_.waiting_samples);
  sums("SELECT coalesce(sum(length(data)), 0), coalesce(sum(samples), 0) FROM aside", meter_.aside_bytes,
       meter_.aside_samples);
}

Result<std::optional<DepartingGroup>> Departures::next(std::uint64_t most) {
  SQLite::Transaction snapshot(db_);
  DepartingGroup group;
  std::vector<std::pair<PlacedSample, std::int64_t>> arrived;  // with the time of their commit
  SQLite::Statement rows(db_, "SELECT id, committed_ms, samples, data FROM batch ORDER BY id");
  while (rows.executeStep()) {
    const std::uint64_t samples = unsigned_at(rows, 2);
    if (group.count != 0 && group.count + samples > most) break;
    const std::int64_t committed = rows.getColumn(1).getInt64();
    const auto data = blob_at(rows, 3);
    auto read = read_batch(data, std::nullopt, [&](const PlacedSample& one) { arrived.emplace_back(one, committed); });
    if (!read) return fail(std::move(read.error()));
    group.last_batch = rows.getColumn(0).getInt64();
    group.count += samples;
    group.bytes += data.size();
  }
  rows.reset();
  if (group.last_batch == 0) return std::nullopt;
  sort_out(arrived, group);
  return group;
}

/// In the order of arrival, so that the same samples get the same lanes however often it is done.
void Departures::sort_out(const std::vector<std::pair<PlacedSample, std::int64_t>>& arrived, DepartingGroup& group) {
  std::vector<Departing> going;
  going.reserve(arrived.size());
  for (const auto& [one, committed] : arrived) {
    const HeldSample& sample = one.sample;
    std::optional<std::uint8_t> lane;
    if (record_number(sample) && time_fits(sample.time, committed)) {
      const std::pair key(one.point, sample.epoch);
      auto at = group.lanes.find(key);
      if (at == group.lanes.end()) at = group.lanes.emplace(key, lanes_of(one.point, sample.epoch)).first;
      lane = at->second.take(sample.time);
    }
    if (lane)
      going.push_back({one.point, *lane, sample});
    else
      group.unfit.push_back(one);
  }
  std::ranges::sort(going, {}, &Departing::place);
  group.samples.reserve(going.size());
  for (std::size_t i = 0; i < going.size(); ++i) {
    if (i == 0 || going[i].series() != going[i - 1].series()) {
      auto [edge, epoch] = epoch_of(going[i].sample.epoch);
      group.runs.push_back(
          {{label_, path_of(going[i].point), std::move(edge), epoch, going[i].lane}, going[i].point, i, i});
    }
    group.samples.push_back(going[i].sample);
    ++group.runs.back().end;
  }
}

void Departures::release(const DepartingGroup& group, const std::vector<std::size_t>& kept, const Mark& mark) {
  SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
  std::vector<PlacedSample> staying = group.unfit;
  for (const DepartingGroup::Run& run : group.runs)
    for (auto at = std::ranges::lower_bound(kept, run.begin); at != kept.end() && *at < run.end; ++at)
      staying.push_back({run.point, group.samples[*at]});
  keep_aside(std::move(staying));
  note_moved(group, kept);
  SQLite::Statement save(db_, "INSERT OR REPLACE INTO lane (point, epoch, last) VALUES (?, ?, ?)");
  for (const auto& [key, lanes] : group.lanes) {
    const std::string bytes = lanes.bytes();
    save.reset();
    save.bind(1, key.first);
    save.bind(2, static_cast<std::int64_t>(key.second));
    save.bind(3, bytes.data(), static_cast<int>(bytes.size()));
    save.exec();
  }
  SQLite::Statement remove(db_, "DELETE FROM batch WHERE id <= ?");
  remove.bind(1, group.last_batch);
  remove.exec();
  SQLite::Statement flushed(db_, "UPDATE engine SET mark = ?, mark_ms = ?");
  flushed.bind(1, as_signed(mark.number));
  flushed.bind(2, mark.time);
  flushed.exec();
  transaction.commit();
  mark_ = mark;
  meter_.waiting_bytes -= group.bytes;
  meter_.waiting_samples -= group.count;
}

void Departures::keep_aside(std::vector<PlacedSample> samples) {
  std::ranges::sort(samples, {},
                    [](const PlacedSample& s) { return std::tuple(s.point, s.sample.time, s.sample.identity()); });
  SQLite::Statement add(db_, "INSERT INTO aside (point, start_ms, end_ms, samples, data) VALUES (?, ?, ?, ?, ?)");
  for (auto at = samples.begin(); at != samples.end();) {
    auto end = at;
    while (end != samples.end() && end->point == at->point && end - at < static_cast<std::ptrdiff_t>(kMostAside)) ++end;
    const std::string data = encode_batch({at, end});
    add.reset();
    add.bind(1, at->point);
    add.bind(2, at->sample.time);
    add.bind(3, std::prev(end)->sample.time);
    add.bind(4, end - at);
    add.bind(5, data.data(), static_cast<int>(data.size()));
    add.exec();
    meter_.aside_bytes += data.size();
    meter_.aside_samples += static_cast<std::uint64_t>(end - at);
    at = end;
  }
}

/// Where a query of the engine has to look, and how densely its samples lie.
void Departures::note_moved(const DepartingGroup& group, const std::vector<std::size_t>& kept) {
  SQLite::Statement note(db_,
                         "UPDATE point SET first_ms = min(coalesce(first_ms, ?1), ?1), last_ms = max(coalesce(last_ms, "
                         "?2), ?2), moved = moved + ?3 WHERE id = ?4");
  for (const DepartingGroup::Run& run : group.runs) {
    const auto stay = std::ranges::lower_bound(kept, run.end) - std::ranges::lower_bound(kept, run.begin);
    const auto moved = static_cast<std::ptrdiff_t>(run.end - run.begin) - stay;
    if (moved == 0) continue;
    note.reset();
    note.bind(1, group.samples[run.begin].time);
    note.bind(2, group.samples[run.end - 1].time);
    note.bind(3, moved);
    note.bind(4, run.point);
    note.exec();
  }
}

void Departures::forget_engine() {
  SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
  std::map<std::uint32_t, RangeSet> waiting;  // sequences by epoch
  std::map<std::uint32_t, std::int64_t> counts;
  SQLite::Statement rows(db_, "SELECT data FROM batch");
  while (rows.executeStep()) {
    const auto read = read_batch(blob_at(rows, 0), std::nullopt, [&](const PlacedSample& one) {
      waiting[one.sample.epoch].add(one.sample.sequence);
      ++counts[one.sample.epoch];
    });
    if (!read) throw_corrupt(read.error().message);
  }
  std::map<std::pair<std::string, Epoch>, RangeSet> received;
  for (const auto& [epoch, sequences] : waiting) received[epoch_of(epoch)].add(sequences);
  SQLite::Statement raw(db_, "SELECT edge, epoch, sequence FROM raw WHERE stream = ?");
  raw.bind(1, static_cast<std::int64_t>(Stream::telemetry));
  while (raw.executeStep()) received[{raw.getColumn(0).getString(), id_at<Epoch>(raw, 1)}].add(unsigned_at(raw, 2));
  db_.exec("DELETE FROM received");
  SQLite::Statement put(db_, "INSERT INTO received (edge, epoch, stream, ranges) VALUES (?, ?, ?, ?)");
  for (const auto& [place, sequences] : received) {
    put.reset();
    put.bind(1, place.first);
    put.bind(2, place.second.hex());
    put.bind(3, static_cast<std::int64_t>(Stream::telemetry));
    put.bind(4, sequences.str());
    put.exec();
  }
  // A label of its own: whatever turns up in an engine later is not taken for what is received from now on.
  db_.exec(
      "UPDATE epoch SET samples = 0; UPDATE point SET first_ms = NULL, last_ms = NULL, moved = 0; "
      "DELETE FROM lane; DELETE FROM identity");
  SQLite::Statement count(db_, "UPDATE epoch SET samples = ? WHERE id = ?");
  for (const auto& [epoch, samples] : counts) {
    count.reset();
    count.bind(1, samples);
    count.bind(2, static_cast<std::int64_t>(epoch));
    count.exec();
  }
  const std::string label = random_id<StoreId>().hex();
  SQLite::Statement fresh(db_, "UPDATE engine SET label = ?, mark = 0, mark_ms = 0");
  fresh.bind(1, label);
  fresh.exec();
  transaction.commit();
  label_ = label;
  mark_ = {};
  read_meter();
}

PointPath Departures::path_of(std::int64_t point) {
  path_.reset();
  path_.bind(1, point);
  if (!path_.executeStep()) throw_corrupt("a sample of the journal is of a point that is not there");
  auto path = PointPath::parse(path_.getColumn(0).getString());
  path_.reset();
  if (!path) throw_corrupt(path.error().message);
  return std::move(*path);
}

std::pair<std::string, Epoch> Departures::epoch_of(std::uint32_t epoch) {
  epoch_.reset();
  epoch_.bind(1, static_cast<std::int64_t>(epoch));
  if (!epoch_.executeStep()) throw_corrupt("a sample of the journal is of an epoch that is not there");
  std::pair found(epoch_.getColumn(0).getString(), id_at<Epoch>(epoch_, 1));
  epoch_.reset();
  return found;
}

Lanes Departures::lanes_of(std::int64_t point, std::uint32_t epoch) {
  lanes_.reset();
  lanes_.bind(1, point);
  lanes_.bind(2, static_cast<std::int64_t>(epoch));
  auto lanes = lanes_.executeStep() ? Lanes::parse(blob_at(lanes_, 0)) : Lanes();
  lanes_.reset();
  if (!lanes) throw_corrupt(lanes.error().message);
  return std::move(*lanes);
}

}  // namespace anlan::collector::victoria
