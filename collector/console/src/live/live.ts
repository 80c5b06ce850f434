// What happens in the centre, for every open page of this browser over one stream: the page that holds the lock reads it and
// tells the others. Says how old the newest word of the collector is, and whether it has gone silent.
import { reactive, readonly } from "vue";
import { follow } from "./stream";
import type { StreamEvent } from "./sse";

export interface Change {
  seq: string;
  at: string;
  kind: string;
  subject: string;
  body: Record<string, unknown>;
}

type Message =
  | { type: "heard" }
  | { type: "events"; events: StreamEvent[] }
  | { type: "refused"; status: number }
  | { type: "who" } // a new page asks whether there is news
  | { type: "last"; id: string };

const lostAfter = 3_500; // ms
const state = reactive({
  status: "connecting" as "connecting" | "live" | "lost",
  heardAt: 0, // performance.now() of the newest word; 0: none yet
  age: 0, // ms since it
  leader: false,
  refused: 0, // HTTP status of a refusal
});
export const live = readonly(state);

let lastId = "";
const changed = new Set<(changes: Change[]) => void>();
const anew = new Set<() => void>();

/// `listener` is called with changes in order. Returns how to stop it.
export const onChanges = (listener: (changes: Change[]) => void): (() => void) => {
  changed.add(listener);
  return () => changed.delete(listener);
};

/// Called where changes may have been missed: read the lists anew.
export const onReset = (listener: () => void): (() => void) => {
  anew.add(listener);
  return () => anew.delete(listener);
};

const look = (): void => {
  state.age = state.heardAt === 0 ? 0 : performance.now() - state.heardAt;
  if (state.heardAt === 0) {
    if (performance.now() - started > lostAfter) state.status = "lost";
  } else {
    state.status = state.age > lostAfter ? "lost" : "live";
  }
};

/// One listener's fault is reported and does not keep the news from the others.
const tellAll = <T extends unknown[]>(listeners: Set<(...news: T) => void>, ...news: T): void => {
  for (const listener of listeners) {
    try {
      listener(...news);
    } catch (error) {
      reportError(error);
    }
  }
};

/// `snapshot` says from where changes follow: what was read before it may lack something, as after `reset`.
const deliver = (events: StreamEvent[]): void => {
  const changes: Change[] = [];
  let readAnew = false;
  for (const event of events) {
    if (event.kind === "reset" || event.kind === "snapshot") readAnew = true;
    else changes.push(JSON.parse(event.data) as Change);
    lastId = event.id;
  }
  if (changes.length > 0) tellAll(changed, changes);
  if (readAnew) tellAll(anew);
};

const handle = (message: Message): void => {
  if (message.type === "heard") {
    state.heardAt = performance.now();
    state.refused = 0;
    look();
  } else if (message.type === "events") {
    deliver(message.events);
  } else if (message.type === "refused") {
    state.refused = message.status;
  } else if (message.type === "last") {
    if (lastId === "") lastId = message.id;
  } else if (state.leader) {
    channel?.postMessage({ type: "last", id: lastId } satisfies Message);
  }
};

let channel: BroadcastChannel | undefined;
let started = 0;

const lead = async (signal: AbortSignal): Promise<void> => {
  state.leader = true;
  const tell = (message: Message): void => {
    handle(message);
    channel?.postMessage(message);
  };
  await follow(
    lastId,
    {
      heard: () => tell({ type: "heard" }),
      events: (events) => tell({ type: "events", events }),
      refused: (status) => tell({ type: "refused", status }),
    },
    signal,
  );
  state.leader = false;
};

/// Begins; once for the life of the page.
export const startLive = (): void => {
  const ending = new AbortController();
  started = performance.now();
  setInterval(look, 250);
  document.addEventListener("visibilitychange", look); // a page out of sight is woken seldom
  addEventListener("pagehide", () => ending.abort());
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // the stream ended when the page was put away
  });
  if ("locks" in navigator) {
    channel = new BroadcastChannel("anlan-live");
    channel.onmessage = (event: MessageEvent<Message>) => handle(event.data);
    channel.postMessage({ type: "who" } satisfies Message);
    void navigator.locks.request("anlan-live", () => lead(ending.signal));
  } else {
    void lead(ending.signal); // no secure context: each page has a stream of its own
  }
};
