// The tables of telemetry.db: docs/formats/collector-db.md.
#pragma once

#include <string>
#include <vector>

namespace anlan::collector {

/// Migration steps, never changed, only added to.
const std::vector<std::string>& telemetry_schema();

}  // namespace anlan::collector
