// The telemetry store as plain containers: what the real ones are held against, and the centre of protocol walks. One
// mutex stands for the two threads.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <utility>

#include "collector/store/resolution.hpp"
#include "collector/store/rollup.hpp"
#include "collector/store/telemetry_store.hpp"

namespace anlan::test {

class MemoryTelemetry final : public collector::TelemetryStore {
 public:
  /// Set: the next write fails with it and changes nothing.
  std::optional<Error> fail_next;

  Result<void> write(const collector::TelemetryBatch& batch) override {
    const std::scoped_lock lock(mutex_);
    if (auto refused = refuse(batch.decoded); !refused) return refused;
    for (const auto& record : batch.decoded) add(record);
    for (const auto& raw : batch.raw) {
      epochs_.try_emplace({raw.edge, raw.record.id.place.epoch});
      raw_[{raw.edge, raw.record.id}] = raw;
    }
    for (const auto& ranges : batch.ranges) ranges_[ranges.edge][ranges.place] = ranges.data;
    return {};
  }

  Result<std::size_t> replace_raw(const std::vector<collector::DecodedRecord>& decoded) override {
    const std::scoped_lock lock(mutex_);
    std::vector<collector::DecodedRecord> held;
    for (const auto& record : decoded)
      if (raw_.contains({record.edge, record.id})) held.push_back(record);
    if (auto refused = refuse(held); !refused) return fail(std::move(refused.error()));
    for (const auto& record : held) {
      raw_.erase({record.edge, record.id});
      add(record);
    }
    return held.size();
  }

  bool untidy() const override { return false; }
  Result<void> compact() override { return {}; }

  Result<bool> expire(const collector::TelemetryRetention& retention, WallTime now) override {
    const std::scoped_lock lock(mutex_);
    if (retention.samples)
      for (auto& [path, held] : points_)
        std::erase_if(held, [&](const Held& h) { return h.sample.time < now - *retention.samples; });
    return false;
  }

  Result<std::optional<StoreRef>> identity() override {
    const std::scoped_lock lock(mutex_);
    return identity_;
  }

  Result<void> set_identity(const StoreRef& identity) override {
    const std::scoped_lock lock(mutex_);
    identity_ = identity;
    return {};
  }

  Result<RangesByPlace> load_ranges(const std::string& edge) override {
    const std::scoped_lock lock(mutex_);
    return ranges_[edge];
  }

  Result<std::vector<collector::RawRecord>> raw(const std::string& edge, const std::optional<DefinitionHash>& wanted,
                                                const std::optional<RecordId>& after, std::size_t limit) override {
    const std::scoped_lock lock(mutex_);
    std::vector<collector::RawRecord> found;
    for (const auto& [id, raw] : raw_)
      if (id.first == edge && (!after || id.second > *after) && (!wanted || raw.wanted == wanted) &&
          found.size() < limit)
        found.push_back(raw);
    return found;
  }

  Result<std::vector<DefinitionHash>> wanted(const std::string& edge) override {
    const std::scoped_lock lock(mutex_);
    std::set<DefinitionHash> hashes;
    for (const auto& [id, raw] : raw_)
      if (id.first == edge && raw.wanted) hashes.insert(*raw.wanted);
    return std::vector<DefinitionHash>(hashes.begin(), hashes.end());
  }

  Result<collector::TelemetryPage> query(const collector::TelemetryQuery& query) override {
    const std::scoped_lock lock(mutex_);
    if (query.limit < 1 || query.limit > collector::kMaxTelemetryPage ||
        query.cursor.find_first_not_of("0123456789") != std::string::npos)
      return fail(Errc::invalid_argument, "limit or cursor");
    const auto point = points_.find(query.point);
    if (point == points_.end()) return fail(Errc::not_found, query.point);
    std::vector<Held> found;
    for (const Held& held : point->second)
      if (held.sample.time >= query.from && held.sample.time < query.to) found.push_back(held);
    for (Held& held : found) held.sample.ordinal = epochs_[held.epoch].ordinal;
    std::sort(found.begin(), found.end());
    collector::TelemetryPage page;
    const std::size_t begin = query.cursor.empty() ? 0 : std::stoul(query.cursor);
    const std::size_t end = std::min(found.size(), begin + query.limit);
    for (std::size_t i = begin; i < end; ++i) page.samples.push_back(found[i].sample);
    if (end < found.size()) page.next = std::to_string(end);
    return page;
  }

