#include "collector/people/rate_limit.hpp"

#include <algorithm>
#include <cmath>

namespace anlan::collector {
namespace {

Millis time_for(double tokens, Rate rate) {
  return Millis{static_cast<std::int64_t>(std::ceil(tokens / rate.per_second * 1000))};
}

}  // namespace

std::optional<Millis> RateLimit::take(const std::string& key, Rate rate, MonoTime now) {
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    make_room(now);
    found = buckets_.emplace(key, Bucket{rate.burst, now, now}).first;
  }
  Bucket& bucket = found->second;
  const double passed = std::chrono::duration<double>(now - bucket.at).count();
  bucket.tokens = std::min(rate.burst, bucket.tokens + passed * rate.per_second);
  bucket.at = now;
  std::optional<Millis> wait;
  if (bucket.tokens >= 1)
    bucket.tokens -= 1;
  else
    wait = time_for(1 - bucket.tokens, rate);
  bucket.full = now + time_for(rate.burst - bucket.tokens, rate);
  return wait;
}

/// Full buckets say nothing; where all are in use the one that is full soonest gives way.
void RateLimit::make_room(MonoTime now) {
  if (buckets_.size() < keys_) return;
  std::erase_if(buckets_, [&](const auto& entry) { return entry.second.full <= now; });
  if (buckets_.size() < keys_) return;
  buckets_.erase(std::ranges::min_element(buckets_, {}, [](const auto& entry) { return entry.second.full; }));
}

}  // namespace anlan::collector
