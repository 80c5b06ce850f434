// What the overview counts, beside the alarms: which sites need somebody. Pure.
import { higher, isActive, levelRank } from "../model/level";
import type { Alert, Edge, Level } from "../model/types";

export interface SiteNeed {
  site: string;
  worst: Level;
  alarms: number; // active ones
  silent: number; // edges
  newest: string; // when the newest alarm was raised; "" for none
}

/// Sites with an active alarm or a silent edge; the worst first, then the one with more, then by name.
export const needs = (alerts: readonly Alert[], edges: readonly Edge[]): SiteNeed[] => {
  const bySite = new Map<string, SiteNeed>();
  const of = (site: string): SiteNeed => {
    let need = bySite.get(site);
    if (!need) bySite.set(site, (need = { site, worst: "none", alarms: 0, silent: 0, newest: "" }));
    return need;
  };
  for (const alert of alerts) {
    if (!isActive(alert) || alert.live_level === "none" || alert.site === "") continue;
    const need = of(alert.site);
    need.worst = higher(need.worst, alert.live_level);
    need.alarms += 1;
    if (alert.raised_at > need.newest) need.newest = alert.raised_at;
  }
  for (const edge of edges) if (!edge.online) of(edge.site).silent += 1;
  return [...bySite.values()].sort(
    (a, b) => levelRank(b.worst) - levelRank(a.worst) || b.silent - a.silent || b.alarms - a.alarms || (a.site < b.site ? -1 : 1),
  );
};
