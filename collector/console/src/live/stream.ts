// One connection to the collector's event stream, for as long as it is wanted: comes back by itself, from where it was.
import { EventParser, type StreamEvent } from "./sse";

const heartbeat = 1_500; // ms; asked of the collector
const silence = 3_200; // ms without a byte: the connection is dead, whatever TCP believes
const pauses = [250, 500, 1_000, 2_000, 3_000]; // ms before coming back, by failures in a row

export interface StreamListener {
  heard(): void; // any byte
  events(events: StreamEvent[]): void;
  refused(status: number): void; // an answer that is no stream: 401, 503
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/// Reads until the connection ends or falls silent; the last id seen.
const readOnce = async (lastId: string, listener: StreamListener, signal: AbortSignal): Promise<string> => {
  const dead = new AbortController();
  let watch = setTimeout(() => dead.abort(), silence);
  try {
    const response = await fetch(`/api/v1/events?heartbeat_ms=${heartbeat}`, {
      headers: lastId === "" ? {} : { "Last-Event-ID": lastId },
      signal: AbortSignal.any([signal, dead.signal]),
      cache: "no-store",
    });
    if (!response.ok || response.body === null) {
      listener.refused(response.status);
      return lastId;
    }
    const parser = new EventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return lastId;
      clearTimeout(watch);
      watch = setTimeout(() => dead.abort(), silence);
      listener.heard();
      const events = parser.take(value);
      lastId = events.at(-1)?.id ?? lastId;
      if (events.length > 0) listener.events(events);
    }
  } catch {
    return lastId; // cut, silent or not reachable: come back
  } finally {
    clearTimeout(watch);
  }
};

/// Follows from after `lastId` ("" for now) until `signal`.
export const follow = async (lastId: string, listener: StreamListener, signal: AbortSignal): Promise<void> => {
  let failures = 0;
  while (!signal.aborted) {
    let heard = false;
    const counting: StreamListener = { ...listener, heard: () => ((heard = true), listener.heard()) };
    lastId = await readOnce(lastId, counting, signal);
    failures = heard ? 0 : failures + 1;
    const wait = pauses[Math.min(failures, pauses.length - 1)] ?? 3_000;
    await pause(wait * (0.75 + Math.random() / 2), signal);
  }
};
