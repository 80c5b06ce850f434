// Hazards for tests in any state, and acts that succeed there.
#pragma once

#include "collector/hazard/hazard_step.hpp"
#include "tests/support/alert_builder.hpp"

namespace anlan::collector::testing_hazard {

inline const Actor kDistrict{"王芳", Role::DA}, kCity{"周明", Role::CR}, kPrincipal{"李雷", Role::EP},
    kEmployee{"韩梅", Role::EM};

inline Hazard hazard_in(HazardState state, HazardGrade grade = HazardGrade::general) {
  Hazard hazard;
  hazard.id = {0x4A, 1};
  hazard.version = 7;
  hazard.state = state;
  hazard.site = "tj-bh-017";
  hazard.grade = state == HazardState::reported ? HazardGrade::none : grade;
  hazard.responsible = "principal of tj-bh-017";
  hazard.due_at = test::at(0) + std::chrono::days{7};
  hazard.deadline = test::at(0) + std::chrono::hours{24};
  hazard.rectifiers = {"李雷"};
  if (state == HazardState::closed) hazard.closed_at = test::at(0);
  return hazard;
}

inline const char* kPlanJson = R"({"measures": "replace the valve", "responsible_person": "李雷", "funds": 5000,
  "time_limit": "2026-11-25T18:00:00+08:00", "contingency_plan": "stop filling"})";

/// What the step needs where everything is right.
inline ActFields fields_for(const Arrow& arrow) {
  if (arrow.needs & needs_grade) return {{"grade", "major"}};
  if (arrow.needs & needs_responsible) return {{"responsible", "赵强"}};
  if (arrow.needs & needs_target) return {{"into", "0000000000000000000000000000004b"}};
  if (arrow.needs & needs_five_elements) return parse_fields(kPlanJson).value();
  return {};
}

/// Somebody who may take the step: of the arrow's roles one of people where there is one.
inline Actor actor_for(const Arrow& arrow) {
  if (arrow.who & kDA) return kDistrict;
  if (arrow.who & kCR) return kCity;
  if (arrow.who & kEP) return kPrincipal;
  return system_actor();
}

inline Act act_for(const Arrow& arrow) { return {actor_for(arrow), "as inspected on site", fields_for(arrow)}; }

}  // namespace anlan::collector::testing_hazard
