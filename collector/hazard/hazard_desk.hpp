// The closed loop: opens hazards from alerts and from people, walks them through the transition table, keeps history
// and evidence. Like AlertBook it runs inside the caller's transaction, on the Database's worker, and throws
// DatabaseError.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "collector/hazard/hazard.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

/// Migration steps of the tables hazard, hazard_key, hazard_alert, hazard_event, hazard_evidence, hazard_rectifier.
const std::vector<std::string>& hazard_schema();

/// What a person reports. `site` and one of location, category are required (and a description).
struct HazardReport {
  std::string site{}, asset{}, title{}, description{}, category{}, location{};
};

class HazardDesk {
 public:
  HazardDesk(Database& database, HazardPolicy policy, std::function<HazardId()> new_id);

  /// The next stage after the alert book: opens a hazard once per (asset, rule) for orange and red, graded "general"
  /// with needs_grading_review and dispatched at once by SYS; repeats append evidence; a recurrence within 30 days
  /// after closing reopens. Late alerts that are over open one too: what happened has to be put right.
  HazardOutcome on_alerts(const AlertOutcome& alerts, WallTime now);

  /// Errors: invalid_argument, listing all that is missing; refused (role).
  Result<HazardChange> report(const HazardReport& report, const Actor& actor, WallTime now);

  /// One step of the transition table. `fields` is a JSON object (or empty); what each action takes is listed in
  /// docs/alerts-and-hazards.md, an unknown field is an error.
  /// Errors: not_found; conflict (`expected_version` is not the present one); refused (not allowed in this state: says
  /// which actions are; not this role; not this person; a linked alert is active); invalid_argument (lists every
  /// missing or wrong field).
  Result<HazardChange> act(const HazardId& id, std::string_view action, const Actor& actor, const std::string& reason,
                           std::string_view fields, std::int64_t expected_version, WallTime now);

  /// Deadlines: reminds, says that one has passed, reports to the city, each once however late it is called (a
  /// collector that was down makes up for it). At most `most` hazards; returns how many: fewer than `most` where no
  /// more are due.
  int on_time(WallTime now, int most);

 private:
  Database& database_;
  HazardPolicy policy_;
  std::function<HazardId()> new_id_;
};

}  // namespace anlan::collector
