import { expect, test } from "vitest";
import { keyring } from "../src/api/client";
import { zhCN } from "../src/i18n/zh-CN";
import { hazardQuery, openHazards, readHazardFilter, writeHazardFilter } from "../src/model/hazard_filter";
import { fieldKinds, hasObject, isStep, ordinary, questionsOf, reasonNeeded, steps } from "../src/model/hazard_step";

test("every question has a name and every step a word", () => {
  for (const [step, questions] of Object.entries(steps)) {
    expect(Object.keys(zhCN.hazardAction), step).toContain(step);
    for (const { name } of questions) expect(Object.keys(zhCN.hazardField)).toContain(name);
  }
  expect(Object.keys(fieldKinds).sort()).toEqual(Object.keys(zhCN.hazardField).sort());
  expect(ordinary.every(isStep)).toBe(true);
  expect(isStep("remind")).toBe(false);
});

test("a major hazard starts by its approved plan, a general one by the five elements", () => {
  expect(questionsOf("start", { grade: "general" })).toHaveLength(5);
  expect(questionsOf("start", { grade: "major" })).toHaveLength(0);
  expect(reasonNeeded("grade", { state: "reported" })).toBe(false);
  expect(reasonNeeded("grade", { state: "rectifying" })).toBe(true);
});

test("a step without an object is not offered", () => {
  const general = { grade: "general", plan_by: "", plan_approved: false, downgrade_by: "", supervised: false, hold_until: null, extension_until: null, extensions: 0, inspected: false, inspector: "" } as const;
  const offered = (hazard: Parameters<typeof hasObject>[1]) => Object.keys(steps).filter(isStep).filter((step) => hasObject(step, hazard));
  expect(offered(general)).not.toContain("approve_plan");
  expect(offered(general)).not.toContain("downgrade");
  expect(offered(general)).toContain("start");
  const major = { ...general, grade: "major" } as const;
  expect(offered(major)).not.toContain("start");
  expect(offered(major)).not.toContain("approve_plan");
  expect(offered({ ...major, plan_by: "李强" })).toContain("approve_plan");
  expect(offered({ ...major, plan_by: "李强", plan_approved: true })).toContain("start");
  expect(offered({ ...major, downgrade_by: "王芳" })).toEqual(expect.arrayContaining(["confirm_downgrade", "refuse_downgrade"]));
  expect(offered({ ...major, downgrade_by: "王芳" })).not.toContain("downgrade");
});

test("the ledger's filter comes out of the address as it went in", () => {
  for (const filter of [{ state: "open", site: "", overdue: false, text: "" }, { state: "all", site: "tj-bh-001", overdue: true, text: "罐" }, { state: "awaiting", site: "", overdue: false, text: "" }] as const)
    expect(readHazardFilter(writeHazardFilter(filter))).toEqual(filter);
  expect(readHazardFilter({ state: "gone", overdue: "yes" })).toEqual({ state: "open", site: "", overdue: false, text: "" });
  expect(hazardQuery(readHazardFilter({}))).toEqual({ state: openHazards.join(",") });
  expect(hazardQuery(readHazardFilter({ state: "all", overdue: "1" }))).toEqual({ overdue: true });
});

test("an act that was not answered is sent under the same key, another one under another", () => {
  const keys = keyring();
  const first = keys.of({ a: 1 });
  expect(keys.of({ a: 1 })).toBe(first);
  expect(keys.of({ a: 2 })).not.toBe(first);
  const second = keys.of({ a: 2 });
  keys.answered();
  expect(keys.of({ a: 2 })).not.toBe(second);
});
