// A chart out of a store that keeps single samples only.
#pragma once

#include "collector/store/telemetry_store.hpp"

namespace anlan::collector::victoria {

/// As TelemetryStore::trend(), by reading every sample, page by page: takes time by their number.
Result<Trend> trend_of_samples(TelemetryStore& store, const TrendQuery& query);

}  // namespace anlan::collector::victoria
