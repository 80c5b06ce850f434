#include "collector/store/compaction.hpp"

#include <algorithm>

#include "collector/store/telemetry_rows.hpp"
#include "common/base/log.hpp"

namespace anlan::collector {
namespace {

constexpr std::uint64_t kSegmentsAtOnce = 4096, kSamplesAtOnce = 4'000'000;  // in memory

}  // namespace

Compaction::Compaction(SQLite::Database& db, const NewestValues& newest, SegmentBacklog& backlog, std::mutex& writing)
    : db_(db),
      newest_(newest),
      backlog_(backlog),
      writing_(writing),
      chunks_(db_),
      members_(db_, "SELECT place, point FROM member WHERE point_group = ? ORDER BY place") {}

void Compaction::run() {
  const Plan decided = plan();
  if (decided.segments == 0) return;
  const std::scoped_lock lock(writing_);
  apply(decided);
  const auto less = [](std::atomic<std::uint64_t>& of, std::uint64_t by) { of -= std::min(of.load(), by); };
  less(backlog_.segments, decided.segments);
  less(backlog_.samples, decided.samples);
  backlog_.busiest = 0;
  backlog_.filed = true;
}

Compaction::Plan Compaction::plan() {
  SQLite::Transaction snapshot(db_);
  Plan plan;
  for (const auto& [group, waiting] : load_segments(plan)) file_group(group, waiting, plan);
  return plan;
}

std::map<std::int64_t, std::vector<Compaction::Waiting>> Compaction::load_segments(Plan& plan) {
  std::map<std::int64_t, std::vector<Waiting>> groups;
  SQLite::Statement rows(db_, "SELECT id, start_ms, end_ms, samples, heads, data FROM segment ORDER BY id");
  while (plan.segments < kSegmentsAtOnce && plan.samples < kSamplesAtOnce && rows.executeStep()) {
    plan.last_segment = rows.getColumn(0).getInt64();
    ++plan.segments;
    plan.samples += unsigned_at(rows, 3);
    const TimeRange range{rows.getColumn(1).getInt64(), rows.getColumn(2).getInt64()};
    const std::string_view data = blob_at(rows, 5);
    const auto read = read_heads(blob_at(rows, 4), [&](const SegmentEntry& entry) {
      SegmentEntry alone = entry;
      alone.at = 0;
      groups[entry.group].push_back(
          {alone, entry.at <= data.size() ? std::string(data.substr(entry.at, entry.size)) : "", range});
    });
    if (!read) lose(read.error(), plan, {0, range, unsigned_at(rows, 3)});
  }
  return groups;
}

/// What is whole and of a later version stays until that version comes back: nothing is filed meanwhile.
void Compaction::lose(const Error& error, Plan& plan, const Loss& loss) {
  if (error.code == Errc::unsupported) throw_unsupported(error.message);
  plan.losses.push_back(loss);
}

void Compaction::file_group(std::int64_t group, const std::vector<Waiting>& waiting, Plan& plan) {
  std::vector<StoredRecord> records;
  for (const Waiting& one : waiting) {
    auto record = read_entry(one.entry, one.data);
    if (record)
      records.push_back(std::move(*record));
    else
      lose(record.error(), plan, {group, one.range, one.entry.samples});
  }
  file_records(chunks_, group, std::move(records), plan.chunks);
  take_newest(group, plan);
}

/// What is in memory is durable, and as new as what is filed, or newer.
void Compaction::take_newest(std::int64_t group, Plan& plan) {
  std::vector<PlacedValue> values;
  Running members(members_);
  members_.bind(1, group);
  while (members.next())
    if (const auto sample = newest_.get(members_.getColumn(1).getInt64()))
      values.push_back({static_cast<std::uint32_t>(unsigned_at(members_, 0)), *sample});
  if (!values.empty()) plan.newest.push_back(newest_row(group, values));
}

void Compaction::apply(const Plan& plan) {
  SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
  chunks_.apply(plan.chunks);
  add_losses(plan.losses);
  save_newest(db_, plan.newest, plan.last_segment);
  SQLite::Statement remove(db_, "DELETE FROM segment WHERE id <= ?");
  remove.bind(1, plan.last_segment);
  remove.exec();
  transaction.commit();
}

void Compaction::add_losses(const std::vector<Loss>& losses) {
  SQLite::Statement add(
      db_, "INSERT INTO loss (point, point_group, start_ms, end_ms, samples) VALUES (NULL, nullif(?, 0), ?, ?, ?)");
  for (const Loss& loss : losses) {
    add.tryReset();
    add.bind(1, loss.group);
    add.bind(2, loss.range.start);
    add.bind(3, loss.range.end);
    add.bind(4, static_cast<std::int64_t>(loss.samples));
    add.exec();
    log::error("store", "telemetry is damaged",
               {{"from", to_rfc3339(wall_from_ms(loss.range.start))},
                {"to", to_rfc3339(wall_from_ms(loss.range.end))},
                {"samples", loss.samples}});
  }
}

}  // namespace anlan::collector
