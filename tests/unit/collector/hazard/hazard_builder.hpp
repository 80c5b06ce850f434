// Hazards for tests in any state, and acts that succeed there.
#pragma once

#include "collector/hazard/hazard_step.hpp"
#include "tests/support/alert_builder.hpp"

namespace anlan::collector::testing_hazard {

inline const Actor kDistrict{"王芳", Role::DA}, kCity{"周明", Role::CR}, kPrincipal{"李雷", Role::EP},
    kEmployee{"韩梅", Role::EM}, kInspector{"孙检", Role::EM};

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
  hazard.dispatched_at = test::at(0);
  hazard.rectifiers = {"李雷"};
  hazard.said = kSaidFirst | kSaidLast;
  if (state == HazardState::closed) hazard.closed_at = test::at(0);
  if (state == HazardState::disputed) {
    hazard.paused_at = test::at(0);
    hazard.paused_deadline = test::at(0) + std::chrono::hours{12};
  }
  return hazard;
}

/// A hazard in `from` that takes this arrow at at(1'000).
inline Hazard ready_for(const Arrow& arrow, HazardState from) {
  const Needs needs = arrow.needs;
  const bool major = needs & (needs_major | needs_plan | needs_downgrade_asked | needs_supervised);
  auto hazard = hazard_in(from, major ? HazardGrade::major : HazardGrade::general);
  if (needs & needs_plan) hazard.plan_by = "李雷";
  if (needs & needs_extension_asked) {
    hazard.extension_until = test::at(0) + std::chrono::days{20};
    hazard.extension_by = "李雷";
  }
  if (needs & needs_the_inspector) hazard.inspector = kInspector.name;
  if (needs & needs_downgrade_asked) hazard.downgrade_by = kCity.name;
  if (needs & needs_supervised) hazard.supervised = true;
  if (arrow.due == Due::reminder) hazard.said = 0;
  if (arrow.due == Due::overdue || arrow.due == Due::city) hazard.deadline = test::at(500);
  if (arrow.due == Due::city) hazard.said |= kSaidOverdue;
  return hazard;
}

inline const char* kPlanJson = R"({"measures": "replace the valve", "responsible_person": "李雷", "funds": 5000,
  "time_limit": "2026-11-25T18:00:00+08:00", "contingency_plan": "stop filling"})";

/// What the step needs where everything is right.
inline ActFields fields_for(const Arrow& arrow) {
  ActFields fields;
  if (arrow.needs & needs_five_elements) fields = parse_fields(kPlanJson).value();
  if (arrow.needs & needs_grade) fields["grade"] = "major";
  if (arrow.needs & needs_responsible) fields["responsible"] = "赵强";
  if (arrow.needs & needs_target) fields["into"] = "0000000000000000000000000000004b";
  if (arrow.needs & needs_counter_evidence) fields["counter_evidence"] = "the land register: lot 17 is the city's";
  if (arrow.needs & needs_three_parties)
    fields.insert({{"enterprise", "not ours"}, {"district", "theirs by contract"}, {"city", "theirs"}});
  if (arrow.needs & needs_interim_control) fields["interim_control"] = "filling stopped";
  if (arrow.needs & needs_until) fields["until"] = to_rfc3339(test::at(0) + std::chrono::days{9});
  if (arrow.needs & needs_inspector_name) fields["inspector"] = kInspector.name;
  if (arrow.needs & needs_report) fields["report"] = "tight at 1.5 times the pressure";
  return fields;
}

/// Somebody who may take the step: of the arrow's roles one of people where there is one.
inline Actor actor_for(const Arrow& arrow) {
  if (arrow.needs & needs_the_inspector) return kInspector;
  if (arrow.who & kDA) return kDistrict;
  if (arrow.who & kCR) return kCity;
  if (arrow.who & kEP) return kPrincipal;
  return system_actor();
}

inline Act act_for(const Arrow& arrow) { return {actor_for(arrow), "as inspected on site", fields_for(arrow)}; }

template <class F>
void for_each_state(const Arrow& arrow, F look) {
  for (const auto state : kHazardStates)
    if (arrow.from & state_bit(state)) look(state);
}

}  // namespace anlan::collector::testing_hazard
