// What the alarms page is asked to show, as it stands in the address; so that a view can be sent to somebody. Pure.
import { atLeast, isActive, levels, needsAcknowledging, openStates } from "./level";
import type { Alert, AlertState, LiveLevel } from "./types";

export type StateFilter = "" | "unseen" | "active" | AlertState;
export interface AlarmFilter {
  level: "" | LiveLevel;
  state: StateFilter;
  site: string;
  text: string;
}
export const stateFilters: readonly StateFilter[] = ["", "unseen", "active", ...openStates];

type Query = Record<string, string | null | (string | null)[] | undefined>;
const one = (query: Query, name: string): string => {
  const value = query[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
};
const known = <T extends string>(value: string, among: readonly T[], otherwise: T): T => among.find((choice) => choice === value) ?? otherwise;

/// Whatever is not understood counts as not asked.
export const readFilter = (query: Query): AlarmFilter => ({
  level: known<"" | LiveLevel>(one(query, "level"), levels, ""),
  state: known(one(query, "state"), stateFilters, ""),
  site: one(query, "site"),
  text: one(query, "text"),
});

export const writeFilter = (filter: AlarmFilter): Record<string, string> =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ""));

export const fits = (alert: Alert, filter: AlarmFilter): boolean => {
  if (filter.level !== "" && !atLeast(alert.live_level, filter.level)) return false;
  if (filter.site !== "" && alert.site !== filter.site) return false;
  if (filter.state === "unseen" && !needsAcknowledging(alert)) return false;
  if (filter.state === "active" && !isActive(alert)) return false;
  if (filter.state !== "" && filter.state !== "unseen" && filter.state !== "active" && alert.state !== filter.state) return false;
  if (filter.text === "") return true;
  const text = filter.text.toLowerCase();
  return alert.name.toLowerCase().includes(text) || alert.source.toLowerCase().includes(text);
};
