// One step of a hazard: guards and effects of an arrow of the transition table. Pure: the hazard, the act and the time
// go in, the changed hazard or what is missing comes out.
#pragma once

#include <map>
#include <optional>
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

/// The step that the system takes by itself as soon as it is possible.
const Arrow* arrow_at_once(const Hazard& hazard, const HazardPolicy& policy, WallTime now);

/// The step that time asks for now: remind, overdue, report_city; one after the other until none is left.
std::optional<std::string> timed_action(const Hazard& hazard, const HazardPolicy& policy, WallTime now);

/// When timed_action() is to be asked next; nullopt: never, as it stands.
std::optional<WallTime> next_look(const Hazard& hazard, const HazardPolicy& policy);

/// The reminder that is due, as a bit of Hazard::said.
std::optional<int> next_reminder(const Hazard& hazard, const HazardPolicy& policy, WallTime now);

/// Hazard::said where a deadline begins at `now`: the reminders that it is too short for.
int said_from_start(const Hazard& hazard, const HazardPolicy& policy, WallTime now);

/// What only says something: it does not change the version, so that nobody's If-Match breaks by a reminder.
bool is_remark(const Arrow& arrow);

/// Who is responsible at a site.
std::string responsible_for(const HazardPolicy& policy, const std::string& site);

}  // namespace anlan::collector