  /// Plainly: every stretch from every sample.
  Result<collector::Trend> trend(const collector::TrendQuery& query) override {
    const std::scoped_lock lock(mutex_);
    if (query.width < 1 || query.width > collector::kMostTrendWidth) return fail(Errc::invalid_argument, "width");
    const auto point = points_.find(query.point);
    if (point == points_.end()) return fail(Errc::not_found, query.point);
    if (query.from >= query.to) return collector::Trend{Millis{1}, {}, {}};
    const auto [step, stretch] =
        collector::resolution_of(to_ms(query.from), to_ms(query.to), query.width, [](auto...) { return true; });
    const std::int64_t from = collector::bucket_start(to_ms(query.from), stretch),
                       to = collector::bucket_end(to_ms(query.to), stretch);
    std::map<std::int64_t, std::vector<const collector::TelemetrySample*>> stretches;
    for (const Held& held : point->second)
      if (const std::int64_t at = to_ms(held.sample.time); at >= from && at < to)
        stretches[collector::bucket_start(at, stretch)].push_back(&held.sample);
    collector::Trend trend{Millis{stretch}, {}, {}};
    for (const auto& [start, samples] : stretches) {
      collector::TrendPoint shown{wall_from_ms(start)};
      double sum = 0;
      for (const auto* sample : samples) {
        shown.worst = collector::worse(shown.worst, sample->quality);
        if (std::isnan(sample->value)) continue;
        shown.min = std::fmin(shown.min, sample->value);
        shown.max = std::fmax(shown.max, sample->value);
        if (sample->quality == Quality::minute_min || sample->quality == Quality::minute_max) continue;
        ++shown.count;
        sum += sample->value;
      }
      if (shown.count > 0) shown.mean = sum / static_cast<double>(shown.count);
      trend.points.push_back(shown);
    }
    return trend;
  }

  Result<std::vector<std::optional<collector::NewestValue>>> newest(const std::vector<std::string>& points) override {
    const std::scoped_lock lock(mutex_);
    std::vector<std::optional<collector::NewestValue>> found;
    for (const std::string& path : points) {
      const auto at = newest_.find(path);
      if (at == newest_.end()) {
        found.emplace_back();
        continue;
      }
      auto value = collector::NewestValue{at->second.epoch.first, at->second.sample};
      value.sample.ordinal = epochs_[at->second.epoch].ordinal;
      found.emplace_back(std::move(value));
    }
    return found;
  }

  Result<std::vector<collector::TelemetryAccount>> accounts(const std::string& edge) override {
    const std::scoped_lock lock(mutex_);
    std::vector<collector::TelemetryAccount> accounts;
    for (const auto& [id, epoch] : epochs_) {
      if (!edge.empty() && id.first != edge) continue;
      collector::TelemetryAccount account{
          id.first, id.second, epoch.ordinal, epoch.samples, 0, 0, ranges_[id.first][{id.second, Stream::telemetry}]};
      for (const auto& [of, raw] : raw_)
        if (of.first == id.first && of.second.place.epoch == id.second) {
          ++account.raw_records;
          account.raw_samples += raw.record.samples;
        }
      accounts.push_back(account);
    }
    std::ranges::sort(accounts, {}, [](const auto& a) { return std::tuple(a.edge, a.ordinal, a.epoch); });
    return accounts;
  }

 private:
  using EpochKey = std::pair<std::string, Epoch>;
  struct EpochState {
    std::uint64_t ordinal = 0, samples = 0;
  };
  struct Held {
    EpochKey epoch;
    std::uint32_t index = 0;
    collector::TelemetrySample sample;
    auto key() const { return std::tuple(sample.time, sample.ordinal, epoch, sample.sequence, index); }
    bool operator<(const Held& other) const { return key() < other.key(); }
  };

  Result<void> refuse(const std::vector<collector::DecodedRecord>& decoded) {
    if (fail_next) return fail(*std::exchange(fail_next, std::nullopt));
    for (const auto& record : decoded)
      for (const Sample& sample : record.samples)
        if (sample.point >= record.definition->points.size()) return fail(Errc::invalid_argument, "no such point");
    return {};
  }

  void add(const collector::DecodedRecord& record) {
    const EpochKey key{record.edge, record.id.place.epoch};
    EpochState& epoch = epochs_[key];
    epoch.ordinal = std::max(epoch.ordinal, record.ordinal);
    epoch.samples += record.samples.size();
    for (const auto& point : record.definition->points) points_.try_emplace(point.path.str());
    std::uint32_t index = 0;
    for (const Sample& s : record.samples) {
      const std::string path = record.definition->points[s.point].path.str();
      const Held held{key, index++, {s.time, s.value, s.quality, epoch.ordinal, record.id.sequence}};
      points_[path].push_back(held);
      offer(path, held);
    }
  }

  /// Rule 13, written down another time than in the real store.
  void offer(const std::string& path, const Held& next) {
    const auto [at, first] = newest_.try_emplace(path, next);
    const Held& held = at->second;
    const auto age = [&](const Held& h) { return std::tuple(epochs_[h.epoch].ordinal, h.sample.sequence, h.index); };
    const bool same_edge = held.epoch.first == next.epoch.first, same_epoch = held.epoch == next.epoch;
    const bool older = same_epoch  ? age(next) < age(held)
                       : same_edge ? std::get<0>(age(next)) < std::get<0>(age(held))
                                   : false;
    if (!first && !older) at->second = next;
  }

  std::mutex mutex_;
  std::optional<StoreRef> identity_;
  std::map<EpochKey, EpochState> epochs_;
  std::map<std::string, std::vector<Held>> points_;
  std::map<std::string, Held> newest_;
  std::map<std::pair<std::string, RecordId>, collector::RawRecord> raw_;
  std::map<std::string, RangesByPlace> ranges_;
};

}  // namespace anlan::test
