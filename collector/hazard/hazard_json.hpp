// Hazards as JSON objects: one shape for the change feed and the API. Times are RFC 3339 in UTC.
#pragma once

#include <boost/json/fwd.hpp>

#include "collector/hazard/hazard.hpp"

namespace anlan::collector {

boost::json::object to_json(const Hazard& hazard, WallTime now);
boost::json::object to_json(const HazardEvent& event);
boost::json::object to_json(const HazardEvidence& evidence);

}  // namespace anlan::collector
