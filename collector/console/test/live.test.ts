import { expect, test } from "vitest";
import { EventParser } from "../src/live/sse";

const one = "id: 7\nevent: alert\ndata: {\"seq\":\"7\"}\n\n";

test("an event is one however it is cut into pieces", () => {
  for (let cut = 0; cut <= one.length; ++cut) {
    const parser = new EventParser();
    const events = [...parser.take(one.slice(0, cut)), ...parser.take(one.slice(cut))];
    expect(events).toEqual([{ id: "7", kind: "alert", data: "{\"seq\":\"7\"}" }]);
  }
});

test("a heartbeat is no event and cuts none in two", () => {
  const parser = new EventParser();
  expect(parser.take(":\n\n:\n\n")).toEqual([]);
  expect(parser.take("id: 1\n:\nevent: hazard\ndata: {}\n\n")).toEqual([{ id: "1", kind: "hazard", data: "{}" }]);
});

test("the id stays for events that name none; the kind does not", () => {
  const events = new EventParser().take("id: 3\nevent: reset\ndata: a\n\ndata: b\ndata: c\n\n");
  expect(events).toEqual([{ id: "3", kind: "reset", data: "a" }, { id: "3", kind: "message", data: "b\nc" }]);
});
