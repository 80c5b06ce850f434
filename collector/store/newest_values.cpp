#include "collector/store/newest_values.hpp"

#include <tuple>

namespace anlan::collector {

namespace {

/// In one epoch.
bool takes_over(const StoredSample& held, const StoredSample& next) {
  return std::tie(held.sequence, held.index) <= std::tie(next.sequence, next.index);
}

bool takes_over(const EpochInfo& held, const EpochInfo& next) {
  if (held.edge != next.edge) return true;  // their ordinals have nothing to do with each other
  return held.ordinal <= next.ordinal;
}

}  // namespace

void NewestValues::set_epoch(std::uint32_t id, const EpochInfo& info) {
  const std::scoped_lock lock(mutex_);
  epochs_[id] = info;
}

void NewestValues::offer(std::span<const Offer> offers) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [point, sample] : offers) {
    if (is_thinned(sample.quality)) continue;  // committed late: its sequence says nothing about its age
    const auto [at, first] = values_.try_emplace(point, sample);
    if (first) continue;
    StoredSample& held = at->second;
    if (held.epoch == sample.epoch ? takes_over(held, sample) : takes_over(epochs_[held.epoch], epochs_[sample.epoch]))
      held = sample;
  }
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
