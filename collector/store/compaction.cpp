#include "collector/store/compaction.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <span>

#include "collector/store/telemetry_rows.hpp"
#include "common/base/log.hpp"

namespace anlan::collector {
namespace {

struct Times {
  std::int64_t start = 0, end = 0;
};

Times times_of(std::span<const StoredSample> samples) {
  const auto [first, last] = std::ranges::minmax(samples, {}, &StoredSample::time);
  return {first.time, last.time};
}

/// What is damaged is counted here before it is removed. `point` and `samples` nullopt: not known.
class Losses {
 public:
  explicit Losses(SQLite::Database& db)
      : add_(db, "INSERT INTO loss (point, start_ms, end_ms, samples) VALUES (?, ?, ?, ?)") {}

  void add(std::optional<std::int64_t> point, Times times, std::optional<std::int64_t> samples) {
    add_.reset();
    add_.clearBindings();
    if (point) add_.bind(1, *point);
    add_.bind(2, times.start);
    add_.bind(3, times.end);
    if (samples) add_.bind(4, *samples);
    add_.exec();
    log::error("store", "telemetry is damaged",
               {{"from", to_rfc3339(wall_from_ms(times.start))}, {"to", to_rfc3339(wall_from_ms(times.end))}});
  }

 private:
  SQLite::Statement add_;
};

void sort_by_identity(std::vector<StoredSample>& samples) {
  if (std::ranges::is_sorted(samples, {}, &StoredSample::identity)) return;
  std::ranges::sort(samples, {}, &StoredSample::identity);
}

/// Samples of all segments in the order of arrival, by point.
std::vector<PointSample> load_segments(SQLite::Database& db, Losses& losses) {
  std::vector<PointSample> all;
  SQLite::Statement rows(db, "SELECT data, start_ms, end_ms FROM segment ORDER BY id");
  while (rows.executeStep()) {
    bool whole = true;
    const auto before = all.size();
    const auto read = read_segment(blob_at(rows, 0), [&](std::int64_t point, std::string_view block) {
      const auto samples = decode_block(block);
      whole = whole && samples;
      if (samples)
        for (const StoredSample& sample : *samples) all.push_back({point, sample});
    });
    if (read && whole) continue;
    all.resize(before);
    losses.add(std::nullopt, {rows.getColumn(1).getInt64(), rows.getColumn(2).getInt64()}, std::nullopt);
  }
  group_by_point(all);
  return all;
}

/// Files the runs of one point after another: as a new piece of an open chunk, or, where that makes the chunk full, as
/// a closed one together with the pieces before.
class Filing {
 public:
  Filing(SQLite::Database& db, Losses& losses)
      : losses_(losses),
        find_(db, "SELECT id, start_ms, end_ms, samples FROM open_chunk WHERE point = ?"),
        load_(db, "SELECT data FROM open_chunk WHERE id = ?"),
        open_(db, "INSERT INTO open_chunk (point, start_ms, end_ms, samples, data) VALUES (?, ?, ?, ?, ?)"),
        close_(db, "INSERT INTO chunk (point, start_ms, end_ms, samples, data) VALUES (?, ?, ?, ?, ?)"),
        remove_(db, "DELETE FROM open_chunk WHERE id = ?"),
        stretch_(db, "UPDATE point SET longest_ms = ?1 WHERE id = ?2 AND longest_ms < ?1") {}

  void file(std::int64_t point, std::vector<StoredSample> samples) {
    for (auto& run : runs_of(std::move(samples))) file_run(point, std::move(run));
  }

 private:
  struct Piece {
    std::int64_t id = 0;
    Times times;
    std::int64_t samples = 0;
  };

  void file_run(std::int64_t point, std::vector<StoredSample> run) {
    const auto pieces = pieces_near(point, times_of(run));
    std::size_t together = run.size();
    for (const Piece& piece : pieces) together += static_cast<std::size_t>(piece.samples);
    const std::size_t full = chunk_samples(point);
    if (together >= full || pieces.size() + 1 >= kMostPieces) {
      for (const Piece& piece : pieces) take_up(point, piece, run);
      sort_by_identity(run);
    }
    std::span<const StoredSample> rest(run);
    while (rest.size() >= full) {
      const std::size_t taken = rest.size() < 2 * full ? rest.size() : full;
      insert(close_, point, rest.first(taken), Effort::tight);
      rest = rest.subspan(taken);
    }
    if (!rest.empty()) insert(open_, point, rest, Effort::quick);
  }

