// The two languages. Keys are checked by the compiler: one that is missing in either language, or a value of the API that
// has no word, does not build.
import { createI18n } from "vue-i18n";
import { computed, readonly, ref } from "vue";
import type { Span } from "../model/time";
import { en } from "./en";
import { zhCN } from "./zh-CN";

type Leaves<T, P extends string = ""> = {
  [K in keyof T & string]: T[K] extends string ? `${P}${K}` : Leaves<T[K], `${P}${K}.`>;
}[keyof T & string];
export type MessageKey = Leaves<typeof zhCN>;
export type Locale = "zh-CN" | "en";

const kept = "anlan.locale";
const first = (): Locale => {
  try {
    const choice = localStorage.getItem(kept);
    if (choice === "zh-CN" || choice === "en") return choice;
  } catch {
    // Storage is off: the browser's language decides.
  }
  return navigator.language.startsWith("zh") || !navigator.language.startsWith("en") ? "zh-CN" : "en";
};

const start = first();
export const i18n = createI18n({
  legacy: false,
  locale: start,
  fallbackLocale: false,
  messages: { "zh-CN": zhCN, en },
  missing: (_locale, key) => {
    throw new Error(`no message ${key}`);
  },
});

const current = ref<Locale>(start);
export const locale = readonly(current);
export const setLocale = (to: Locale): void => {
  current.value = to;
  i18n.global.locale.value = to;
  document.documentElement.lang = to;
  try {
    localStorage.setItem(kept, to);
  } catch {
    // Until the page is closed, then.
  }
};
document.documentElement.lang = start;

export const t = (key: MessageKey, values: Record<string, string | number> = {}): string => i18n.global.t(key, values);

/// A word that the API does not enumerate (an event, a refusal): ours where we have one, its own otherwise.
export const word = (prefix: string, key: string): string => {
  const full = `${prefix}.${key}`;
  return i18n.global.te(full) ? i18n.global.t(full) : key;
};

export const spanText = (s: Span): string => t(`span.${s.unit}`, { n: s.n });
export const isChinese = computed(() => current.value === "zh-CN");
