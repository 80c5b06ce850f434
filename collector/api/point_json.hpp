// Points and samples as JSON and CSV. A point whose newest value cannot be trusted as of now is stale, never safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "collector/ingest/registry.hpp"
#include "collector/store/telemetry_store.hpp"

namespace anlan::collector::api {

/// Why a point's newest value says nothing of now; "" where it does: "never" (no sample yet), "edge-silent", "absent"
/// (no longer in its edge's configuration), "quality" (not good), "old" (older than three periods and kGrace).
std::string_view stale_because(const PointRow& point, const std::optional<NewestValue>& newest, bool edge_silent,
                               WallTime now);

/// How long a sample may be on its way.
inline constexpr Millis kGrace{10'000};

boost::json::object point_json(const PointRow& point, const std::optional<NewestValue>& newest, bool edge_silent,
                               WallTime now);

/// {"time": epoch milliseconds, "value": number or null, "quality"}
boost::json::object sample_json(const TelemetrySample& sample);
boost::json::object trend_point_json(const TrendPoint& point);

inline constexpr std::string_view kCsvHeader = "time,point,value,quality\n";
/// Time in RFC 3339; the value with as few digits as give the same double back, empty where there is none.
std::string sample_csv(std::string_view point, const TelemetrySample& sample);

}  // namespace anlan::collector::api
