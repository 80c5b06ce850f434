// What the hazards page is asked to show, as it stands in the address. Pure.
import type { HazardState } from "./types";

/// In the order of the loop.
export const hazardStates: readonly HazardState[] = ["reported", "graded", "dispatched", "disputed", "rectifying", "self-checked", "third-party", "awaiting", "reopened", "closed", "rejected", "merged"];
export const openHazards: readonly HazardState[] = hazardStates.filter((state) => !["closed", "rejected", "merged"].includes(state));

export interface HazardFilter {
  state: "open" | "all" | HazardState;
  site: string;
  overdue: boolean;
  text: string;
}

type Query = Record<string, string | null | (string | null)[] | undefined>;
const one = (query: Query, name: string): string => {
  const value = query[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
};

export const readHazardFilter = (query: Query): HazardFilter => {
  const state = one(query, "state");
  return {
    state: state === "all" ? "all" : (hazardStates.find((known) => known === state) ?? "open"),
    site: one(query, "site"),
    overdue: one(query, "overdue") === "1",
    text: one(query, "text"),
  };
};

export const writeHazardFilter = (filter: HazardFilter): Record<string, string> => ({
  ...(filter.state === "open" ? {} : { state: filter.state }),
  ...(filter.site === "" ? {} : { site: filter.site }),
  ...(filter.overdue ? { overdue: "1" } : {}),
  ...(filter.text === "" ? {} : { text: filter.text }),
});

/// For the API.
export const hazardQuery = (filter: HazardFilter): { state?: string; site?: string; overdue?: boolean; text?: string } => ({
  ...(filter.state === "all" ? {} : { state: filter.state === "open" ? openHazards.join(",") : filter.state }),
  ...(filter.site === "" ? {} : { site: filter.site }),
  ...(filter.overdue ? { overdue: true } : {}),
  ...(filter.text === "" ? {} : { text: filter.text }),
});
