// The newest value of every point, in memory: read at any moment by one thread while another writes. Rule 13 of
// PROTOCOL.md decides what is newer.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "collector/store/stored_sample.hpp"
#include "collector/store/telemetry_store.hpp"

namespace anlan::collector {

/// A row of the table epoch.
struct EpochInfo {
  std::string edge;
  Epoch epoch;
  std::uint64_t ordinal = 0;
};

/// Any thread.
class NewestValues {
 public:
  void set_epoch(std::uint32_t id, const EpochInfo& info);

  /// A point and its newest sample of one record, in the order of arrival; what stands for a minute is left. The
  /// samples' epochs have been set.
  using Offer = std::pair<std::int64_t, StoredSample>;
  void offer(std::span<const Offer> offers);

  std::optional<StoredSample> get(std::int64_t point) const;
  std::optional<NewestValue> find(std::int64_t point) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::uint32_t, EpochInfo> epochs_;
  std::unordered_map<std::int64_t, StoredSample> values_;
};

}  // namespace anlan::collector
