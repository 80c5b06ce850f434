// Writes steps of hazards: row, history, keys, change feed, and the steps that the system takes at once afterwards.
#pragma once

#include <string>
#include <string_view>

#include "collector/hazard/hazard_rows.hpp"
#include "collector/hazard/hazard_step.hpp"

namespace anlan::collector {

class DeskWriter {
 public:
  DeskWriter(Database& database, const HazardPolicy& policy, WallTime now)
      : database_(database), rows_(database), policy_(policy), now_(now) {}

  /// Stores a new hazard as reported, version 1.
  HazardChange open(Hazard hazard, const Act& act);

  /// One step and what follows from it at once. Errors: as step(), and refused (the merge target is not open; another
  /// hazard is open for the same asset and rule).
  Result<HazardChange> act(const Hazard& hazard, std::string_view action, const Act& act);

  /// The same for the system's own steps, which cannot be refused (a refusal is a bug: throws std::logic_error).
  HazardChange act_as_system(const Hazard& hazard, std::string_view action, std::string reason, ActFields fields = {});

  void feed(const Hazard& hazard, std::string_view what);

  /// A change that is no step: its entry in the log, by the system.
  void note(const HazardId& hazard, std::string_view what, std::string reason, std::map<std::string, std::string> data);

 private:
  Result<void> check_around(const Hazard& before, Hazard& after, const Act& act) const;
  void record(const Hazard& after, const HazardEvent& event, const Act& act);
  void write(const Hazard& before, const Hazard& after, std::string_view what, const Act& act);

  Database& database_;
  HazardRows rows_;
  const HazardPolicy& policy_;
  WallTime now_;
};

}  // namespace anlan::collector
