// One step of a hazard: guards and effects of an arrow of the transition table. Pure: the hazard, the act and the time
// go in, the changed hazard or what is missing comes out.
#pragma once

#include <map>
#include <string>

#include "collector/hazard/hazard.hpp"
#include "collector/hazard/transition_table.hpp"

namespace anlan::collector {

using ActFields = std::map<std::string, std::string, std::less<>>;

struct Act {
  Actor actor;
  std::string reason;
  ActFields fields;
};

/// Reads the JSON object of an act: strings and numbers, blanks around text cut off; empty text is an empty object.
/// Errors: invalid_argument.
Result<ActFields> parse_fields(std::string_view json);

/// Whether `hazard` may take the step `action` by this act, and how it stands afterwards (version, updated_at and
/// deadlines included). The merge target is checked by its holder (hazard_desk.cpp).
/// Errors: refused (not in this state: names the actions that are; role; person; active alerts; too old),
/// invalid_argument (every missing, wrong and unknown field).
Result<Hazard> step(const Hazard& hazard, std::string_view action, const Act& act, const HazardPolicy& policy,
                    WallTime now);

/// Who is responsible at a site.
std::string responsible_for(const HazardPolicy& policy, const std::string& site);

}  // namespace anlan::collector
