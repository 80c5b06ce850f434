"""api.p99: 1,000 people, each one action every 5 s, on 1,000,000 hazards: 80 % lists, 15 % filters, 5 % updates with their
entry in the history and in the log, durable. From the request's first byte to the answer's last; each action has a connection of its own.
Without log-in and rights: the door is open (http.open). Over SQLite only."""
import asyncio
import json
import random
import time
import uuid

import hazard_store
from centre_stand import Collector, broker
from figure import Figure, percentile

PEOPLE, EVERY_S = 1000, 5


class City:
    """What people do. `updates`: hazards being rectified, each updated once, by the version that the list shows."""

    def __init__(self, hazards):
        self.random = random.Random(5)
        rectifying = [n for n in range(1, hazards + 1) if hazard_store.state_of(n) == "rectifying"]
        self.updates = iter(self.random.sample(rectifying, min(len(rectifying), 20_000)))

    def action(self, next_page):
        """(kind, method, path, body, headers). Half of the lists go on where this person's last one ended."""
        dice = self.random.random()
        if dice < 0.80:
            page = f"&cursor={next_page}" if next_page and self.random.random() < 0.5 else ""
            return "list", "GET", f"/api/v1/hazards?limit=50{page}", None, {}
        if dice < 0.95:
            return "filter", "GET", "/api/v1/hazards?limit=50&" + self.filter(), None, {}
        body = {"action": "progress", "reason": "阀门已更换", "fields": {}, "actor": {"name": "王芳", "role": "EP"}}
        headers = {"If-Match": '"5"', "Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
        return "update", "POST", f"/api/v1/hazards/{hazard_store.hazard_id(next(self.updates))}/actions", json.dumps(body).encode(), headers

    def filter(self):
        site = f"site-{self.random.randrange(hazard_store.SITES)}"
        text = f"%E7%BD%90%E5%8C%BA%20{self.random.randrange(1009)}"  # 罐区 N: one in a thousand
        return self.random.choice((f"site={site}", f"site={site}&state=rectifying,awaiting", "overdue=true", f"text={text}"))


async def ask(port, method, path, body, headers):
    """(status, seconds, body of the answer)"""
    start = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"] + [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b""))
    answer = await reader.read(-1)
    writer.close()
    took = time.perf_counter() - start
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]) if head else 0, took, content


async def person(port, city, phase, until, took):
    await asyncio.sleep(phase)
    next_page = None
    while time.monotonic() < until:
        begun = time.monotonic()
        kind, *request = city.action(next_page)
        try:
            status, seconds, content = await asyncio.wait_for(ask(port, *request), 30)
        except (asyncio.TimeoutError, ConnectionError, IndexError):
            status, seconds, content = 0, 30.0, b""
        if kind == "list" and status == 200:
            next_page = json.loads(content).get("next")
        took.append((begun, kind, status, seconds))
        await asyncio.sleep(max(0, begun + EVERY_S - time.monotonic()))


async def crowd(port, city, seconds):
    took, rng, until = [], random.Random(9), time.monotonic() + seconds
    await asyncio.gather(*(person(port, city, rng.random() * EVERY_S, until, took) for _ in range(PEOPLE)))
    return took


def run(bench):
    hazards, seconds, room = bench.seconds(1_000_000, 100_000), bench.seconds(40, 15), bench.room("api")
    with broker(room) as line, Collector(bench, room / "centre", line.url) as centre:
        centre.start()
        centre.program.stop()
        hazard_store.fill(room / "centre" / "records.db", hazards)
        centre.start()
        begun = time.monotonic()
        took = asyncio.run(crowd(centre.port, City(hazards), seconds))
    warm = [(kind, status, s * 1e3) for at, kind, status, s in took if at >= begun + EVERY_S]
    refused = [status for _, status, _ in warm if status != 200]
    p99 = percentile([ms for _, _, ms in warm], 99)
    notes = {f"p99_{kind}": percentile([ms for k, _, ms in warm if k == kind], 99) for kind in ("list", "filter", "update") if any(k == kind for k, _, _ in warm)}
    yield Figure("api.p99", p99, "ms", "the same on PostgreSQL 15: records over it are not built yet", None, "<= 200 ms", p99 <= 200 and not refused,
                 f"{len(refused)} of {len(warm)} actions were not answered with 200, the first with {refused[0]}" if refused else "",
                 {"actions": len(warm), "p50": percentile([ms for _, _, ms in warm], 50), "hazards": hazards, **notes,
                  "not_measured": "log-in and rights: the door is open (http.open)"})
