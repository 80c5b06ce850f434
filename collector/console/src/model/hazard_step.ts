// What each step of the closed loop asks a person for. Who may take it and when it may be taken comes from the collector
// (GET /api/v1/hazard-steps, `actions` of the hazard); this only knows the questions. Pure.
import type { Hazard } from "./types";

export const fieldKinds = {
  grade: "grade",
  responsible: "line",
  into: "line",
  measures: "text",
  responsible_person: "line",
  funds: "line",
  time_limit: "time",
  contingency_plan: "text",
  interim_control: "text",
  counter_evidence: "text",
  enterprise: "text",
  district: "text",
  city: "text",
  until: "time",
  due: "time",
  inspector: "line",
  report: "text",
} as const;
export type FieldName = keyof typeof fieldKinds;

export interface Question {
  name: FieldName;
  needed: boolean;
}

const needed = (...names: FieldName[]): Question[] => names.map((name) => ({ name, needed: true }));
const optional = (...names: FieldName[]): Question[] => names.map((name) => ({ name, needed: false }));
const five = needed("measures", "responsible_person", "funds", "time_limit", "contingency_plan");

export const steps = {
  grade: [...needed("grade"), ...optional("responsible")],
  reject: [],
  merge: needed("into"),
  redispatch: needed("responsible"),
  dispute: needed("counter_evidence"),
  arbitrate: [...needed("enterprise", "district", "city"), ...optional("responsible")],
  submit_plan: [...five, ...needed("interim_control")],
  approve_plan: [],
  start: five,
  progress: [],
  extend: needed("until", "interim_control"),
  ask_extension: needed("until", "interim_control"),
  grant_extension: [],
  deny_extension: [],
  self_check: [],
  request_inspection: [],
  assign_inspector: needed("inspector"),
  inspect: needed("report"),
  accept: [],
  fail: optional("due"),
  reopen: [],
  downgrade: [],
  confirm_downgrade: [],
  refuse_downgrade: [],
  supervise: [],
  end_supervision: [],
  verify: [],
} as const satisfies Record<string, readonly Question[]>;
export type StepName = keyof typeof steps;

export const isStep = (action: string): action is StepName => action in steps;

type Standing = Pick<Hazard, "grade" | "plan_by" | "plan_approved" | "downgrade_by" | "supervised" | "hold_until" | "extension_until" | "extensions" | "inspected" | "inspector">;

/// Whether a step that the state allows has an object at all, as far as the hazard says it: nobody is offered to approve a plan
/// that nobody submitted. The collector decides in any case.
export const hasObject = (step: StepName, hazard: Standing): boolean => {
  const major = hazard.grade === "major";
  switch (step) {
    case "submit_plan":
      return major && !hazard.plan_approved;
    case "approve_plan":
      return major && hazard.plan_by !== "" && !hazard.plan_approved;
    case "start":
      return !major || hazard.plan_approved;
    case "downgrade":
      return major && hazard.downgrade_by === "";
    case "confirm_downgrade":
    case "refuse_downgrade":
      return hazard.downgrade_by !== "";
    case "supervise":
      return major && !hazard.supervised;
    case "end_supervision":
      return hazard.supervised;
    case "verify":
      return !major && hazard.hold_until === null;
    case "extend":
      return !major && hazard.extensions === 0;
    case "ask_extension":
      return hazard.extension_until === null && hazard.extensions < 2;
    case "grant_extension":
    case "deny_extension":
      return hazard.extension_until !== null;
    case "request_inspection":
      return !hazard.inspected;
    case "inspect":
      return hazard.inspector !== "";
    default:
      return true;
  }
};

/// A major hazard starts by its approved plan: nothing is asked again.
export const questionsOf = (step: StepName, hazard: Pick<Hazard, "grade">): readonly Question[] =>
  step === "start" && hazard.grade === "major" ? [] : steps[step];

const withoutReason: readonly StepName[] = ["start", "submit_plan", "request_inspection", "assign_inspector"];
export const reasonNeeded = (step: StepName, hazard: Pick<Hazard, "state">): boolean =>
  !withoutReason.includes(step) && !(step === "grade" && hazard.state === "reported");

/// Steps that go on with the work stand first and are marked as the ordinary way.
export const ordinary: readonly StepName[] = ["grade", "submit_plan", "approve_plan", "start", "self_check", "assign_inspector", "inspect", "accept", "arbitrate"];
