// One [[point]] of a firmware profile; the grammar is in profile_file.hpp.
#pragma once

#include "common/config/section.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

/// Reads and checks one point. Uniqueness of names is the caller's.
ProfilePoint read_point(Section& section);

/// Key "table": coils, discrete, holding or input.
void read_table(Section& section, Table& out);

constexpr bool is_bit_table(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

}  // namespace anlan::edge
