"""A TCP line that can be bad: cut, delayed, stalled, slow. It stands between a client and a port of this machine; what it
does can be changed at any time, from any thread."""
import asyncio
import threading


class ImpairedLine:
    """with ImpairedLine(broker_port) as line: clients connect to line.port"""

    PIECE = 1024

    def __init__(self, target):
        self.target = target
        self.rate = None      # bytes a second and direction, of all connections together; None: no bound
        self.delay = 0.0      # seconds each way
        self.stalled = False  # connections stand, nothing passes
        self.up = True        # False: no new connections
        self.carried = 0      # bytes passed on
        self._free_at = {}    # by direction: when the line has carried what it was given
        self._writers = set()

    def __enter__(self):
        ready = threading.Event()

        def run():
            self._loop = asyncio.new_event_loop()
            self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
            self.port = self._server.sockets[0].getsockname()[1]
            ready.set()
            self._loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def __exit__(self, *_):
        self.cut()
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _end(self):
        self._server.close()
        passing = asyncio.all_tasks() - {asyncio.current_task()}
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    def cut(self):
        """Every connection ends, whatever was under way is lost; no new ones until restore()."""
        self.up = False
        self._loop.call_soon_threadsafe(lambda: [writer.transport.abort() for writer in list(self._writers)])

    def restore(self):
        self.up = True

    async def _serve(self, reader, writer):
        if not self.up:
            return writer.transport.abort()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            return writer.transport.abort()
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._pass("up", reader, far_writer), self._pass("down", far_reader, writer))
        self._writers -= {writer, far_writer}

    async def _pass(self, way, reader, writer):
        """Reads no faster than the line carries, so that the sender's own queue fills; pieces arrive later by the delay."""
        under_way = asyncio.Queue()
        arriving = asyncio.create_task(self._arrive(under_way, writer))
        try:
            while piece := await reader.read(self.PIECE):
                while self.stalled:
                    await asyncio.sleep(0.05)
                now = self._loop.time()
                if self.rate:
                    self._free_at[way] = max(now, self._free_at.get(way, now)) + len(piece) / self.rate
                    await asyncio.sleep(self._free_at[way] - now)
                under_way.put_nowait((self._loop.time() + self.delay, piece))
        except ConnectionError:
            pass
        under_way.put_nowait((0, b""))
        await arriving

    async def _arrive(self, under_way, writer):
        while True:
            at, piece = await under_way.get()
            await asyncio.sleep(max(0, at - self._loop.time()))
            if not piece or writer.is_closing():
                return writer.close()
            writer.write(piece)
            self.carried += len(piece)
