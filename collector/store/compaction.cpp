#include "collector/store/compaction.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

namespace anlan::collector {
namespace {

std::string_view blob(SQLite::Statement& row, int column) {
  const auto value = row.getColumn(column);
  return {static_cast<const char*>(value.getBlob()), static_cast<std::size_t>(value.getBytes())};
}

/// Samples of all segments in the order of arrival, by point. What is damaged goes to the table loss.
std::vector<PointSample> load_segments(SQLite::Database& db) {
  std::vector<PointSample> all;
  SQLite::Statement rows(db, "SELECT data, start_ms, end_ms FROM segment ORDER BY id");
  while (rows.executeStep()) {
    bool whole = true;
    const auto before = all.size();
    const auto read = read_segment(blob(rows, 0), [&](std::int64_t point, std::string_view block) {
      const auto samples = decode_block(block);
      whole = whole && samples;
      if (samples)
        for (const StoredSample& sample : *samples) all.push_back({point, sample});
    });
    if (read && whole) continue;
    all.resize(before);
    SQLite::Statement lost(db, "INSERT INTO loss (point, start_ms, end_ms, samples) VALUES (NULL, ?, ?, NULL)");
    lost.bind(1, rows.getColumn(1).getInt64());
    lost.bind(2, rows.getColumn(2).getInt64());
    lost.exec();
  }
  group_by_point(all);
  return all;
}

/// Files the runs of one point after another.
class Filing {
 public:
  Filing(SQLite::Database& db, Effort effort)
      : effort_(effort),
        find_(db, "SELECT id, start_ms, end_ms, data FROM open_chunk WHERE point = ?"),
        update_(db, "UPDATE open_chunk SET start_ms = ?, end_ms = ?, samples = ?, data = ? WHERE id = ?"),
        open_(db, "INSERT INTO open_chunk (point, start_ms, end_ms, samples, data) VALUES (?, ?, ?, ?, ?)"),
        close_(db, "INSERT INTO chunk (point, start_ms, end_ms, samples, data) VALUES (?, ?, ?, ?, ?)"),
        remove_(db, "DELETE FROM open_chunk WHERE id = ?"),
        stretch_(db, "UPDATE point SET longest_ms = ?1 WHERE id = ?2 AND longest_ms < ?1") {}

  void file(std::int64_t point, std::vector<StoredSample> samples) {
    auto chunks = load(point);
    for (auto& run : runs_of(std::move(samples))) {
      const auto home = std::ranges::find_if(chunks, [&](const Open& chunk) { return belongs(run, chunk); });
      Open& chunk = home != chunks.end() ? *home : chunks.emplace_back();
      std::vector<StoredSample> merged;
      merged.reserve(chunk.samples.size() + run.size());
      std::ranges::merge(chunk.samples, run, std::back_inserter(merged), {}, &StoredSample::key, &StoredSample::key);
      chunk.samples.swap(merged);
      chunk.changed = true;
    }
    for (Open& chunk : chunks)
      if (chunk.changed) store(point, chunk);
  }

 private:
  struct Open {
    std::int64_t id = 0;  // 0: not stored yet
    std::vector<StoredSample> samples;
    bool changed = false;
  };

  static bool belongs(const std::vector<StoredSample>& run, const Open& chunk) {
    const auto distance = [](std::int64_t later, std::int64_t earlier) {  // 0 where it is not later
      return later > earlier ? static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier) : 0;
    };
    const auto pause = static_cast<std::uint64_t>(kRunPause.count());
    return !chunk.samples.empty() && distance(run.front().time, chunk.samples.back().time) <= pause &&
           distance(chunk.samples.front().time, run.back().time) <= pause;
  }

  /// One that is damaged is left where it is: readers report it.
  std::vector<Open> load(std::int64_t point) {
    std::vector<Open> chunks;
    find_.reset();
    find_.bind(1, point);
    while (find_.executeStep()) {
      const auto block = open_block(blob(find_, 3), point);
      if (!block) continue;
      auto samples = decode_block(*block);
      if (samples && !samples->empty()) chunks.push_back({find_.getColumn(0).getInt64(), std::move(*samples), false});
    }
    find_.reset();
    return chunks;
  }

  void store(std::int64_t point, Open& chunk) {
    std::span<const StoredSample> rest(chunk.samples);
    for (; rest.size() >= kChunkSamples; rest = rest.subspan(kChunkSamples))
      insert(close_, point, rest.first(kChunkSamples), Effort::tight);
    if (rest.empty()) {
      if (chunk.id != 0) run(remove_, [&] { remove_.bind(1, chunk.id); });
    } else if (chunk.id == 0) {
      insert(open_, point, rest, effort_);
    } else {
      const std::string data = seal_block(encode_block(rest, effort_), point);
      run(update_, [&] {
        bind_span(update_, 1, rest, data);
        update_.bind(5, chunk.id);
      });
      stretch(point, rest);
    }
  }

  void insert(SQLite::Statement& into, std::int64_t point, std::span<const StoredSample> samples, Effort effort) {
    const std::string data = seal_block(encode_block(samples, effort), point);
    run(into, [&] {
      into.bind(1, point);
      bind_span(into, 2, samples, data);
    });
    stretch(point, samples);
  }

  static void bind_span(SQLite::Statement& to, int first, std::span<const StoredSample> samples,
                        const std::string& data) {
    to.bind(first, samples.front().time);
    to.bind(first + 1, samples.back().time);
    to.bind(first + 2, static_cast<std::int64_t>(samples.size()));
    to.bind(first + 3, data.data(), static_cast<int>(data.size()));
  }

  void stretch(std::int64_t point, std::span<const StoredSample> samples) {
    const auto longest =
        static_cast<std::uint64_t>(samples.back().time) - static_cast<std::uint64_t>(samples.front().time);
    run(stretch_, [&] {
      stretch_.bind(1, static_cast<std::int64_t>(std::min<std::uint64_t>(longest, INT64_MAX)));
      stretch_.bind(2, point);
    });
  }

  template <class Bind>
  static void run(SQLite::Statement& statement, Bind bind) {
    statement.reset();
    bind();
    statement.exec();
  }

  Effort effort_;
  SQLite::Statement find_, update_, open_, close_, remove_, stretch_;
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
  std::ranges::sort(samples, {}, &StoredSample::key);
  std::vector<std::vector<StoredSample>> runs;
  for (std::size_t begin = 0; begin < samples.size();) {
    std::size_t end = begin + 1;
    const auto pause = [&](std::size_t i) {
      return static_cast<std::uint64_t>(samples[i].time) - static_cast<std::uint64_t>(samples[i - 1].time);
    };
    while (end < samples.size() && pause(end) <= static_cast<std::uint64_t>(kRunPause.count())) ++end;
    runs.emplace_back(samples.begin() + static_cast<std::ptrdiff_t>(begin),
                      samples.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  }
  return runs;
}

void compact(SQLite::Database& db, const NewestValues& newest, Effort effort) {
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  const auto all = load_segments(db);
  Filing filing(db, effort);
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
