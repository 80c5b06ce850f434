// The tables of people in records.db.
#pragma once

#include <string>
#include <vector>

namespace anlan::collector {

/// Migration steps, for Records::open. Tables: docs/formats/records-db.md.
const std::vector<std::string>& people_schema();

}  // namespace anlan::collector
