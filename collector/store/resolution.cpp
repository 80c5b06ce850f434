#include "collector/store/resolution.hpp"

#include <algorithm>
#include <limits>

namespace anlan::collector {
namespace {

std::int64_t up_to_multiple(std::uint64_t length, std::int64_t of) {
  const auto step = static_cast<std::uint64_t>(of);
  const std::uint64_t multiples = length / step + (length % step > 0 ? 1 : 0);
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(std::max<std::uint64_t>(multiples, 1), most / step) * step);
}

}  // namespace

Resolution resolution_of(std::int64_t from, std::int64_t to, std::size_t width,
                         const std::function<bool(std::int64_t step, std::int64_t time)>& kept) {
  const std::uint64_t length = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
  const std::uint64_t wanted = length / width + (length % width > 0 ? 1 : 0);
  std::int64_t step = kept(0, from) ? 0 : -1;
  for (const std::int64_t coarser : kRollupSteps)
    if (kept(coarser, from) && (static_cast<std::uint64_t>(coarser) <= wanted || step < 0)) step = coarser;
  if (step < 0) step = 0;  // nothing is left
  return {step, up_to_multiple(wanted, std::max<std::int64_t>(step, 1))};
}

TrendPoint trend_point(const Bucket& bucket) {
  return {wall_from_ms(bucket.start),
          bucket.count,
          bucket.min,
          bucket.max,
          bucket.count > 0 ? bucket.sum / static_cast<double>(bucket.count) : kNoValue,
          bucket.worst};
}

}  // namespace anlan::collector
