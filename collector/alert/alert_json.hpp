// Alerts as JSON objects: one shape for the change feed, the API and notifications. Times are RFC 3339 in UTC; values
// that are not there are null.
#pragma once

#include <boost/json/fwd.hpp>

#include "collector/alert/alert.hpp"

namespace anlan::collector {

boost::json::object to_json(const Alert& alert);
boost::json::object to_json(const AlertEvent& event);
boost::json::object to_json(const Evidence& evidence);

}  // namespace anlan::collector
