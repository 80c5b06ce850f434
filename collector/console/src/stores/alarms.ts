// Every alert that is not history, kept up to date by the event stream. One for the whole page: lists, counts and the map
// look at the same.
import { computed, shallowRef } from "vue";
import { answered, api, everything } from "../api/client";
import { onChanges, onReset, type Change } from "../live/live";
import { byUrgency, openStates } from "../model/level";
import type { Alert } from "../model/types";
import { loaded } from "./loaded";

export const most = 20_000;
const byId = new Map<string, Alert>();
const all = shallowRef<Alert[]>([]);
const arrivals = new Map<string, number>(); // id: performance.now(), of what came while somebody looked

const isOpen = (alert: Alert): boolean => openStates.includes(alert.state) && alert.lead === alert.id;

const publish = (): void => {
  all.value = [...byId.values()];
};

/// The newer state of an alert wins, whichever way it came.
export const learn = (alert: Alert): void => {
  const known = byId.get(alert.id);
  if (known && known.revision > alert.revision) return;
  if (isOpen(alert)) byId.set(alert.id, alert);
  else byId.delete(alert.id);
};

const reading = loaded(async () => {
  const { items, whole } = await everything(
    (cursor) => answered(api.GET("/api/v1/alerts", { params: { query: { state: openStates.join(","), limit: 500, ...cursor } } })),
    most,
  );
  byId.clear();
  items.forEach(learn);
  publish();
  return { whole };
});

const refresh = async (id: string): Promise<void> => {
  learn(await answered(api.GET("/api/v1/alerts/{id}", { params: { path: { id } } })));
};

/// Episodes of one (source, rule) are grouped by the collector when one joins; the change itself tells of one only.
const joinedWith = (alert: Alert): string[] => {
  const others: string[] = [];
  for (const other of byId.values())
    if (other.id !== alert.id && other.source === alert.source && other.rule === alert.rule) others.push(other.id);
  return others;
};

onChanges((changes: Change[]) => {
  const alerts = changes.filter((change) => change.kind === "alert").map((change) => change.body as unknown as Alert);
  if (alerts.length === 0) return;
  const again = new Set<string>();
  for (const alert of alerts) {
    if (!byId.has(alert.id) && isOpen(alert)) {
      arrivals.set(alert.id, performance.now());
      for (const id of joinedWith(alert)) again.add(id).add(alert.id);
    }
    if (alert.lead !== alert.id) again.add(alert.lead);
    learn(alert);
  }
  publish();
  if (again.size > 0) void Promise.allSettled([...again].map(refresh)).then(publish);
});
onReset(() => void reading.load());

export const alarms = {
  all,
  reading,
  /// All of them, most urgent first.
  sorted: computed(() => [...all.value].sort(byUrgency)),
  /// Came within the last two minutes, while this page was open.
  isNew: (id: string): boolean => performance.now() - (arrivals.get(id) ?? -Infinity) < 120_000,
  learn: (alert: Alert): void => {
    learn(alert);
    publish();
  },
};
