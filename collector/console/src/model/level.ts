// The four alarm levels and how the states of an alert stand to each other. Pure.
import type { Alert, AlertState, Level, LiveLevel } from "./types";

export const levels: readonly LiveLevel[] = ["red", "orange", "yellow", "blue"];
const rank: Record<Level, number> = { none: 0, blue: 1, yellow: 2, orange: 3, red: 4 };

export const levelRank = (level: Level): number => rank[level];
export const atLeast = (level: Level, least: Level): boolean => rank[level] >= rank[least];
export const higher = (a: Level, b: Level): Level => (rank[a] >= rank[b] ? a : b);

/// What is not history: the states that somebody still has to look at or work on.
export const openStates: readonly AlertState[] = ["active-unacked", "latched", "active-acked", "cleared-unacked", "out-of-service"];

/// The danger is there, or a person has to say that it is not.
export const isActive = (alert: Alert): boolean =>
  alert.state === "active-unacked" || alert.state === "active-acked" || alert.state === "latched";

/// Nobody has seen it, or not at its present level. A latched one may have been seen before it latched.
export const needsAcknowledging = (alert: Alert): boolean => {
  if (alert.state === "active-unacked" || alert.state === "cleared-unacked") return true;
  return alert.state === "latched" && (alert.acknowledged === null || rank[alert.acknowledged.level] < rank[alert.peak]);
};

/// Times of the API compare as texts: UTC, to the millisecond. Ten thousand are sorted at each change, so nothing is parsed.
/// Unseen ones first, then the higher level, then the newer one; equal ones keep a fixed order.
export const byUrgency = (a: Alert, b: Alert): number =>
  Number(needsAcknowledging(b)) - Number(needsAcknowledging(a)) ||
  rank[b.live_level] - rank[a.live_level] ||
  (a.raised_at < b.raised_at ? 1 : a.raised_at > b.raised_at ? -1 : 0) ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
