// Times as people in Tianjin read them, wherever the browser stands; ages in words of the language. Pure but for the locale.
const zone = "Asia/Shanghai";
const makers = new Map<string, Intl.DateTimeFormat>();

const maker = (locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = locale + JSON.stringify(options);
  let made = makers.get(key);
  if (!made) makers.set(key, (made = new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options })));
  return made;
};

const day: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };
const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };

/// "2026-12-01 16:03:21": the same in both languages, so that a list reads straight down.
export const dateTime = (time: string | number): string => {
  const parts = new Map(maker("en", { ...day, ...clock }).formatToParts(new Date(time)).map((p) => [p.type, p.value]));
  return `${parts.get("year")}-${parts.get("month")}-${parts.get("day")} ${parts.get("hour")}:${parts.get("minute")}:${parts.get("second")}`;
};

/// "12-01 16:03:21", for lists whose entries are of these days.
export const shortTime = (time: string | number): string => dateTime(time).slice(5);

/// The time of day where it is of the same day in Tianjin as `now`, with the date otherwise.
export const listTime = (time: string | number, now: number): string => {
  const whole = dateTime(time);
  return whole.slice(0, 10) === dateTime(now).slice(0, 10) ? whole.slice(11) : whole.slice(5);
};

export interface Span {
  n: number;
  unit: "second" | "minute" | "hour" | "day";
}

/// The largest whole unit: 59 s, 1 min, 23 h, 4 d. Negative spans count as none.
export const span = (ms: number): Span => {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return { n: s, unit: "second" };
  if (s < 3600) return { n: Math.floor(s / 60), unit: "minute" };
  if (s < 86400) return { n: Math.floor(s / 3600), unit: "hour" };
  return { n: Math.floor(s / 86400), unit: "day" };
};

/// For <input type=datetime-local> and back: the wall clock of Tianjin, which has had no summer time since 1991.
export const toLocalInput = (time: string | number): string => dateTime(time).slice(0, 16).replace(" ", "T");
export const fromLocalInput = (text: string): string => `${text.length === 16 ? `${text}:00` : text}+08:00`;
