"""A receiver of webhooks that remembers every request, with its time and idempotency key, and can refuse or hang."""
import dataclasses
import http.server
import json
import threading
import time

from processes import wait_until


@dataclasses.dataclass(frozen=True)
class Received:
    at: float         # time.time() when the body was complete
    path: str
    headers: dict     # lower-case names
    body: bytes
    answered: int     # the status that was sent; 0: never answered

    @property
    def key(self):
        return self.headers.get("idempotency-key")

    def json(self):
        return json.loads(self.body)


class Webhook:
    """answer_with(500) refuses from now on, hang() answers nothing until accept() or the end, accept() answers 204."""

    def __init__(self, port=0):
        self._lock = threading.Lock()
        self._received, self._status = [], 204
        self._released = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/alarm"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def accept(self):
        self.answer_with(204)
        self._released.set()

    def answer_with(self, status):
        with self._lock:
            self._status = status

    def hang(self):
        self._released.clear()
        self.answer_with(0)

    @property
    def received(self):
        with self._lock:
            return list(self._received)

    @property
    def accepted(self):
        """One of each idempotency key, in the order of their first success: what a receiver that knows the key rings for."""
        first = {}
        for request in self.received:
            if 200 <= request.answered < 300:
                first.setdefault(request.key or id(request), request)
        return list(first.values())

    def wait_for(self, condition, timeout=10, what="a webhook"):
        """The first received request for which condition(request) holds."""
        return wait_until(lambda: next((r for r in self.received if condition(r)), None), timeout, what)

    def forget(self):
        """What was received so far."""
        with self._lock:
            self._received.clear()

    def close(self):
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _handler(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                with receiver._lock:
                    status = receiver._status
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    receiver._received.append(Received(time.time(), self.path, headers, body, status))
                if status == 0:
                    receiver._released.wait()
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            do_PUT = do_POST

            def log_message(self, *_):
                pass

        return Handler
