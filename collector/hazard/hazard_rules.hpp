// The three parts of a step, apart: may it be taken, what is given with it, what it does. Internal to hazard_step.cpp.
#pragma once

#include <optional>
#include <string>

#include "collector/hazard/hazard_step.hpp"

namespace anlan::collector {

/// What was given with an act, read and checked by itself.
struct Given {
  std::optional<HazardGrade> grade;
  std::optional<FiveElements> plan;
  std::optional<WallTime> due, until;
};

/// The field as it was given; empty: it was not.
std::string given(const ActFields& fields, std::string_view name);

/// Role, person, time, state of the hazard. Errors: refused.
Result<void> check_guard(const Hazard& hazard, const Arrow& arrow, const Act& act, const HazardPolicy& policy,
                         WallTime now);

/// Errors: invalid_argument, with every missing, wrong and unknown field.
Result<Given> read_given(const Hazard& hazard, const Arrow& arrow, const Act& act, const HazardPolicy& policy,
                         WallTime now);

/// State, version and times of `hazard` are still those before the step.
void apply(Hazard& hazard, const Arrow& arrow, const Act& act, const Given& given, const HazardPolicy& policy,
           WallTime now);

}  // namespace anlan::collector