  /// Those that a run would continue: with no longer pause between than within a run.
  std::vector<Piece> pieces_near(std::int64_t point, Times run) {
    const auto pause = [](std::int64_t earlier, std::int64_t later) {
      return later > earlier ? static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier) : 0;
    };
    constexpr auto most = static_cast<std::uint64_t>(kRunPause.count());
    std::vector<Piece> pieces;
    find_.reset();
    find_.bind(1, point);
    while (find_.executeStep()) {
      const Piece piece{find_.getColumn(0).getInt64(),
                        {find_.getColumn(1).getInt64(), find_.getColumn(2).getInt64()},
                        find_.getColumn(3).getInt64()};
      if (pause(piece.times.end, run.start) <= most && pause(run.end, piece.times.start) <= most)
        pieces.push_back(piece);
    }
    find_.reset();
    return pieces;
  }

  /// Moves the samples of a piece to `run`.
  void take_up(std::int64_t point, const Piece& piece, std::vector<StoredSample>& run) {
    load_.reset();
    load_.bind(1, piece.id);
    load_.executeStep();
    const auto block = open_block(blob_at(load_, 0), point);
    const auto samples = block ? decode_block(*block) : fail(block.error());
    load_.reset();
    if (samples)
      run.insert(run.end(), samples->begin(), samples->end());
    else
      losses_.add(point, piece.times, piece.samples);
    remove_.reset();
    remove_.bind(1, piece.id);
    remove_.exec();
  }

  void insert(SQLite::Statement& into, std::int64_t point, std::span<const StoredSample> samples, Effort effort) {
    const std::string data = seal_block(encode_block(samples, effort), point);
    const auto [start, end] = times_of(samples);
    into.reset();
    into.bind(1, point);
    into.bind(2, start);
    into.bind(3, end);
    into.bind(4, static_cast<std::int64_t>(samples.size()));
    into.bind(5, data.data(), static_cast<int>(data.size()));
    into.exec();
    const auto length = static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(start);
    stretch_.reset();
    stretch_.bind(1, static_cast<std::int64_t>(std::min<std::uint64_t>(length, INT64_MAX)));
    stretch_.bind(2, point);
    stretch_.exec();
  }

  Losses& losses_;
  SQLite::Statement find_, load_, open_, close_, remove_, stretch_;
};

void save_newest(SQLite::Statement& save, std::int64_t point, const StoredSample& sample) {
  save.reset();
  save.bind(1, point);
  save.bind(2, static_cast<std::int64_t>(sample.epoch));
  save.bind(3, static_cast<std::int64_t>(sample.sequence));
  save.bind(4, static_cast<std::int64_t>(sample.index));
  save.bind(5, sample.time);
  save.bind(6, std::bit_cast<std::int64_t>(sample.value));
  save.bind(7, static_cast<std::int64_t>(sample.quality));
  save.exec();
}

}  // namespace

std::vector<std::vector<StoredSample>> runs_of(std::vector<StoredSample> samples) {
  std::vector<std::vector<StoredSample>> runs;
  if (samples.empty()) return runs;
  const auto pause = [](const StoredSample& from, const StoredSample& to) {
    return static_cast<std::uint64_t>(to.time) - static_cast<std::uint64_t>(from.time);
  };
  constexpr auto kLongest = static_cast<std::uint64_t>(kRunPause.count());
  const auto [first, last] = std::ranges::minmax(samples, {}, &StoredSample::time);
  if (pause(first, last) <= kLongest) {  // the usual case: minutes of live data, already in order
    sort_by_identity(samples);
    runs.push_back(std::move(samples));
    return runs;
  }
  std::ranges::sort(samples, {}, &StoredSample::time);
  for (std::size_t begin = 0; begin < samples.size();) {
    std::size_t end = begin + 1;
    while (end < samples.size() && pause(samples[end - 1], samples[end]) <= kLongest) ++end;
    runs.emplace_back(samples.begin() + static_cast<std::ptrdiff_t>(begin),
                      samples.begin() + static_cast<std::ptrdiff_t>(end));
    sort_by_identity(runs.back());
    begin = end;
  }
  return runs;
}

void compact(SQLite::Database& db, const NewestValues& newest) {
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  Losses losses(db);
  const auto all = load_segments(db, losses);
  Filing filing(db, losses);
  SQLite::Statement save(db, "INSERT OR REPLACE INTO newest VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (std::size_t i = 0; i < all.size();) {
    const std::int64_t point = all[i].point;
    std::vector<StoredSample> samples;
    for (; i < all.size() && all[i].point == point; ++i) samples.push_back(all[i].sample);
    filing.file(point, std::move(samples));
    if (const auto value = newest.get(point)) save_newest(save, point, *value);
  }
  db.exec("DELETE FROM segment");
  transaction.commit();
}

}  // namespace anlan::collector
