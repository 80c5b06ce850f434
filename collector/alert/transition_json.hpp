// An edge's transition as JSON text, the way alert_entry keeps it: everything, exactly (an absent number stays absent).
#pragma once

#include <string>
#include <string_view>

#include "common/model/alert.hpp"

namespace anlan::collector {

std::string transition_text(const AlertTransition& transition);

/// Errors: storage_corrupt.
Result<AlertTransition> parse_transition(std::string_view text);

}  // namespace anlan::collector
