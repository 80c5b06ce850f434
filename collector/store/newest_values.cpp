#include "collector/store/newest_values.hpp"

#include <tuple>

namespace anlan::collector {

bool takes_over(const StoredSample& held, const EpochInfo& held_epoch, const StoredSample& next,
                const EpochInfo& next_epoch) {
  if (held.epoch == next.epoch) return std::tie(held.sequence, held.index) <= std::tie(next.sequence, next.index);
  if (held_epoch.edge != next_epoch.edge) return true;  // their ordinals have nothing to do with each other
  return held_epoch.ordinal <= next_epoch.ordinal;
}

void NewestValues::set_epoch(std::uint32_t id, const EpochInfo& info) {
  const std::scoped_lock lock(mutex_);
  epochs_[id] = info;
}

void NewestValues::offer(std::int64_t point, const StoredSample& sample) {
  if (is_thinned(sample.quality)) return;  // committed late: its sequence says nothing about its age
  const std::scoped_lock lock(mutex_);
  const auto [at, first] = values_.try_emplace(point, sample);
  if (!first && takes_over(at->second, epochs_[at->second.epoch], sample, epochs_[sample.epoch])) at->second = sample;
}

std::optional<StoredSample> NewestValues::get(std::int64_t point) const {
  const std::scoped_lock lock(mutex_);
  const auto at = values_.find(point);
  if (at == values_.end()) return std::nullopt;
  return at->second;
}

std::optional<NewestValue> NewestValues::find(std::int64_t point) const {
  const std::scoped_lock lock(mutex_);
  const auto at = values_.find(point);
  if (at == values_.end()) return std::nullopt;
  const StoredSample& s = at->second;
  const auto epoch = epochs_.find(s.epoch);
  if (epoch == epochs_.end()) return std::nullopt;
  return NewestValue{epoch->second.edge, {wall_from_ms(s.time), s.value, s.quality, epoch->second.ordinal, s.sequence}};
}

}  // namespace anlan::collector
