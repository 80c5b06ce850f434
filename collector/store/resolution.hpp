// How finely a chart is drawn: from which rollup, in stretches of what length. Pure.
#pragma once

#include <cstdint>
#include <functional>

#include "collector/store/rollup.hpp"
#include "collector/store/telemetry_store.hpp"

namespace anlan::collector {

struct Resolution {
  std::int64_t step = 0;     // of what is read: 0 samples, or one of kRollupSteps, milliseconds
  std::int64_t stretch = 1;  // what is shown: a multiple of it
};

/// [from, to) in at most `width` stretches; `from` < `to`. `kept` says whether what is of this step and age is still
/// there: of those the longest within a stretch is read, where there is none the shortest.
Resolution resolution_of(std::int64_t from, std::int64_t to, std::size_t width,
                         const std::function<bool(std::int64_t step, std::int64_t time)>& kept);

/// A stretch as it is shown.
TrendPoint trend_point(const Bucket& bucket);

}  // namespace anlan::collector
