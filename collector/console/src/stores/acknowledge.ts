// Acknowledging one alert or many: each on the state that the person saw, a few at a time, and the outcome of each is told.
import { acting, answered, api, Refusal } from "../api/client";
import type { Actor, Alert } from "../model/types";
import { alarms } from "./alarms";

export interface Outcome {
  done: number;
  changed: number; // since they were looked at
  failed: number;
  why: string; // code of the first failure
}
const atOnce = 4;

const one = async (alert: Alert, actor: Actor, note: string): Promise<void> => {
  const { history: _, ...after } = await answered(
    api.POST("/api/v1/alerts/{id}/acknowledge", { params: { path: { id: alert.id }, header: acting(alert.revision) }, body: { actor, note } }),
  );
  alarms.learn(after);
};

const again = async (id: string): Promise<void> => {
  const { history: _, ...present } = await answered(api.GET("/api/v1/alerts/{id}", { params: { path: { id } } }));
  alarms.learn(present);
};

/// `left` is called with how many are still to be done.
export const acknowledge = async (alerts: readonly Alert[], actor: Actor, note: string, left: (n: number) => void): Promise<Outcome> => {
  const outcome: Outcome = { done: 0, changed: 0, failed: 0, why: "" };
  const queue = [...alerts];
  const work = async (): Promise<void> => {
    for (let alert = queue.shift(); alert; alert = queue.shift()) {
      try {
        await one(alert, actor, note);
        outcome.done += 1;
      } catch (error) {
        const code = error instanceof Refusal ? error.code : "fault";
        if (code === "stale") {
          outcome.changed += 1;
          await again(alert.id).catch(() => undefined); // the event stream brings it too
        } else {
          outcome.failed += 1;
          outcome.why ||= code;
        }
      }
      left(queue.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcome;
};
