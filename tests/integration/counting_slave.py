"""A Modbus TCP slave that counts: the holding registers 0 and 1 of a unit are how often they were read, this time included. So a
master that keeps each answer has the numbers 1, 2, 3 … without a gap. Written from the specification, on bare sockets."""
import asyncio
import collections
import struct
import threading

HEAD = struct.Struct(">HHHB")  # transaction, protocol, length, unit
READ = struct.Struct(">BHH")


class CountingSlave:
    """Listens on `ports` free ports of 127.0.0.1, in a thread of its own, until close()."""

    def __init__(self, ports):
        self.connections = collections.Counter()  # by port: ever accepted
        self.reads = collections.Counter()  # by (port, unit): answered
        self.ports = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(ports), self._loop).result(10)

    async def _listen(self, ports):
        self._servers = [await asyncio.start_server(self._serve, "127.0.0.1", 0) for _ in range(ports)]
        self.ports = [server.sockets[0].getsockname()[1] for server in self._servers]

    async def _serve(self, reader, writer):
        port = writer.get_extra_info("sockname")[1]
        self.connections[port] += 1
        try:
            while True:
                transaction, _, length, unit = HEAD.unpack(await reader.readexactly(HEAD.size))
                pdu = await reader.readexactly(length - 1)
                answer = self._answer(port, unit, pdu)
                writer.write(HEAD.pack(transaction, 0, len(answer) + 1, unit) + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, port, unit, pdu):
        if READ.size != len(pdu) or READ.unpack(pdu) != (3, 0, 2):
            return bytes([pdu[0] | 0x80, 2])
        self.reads[port, unit] += 1
        return struct.pack(">BBI", 3, 4, self.reads[port, unit])

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
