// Who acts. This collector asks nobody to log in: every change names its author, so the console asks for a name and a role
// once and keeps them in this browser.
import { readonly, ref } from "vue";
import type { Actor } from "../model/types";

const key = "anlan.actor";
export const roles: readonly Actor["role"][] = ["SA", "CR", "DA", "EP", "EM"];

const read = (): Actor | undefined => {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Actor> | null;
    if (kept && typeof kept.name === "string" && kept.name.trim() !== "" && kept.role && roles.includes(kept.role)) return { name: kept.name, role: kept.role };
  } catch {
    // Not ours, or storage is off: ask again.
  }
  return undefined;
};

const actor = ref<Actor | undefined>(read());
export const identity = readonly(actor);
export const asking = ref(false);
let waiting: ((actor: Actor | undefined) => void)[] = [];

export const setIdentity = (chosen: Actor): void => {
  actor.value = chosen;
  try {
    localStorage.setItem(key, JSON.stringify(chosen));
  } catch {
    // Kept until the page is closed, then.
  }
};

/// The dialog was closed, with or without a choice.
export const askingEnded = (): void => {
  asking.value = false;
  for (const resolve of waiting) resolve(actor.value ? { ...actor.value } : undefined);
  waiting = [];
};

/// Who acts; asks where it is not known. undefined: the person would not say.
export const whoActs = (): Promise<Actor | undefined> => {
  if (actor.value) return Promise.resolve({ ...actor.value });
  asking.value = true;
  return new Promise((resolve) => waiting.push(resolve));
};
