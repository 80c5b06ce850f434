// The points of a site as its page shows them: by device, with why a value is not to be trusted. Pure.
import { byName } from "../model/order";
import type { Point } from "../model/types";

export interface Device {
  device: string;
  points: Point[];
  fresh: number;
}

export const byDevice = (points: readonly Point[]): Device[] => {
  const devices = new Map<string, Device>();
  for (const point of points) {
    const device = devices.get(point.device) ?? { device: point.device, points: [], fresh: 0 };
    devices.set(point.device, device);
    device.points.push(point);
    if (!point.stale) device.fresh += 1;
  }
  return [...devices.values()].sort((a, b) => byName(a.device, b.device));
};
