// A trend as a chart draws it: a gap stays a gap. Pure.
import type { Trend } from "./types";

export interface DrawnTrend {
  mean: [number, number | null][];
  low: [number, number | null][];
  spread: [number, number | null][]; // max - min, stacked on low
  gaps: number; // how often the line is interrupted
}

/// A stretch stands in its middle. Where the next one does not follow (longer than `periodMs` explains), or a stretch has no
/// value, the line is interrupted.
export const drawn = (trend: Trend, periodMs: number): DrawnTrend => {
  const out: DrawnTrend = { mean: [], low: [], spread: [], gaps: 0 };
  const put = (time: number, mean: number | null, min: number | null, max: number | null): void => {
    out.mean.push([time, mean]);
    out.low.push([time, min]);
    out.spread.push([time, min === null || max === null ? null : max - min]);
  };
  const allowed = Math.max(trend.step_ms / 2, 2.5 * periodMs);
  let end: number | undefined;
  for (const item of trend.items) {
    if (end !== undefined && item.time - end > allowed) {
      put(end, null, null, null);
      out.gaps += 1;
    }
    if (item.mean === null) out.gaps += 1;
    put(item.time + trend.step_ms / 2, item.mean, item.min, item.max);
    end = item.time + trend.step_ms;
  }
  return out;
};
