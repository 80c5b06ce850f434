import { expect, test } from "vitest";
import { en } from "../src/i18n/en";
import { zhCN } from "../src/i18n/zh-CN";
import { fits, readFilter, writeFilter } from "../src/model/alarm_filter";
import { byUrgency, needsAcknowledging } from "../src/model/level";
import { measured, withUnit } from "../src/model/number";
import { dateTime, fromLocalInput, listTime, span, toLocalInput } from "../src/model/time";
import { drawn } from "../src/model/trend";
import type { Alert, Edge, Trend } from "../src/model/types";
import { needs } from "../src/stores/overview";
import { byDevice } from "../src/stores/points";

const alert = (change: Partial<Alert>): Alert => ({ id: "a", lead: "a", level: "orange", live_level: "orange", peak: "orange", state: "active-unacked", acknowledged: null, site: "s-1", source: "s-1/tank-1/temperature", name: "1 号储罐 温度", raised_at: "2026-12-01T00:00:00.000Z", ...change }) as Alert;

test("what nobody has seen comes first, then the higher level, then the newer one", () => {
  const seen = { by: "王芳", role: "DA", note: "", at: "", level: "red" } as const;
  const list = [
    alert({ id: "seen-red", live_level: "red", state: "active-acked", acknowledged: seen }),
    alert({ id: "old-orange" }),
    alert({ id: "new-orange", raised_at: "2026-12-01T00:00:01.000Z" }),
    alert({ id: "blue", live_level: "blue" }),
    alert({ id: "red", live_level: "red" }),
  ];
  expect(list.sort(byUrgency).map((one) => one.id)).toEqual(["red", "new-orange", "old-orange", "blue", "seen-red"]);
});

test("a latched alarm asks to be acknowledged until it was, at its highest level", () => {
  const by = { by: "王芳", role: "DA", note: "", at: "" } as const;
  expect(needsAcknowledging(alert({ state: "latched", peak: "red" }))).toBe(true);
  expect(needsAcknowledging(alert({ state: "latched", peak: "red", acknowledged: { ...by, level: "orange" } }))).toBe(true);
  expect(needsAcknowledging(alert({ state: "latched", peak: "red", acknowledged: { ...by, level: "red" } }))).toBe(false);
  expect(needsAcknowledging(alert({ state: "out-of-service" }))).toBe(false);
});

test("a filter comes out of the address as it went in, and nonsense counts as not asked", () => {
  const filter = { level: "yellow", state: "unseen", site: "tj-bh-001", text: "罐" } as const;
  expect(readFilter(writeFilter(filter))).toEqual(filter);
  expect(readFilter({ level: "purple", state: ["gone", "unseen"], text: null })).toEqual({ level: "", state: "", site: "", text: "" });
  expect(fits(alert({}), filter)).toBe(false);
  expect(fits(alert({ site: "tj-bh-001" }), filter)).toBe(true);
  expect(fits(alert({ site: "tj-bh-001", live_level: "blue" }), filter)).toBe(false);
  expect(fits(alert({ site: "tj-bh-001", state: "active-acked" }), filter)).toBe(false);
  expect(fits(alert({ source: "x/TANK-9/y" }), readFilter({ text: "tank-9" }))).toBe(true);
});

test("a site needs somebody for an active alarm or a silent edge, and not for what is over", () => {
  const edge = (site: string, online: boolean): Edge => ({ site, online }) as Edge;
  const list = needs([alert({ site: "b" }), alert({ site: "b", live_level: "red" }), alert({ site: "c", state: "cleared-unacked" }), alert({ site: "d", live_level: "none" })], [edge("a", false), edge("c", true)]);
  expect(list.map((need) => [need.site, need.worst, need.alarms, need.silent])).toEqual([["b", "red", 2, 0], ["a", "none", 0, 1]]);
});

const item = (time: number, mean: number | null = 1): Trend["items"][number] => ({ time, count: 1, min: mean, mean, max: mean, quality: "good" });
const trend = (...items: Trend["items"]): Trend => ({ point: "s/d/p", step_ms: 10_000, items, losses: [] });

test("a gap in a trend interrupts its line; a point that is read seldom has none", () => {
  expect(drawn(trend(item(0), item(10_000), item(20_000)), 1_000).gaps).toBe(0);
  const cut = drawn(trend(item(0), item(50_000)), 1_000);
  expect(cut.gaps).toBe(1);
  expect(cut.mean).toEqual([[5_000, 1], [10_000, null], [55_000, 1]]);
  expect(drawn(trend(item(0), item(50_000)), 60_000).gaps).toBe(0);
});

test("a stretch without a value is a gap too", () => {
  const cut = drawn(trend(item(0), item(10_000, null), item(20_000)), 1_000);
  expect(cut.gaps).toBe(1);
  expect(cut.mean[1]).toEqual([15_000, null]);
  expect(cut.spread[1]).toEqual([15_000, null]);
});

test("values are written as people write them", () => {
  expect([75.04999, 81.9, 101.3249, 5, 0, -3.456, 12345.6, 0.70903, 1e-7, 2.5e12].map(measured)).toEqual(["75.05", "81.9", "101.3", "5", "0", "-3.456", "12346", "0.70903", "1.000e-7", "2.500e+12"]);
  expect(measured(null)).toBe("—");
  expect(withUnit(20, "Cel")).toBe("20 °C");
  expect(withUnit(null, "Cel")).toBe("—");
});

test("times are Tianjin's wherever the browser stands", () => {
  expect(dateTime("2026-11-30T16:30:05.123Z")).toBe("2026-12-01 00:30:05");
  expect(listTime("2026-11-30T16:30:05Z", Date.parse("2026-12-01T01:00:00Z"))).toBe("00:30:05");
  expect(listTime("2026-11-30T15:30:05Z", Date.parse("2026-12-01T01:00:00Z"))).toBe("11-30 23:30:05");
  expect(toLocalInput("2026-11-30T16:30:05Z")).toBe("2026-12-01T00:30");
  expect(Date.parse(fromLocalInput("2026-12-01T00:30"))).toBe(Date.parse("2026-11-30T16:30:00Z"));
  expect([-5, 59_999, 60_000, 3_600_000, 90_000_000].map(span)).toEqual([{ n: 0, unit: "second" }, { n: 59, unit: "second" }, { n: 1, unit: "minute" }, { n: 1, unit: "hour" }, { n: 1, unit: "day" }]);
});

test("devices stand in the order of their numbers", () => {
  const point = (device: string, stale: boolean) => ({ device, stale }) as Parameters<typeof byDevice>[0][number];
  expect(byDevice([point("tank-10", false), point("tank-2", true), point("tank-2", false)]).map((one) => [one.device, one.fresh])).toEqual([["tank-2", 1], ["tank-10", 1]]);
});

const leaves = (of: object, path = ""): [string, string][] => Object.entries(of).flatMap(([key, value]) => (typeof value === "string" ? [[path + key, value] as [string, string]] : leaves(value as object, `${path}${key}.`)));

test("both languages say the same things, with the same places for values", () => {
  const chinese = new Map(leaves(zhCN));
  const english = new Map(leaves(en));
  expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();
  for (const [key, text] of chinese) {
    expect(text, key).not.toBe("");
    expect(places(english.get(key)!), key).toEqual(places(text));
    expect(english.get(key), `${key} is not English`).not.toMatch(key === "app.language" ? /^$/ : /[\u4e00-\u9fff]/);
    expect(text + english.get(key), `${key} holds what the message compiler would read`).not.toMatch(/[@|]/);
  }
});
