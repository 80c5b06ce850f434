// Server-Sent Events taken apart (HTML standard, section 9.2), piece by piece as they arrive. Pure.
export interface StreamEvent {
  id: string;
  kind: string;
  data: string;
}

export class EventParser {
  private rest = "";
  private id = "";
  private kind = "";
  private data: string[] = [];

  /// The events that `text` completes. Comments (the heartbeat) complete none.
  take(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") this.dispatch(events);
      else this.field(line);
    }
    return events;
  }

  private dispatch(events: StreamEvent[]): void {
    if (this.data.length > 0) events.push({ id: this.id, kind: this.kind || "message", data: this.data.join("\n") });
    this.kind = "";
    this.data = [];
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "id") this.id = value;
    else if (name === "event") this.kind = value;
    else if (name === "data") this.data.push(value);
  }
}
