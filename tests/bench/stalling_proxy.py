"""Between a collector and its broker: passes everything on, and for 10 s after SIGUSR1 nothing to the connection whose client
id ends with -bulk, as if that subscriber had stopped reading. stalling_proxy.py BROKER_PORT; prints "READY port"."""
import asyncio
import signal
import sys

STALL_S, PIECE = 10, 1 << 18


class Proxy:
    def __init__(self, broker_port):
        self.broker_port = broker_port
        self.flows = asyncio.Event()
        self.flows.set()

    async def serve(self, reader, writer):
        connect = await reader.read(PIECE)  # the CONNECT packet comes whole
        broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", self.broker_port)
        broker_writer.write(connect)
        bulk = b"-bulk" in connect
        await asyncio.gather(self.copy(reader, broker_writer, False), self.copy(broker_reader, writer, bulk))

    async def copy(self, reader, writer, stalls):
        try:
            while piece := await reader.read(PIECE):
                if stalls:
                    await self.flows.wait()
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def stall(self):
        self.flows.clear()
        asyncio.get_running_loop().call_later(STALL_S, self.flows.set)


async def main():
    proxy = Proxy(int(sys.argv[1]))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, proxy.stall)
    print(f"READY {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


asyncio.run(main())
