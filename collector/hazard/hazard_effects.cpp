#include <algorithm>

#include "collector/hazard/hazard_rules.hpp"

namespace anlan::collector {
namespace {

void take_part(Hazard& hazard, const std::string& name) {
  const auto key = person_key(name);
  if (std::ranges::none_of(hazard.rectifiers, [&](const auto& other) { return person_key(other) == key; }))
    hazard.rectifiers.push_back(name);
}

void new_due_date(Hazard& hazard, const HazardPolicy& policy, WallTime now) {
  hazard.due_at = now + (hazard.grade == HazardGrade::major ? policy.rectify_major : policy.rectify_general);
}

/// Another plan has to be made, and approved.
void forget_plan(Hazard& hazard) {
  hazard.plan = {};
  hazard.plan_by.clear();
  hazard.plan_approved = false;
}

void take_grade(Hazard& hazard, const Act& act, const Given& given_, const HazardPolicy& policy, WallTime now) {
  hazard.grade = given_.grade.value_or(hazard.grade);
  hazard.needs_grading_review = act.actor.role == Role::SYS;
  if (const auto who = given(act.fields, "responsible"); !who.empty()) hazard.responsible = who;
  if (hazard.state == HazardState::dispatched && hazard.grade == HazardGrade::major)
    hazard.deadline = std::min(hazard.deadline.value_or(now + policy.accept_major), now + policy.accept_major);
}

void extend(Hazard& hazard, WallTime until) {
  ++hazard.extensions;
  hazard.due_at = hazard.plan.time_limit = until;
  hazard.extension_until.reset();
  hazard.extension_by.clear();
}

void resume(Hazard& hazard, WallTime now) {
  const Millis pause = hazard.paused_at ? now - *hazard.paused_at : Millis{0};
  if (hazard.due_at) *hazard.due_at += pause;
  if (hazard.paused_deadline) hazard.deadline = *hazard.paused_deadline + pause;
  hazard.paused_at.reset();
  hazard.paused_deadline.reset();
}

void effect(Hazard& hazard, const Arrow& arrow, const Act& act, const Given& given_, const HazardPolicy& policy,
            WallTime now) {
  const auto text = [&act](std::string_view name) { return given(act.fields, name); };
  switch (arrow.effect) {
    case Effect::none:
      break;
    case Effect::grade:
      take_grade(hazard, act, given_, policy, now);
      break;
    case Effect::dispatch:
      if (hazard.responsible.empty()) hazard.responsible = responsible_for(policy, hazard.site);
      hazard.dispatched_at = now;
      new_due_date(hazard, policy, now);
      break;
    case Effect::redispatch:
      hazard.responsible = text("responsible");
      break;
    case Effect::resume:
      if (const auto who = text("responsible"); !who.empty()) hazard.responsible = who;
      resume(hazard, now);
      break;
    case Effect::plan:
      hazard.plan = *given_.plan;
      hazard.plan_by = act.actor.name;
      hazard.plan_approved = false;
      hazard.interim_control = text("interim_control");
      take_part(hazard, act.actor.name);
      break;
    case Effect::approve:
      hazard.plan_approved = true;
      break;
    case Effect::start:
      if (given_.plan) hazard.plan = *given_.plan;
      hazard.due_at = hazard.plan.time_limit;
      take_part(hazard, act.actor.name);
      break;
    case Effect::take_part:
      take_part(hazard, act.actor.name);
      break;
    case Effect::extend:
      hazard.interim_control = text("interim_control");
      take_part(hazard, act.actor.name);
      extend(hazard, *given_.until);
      break;
    case Effect::ask_extension:
      hazard.interim_control = text("interim_control");
      hazard.extension_until = given_.until;
      hazard.extension_by = act.actor.name;
      take_part(hazard, act.actor.name);
      break;
    case Effect::grant:
      extend(hazard, *hazard.extension_until);
      break;
    case Effect::deny:
      hazard.extension_until.reset();
      hazard.extension_by.clear();
      break;
    case Effect::submit:
      hazard.inspected = false;
      hazard.inspector.clear();
      hazard.extension_until.reset();
      hazard.extension_by.clear();
      break;
    case Effect::inspector:
      hazard.inspector = text("inspector");
      break;
    case Effect::inspected:
      hazard.inspected = true;
      break;
    case Effect::close:
      hazard.closed_at = now;
      hazard.supervised = false;
      hazard.downgrade_by.clear();
      break;
    case Effect::fail:
      ++hazard.failures;
      new_due_date(hazard, policy, now);
      if (given_.due) hazard.due_at = given_.due;
      break;
    case Effect::reopen:
      ++hazard.reopenings;
      hazard.closed_at.reset();
      hazard.extensions = 0;
      forget_plan(hazard);
      new_due_date(hazard, policy, now);
      break;
    case Effect::ask_downgrade:
      hazard.downgrade_by = act.actor.name;
      break;
    case Effect::downgrade:
      hazard.grade = HazardGrade::general;
      hazard.needs_grading_review = false;
      hazard.downgrade_by.clear();
      hazard.supervised = false;
      break;
    case Effect::refuse_downgrade:
      hazard.downgrade_by.clear();
      break;
    case Effect::supervise:
      hazard.supervised = true;
      break;
    case Effect::end_supervision:
      hazard.supervised = false;
      break;
    case Effect::hold:
      hazard.hold_until = now + policy.hold;
      hazard.said |= kSaidHeld;
      break;
    case Effect::remind:
      hazard.said |= next_reminder(hazard, policy, now).value_or(0);
      break;
    case Effect::overdue:
      hazard.said |= kSaidOverdue;
      break;
    case Effect::city:
      hazard.said |= kSaidCity;
      break;
  }
}

std::optional<WallTime> deadline_by(const Hazard& hazard, Clock clock, const HazardPolicy& policy, WallTime now) {
  switch (clock) {
    case Clock::keep:
    case Clock::resumed:
      return hazard.deadline;
    case Clock::stop:
      return std::nullopt;
    case Clock::start:
      return now + (hazard.grade == HazardGrade::major ? policy.accept_major : policy.accept_general);
    case Clock::arbitration:
      return now + policy.arbitrate_within;
    case Clock::rectification:
      return hazard.due_at;
    case Clock::check:
      return now + policy.check_within;
    case Clock::assignment:
      return now + policy.assign_within;
    case Clock::inspection:
      return now + policy.inspect_within;
  }
  return hazard.deadline;
}

}  // namespace

void apply(Hazard& hazard, const Arrow& arrow, const Act& act, const Given& given_, const HazardPolicy& policy,
           WallTime now) {
  const auto before = hazard.deadline;
  if (arrow.clock == Clock::arbitration) {
    hazard.paused_at = now;
    hazard.paused_deadline = hazard.deadline;
  }
  effect(hazard, arrow, act, given_, policy, now);
  hazard.deadline = deadline_by(hazard, arrow.clock, policy, now);
  if (hazard.deadline == before) return;
  // A new deadline is reminded of anew; what would have been said before it began is left out.
  hazard.said = said_from_start(hazard, policy, now);
  hazard.hold_until.reset();
}

int said_from_start(const Hazard& hazard, const HazardPolicy& policy, WallTime now) {
  int said = 0;
  if (hazard.deadline && *hazard.deadline - now <= policy.remind_first) said |= kSaidFirst;
  if (hazard.deadline && *hazard.deadline - now <= policy.remind_last) said |= kSaidLast;
  return said;
}

}  // namespace anlan::collector
