"""A Modbus slave that does everything wrong, for hell_test.cpp. Usage: slave_from_hell.py tcp|tls|rtutcp|rtu PORT|LINK FOLDER

Every register says where it comes from: even addresses hold their own address, odd ones the unit (high byte) and the
number of the request that is answered (low byte). A master that asks for another address each time sees any mix-up.
`rtu` makes a pseudo terminal and a link to it; `tls` makes its certificates in the folder.

Units, by what they do with requests 3:
  1 well        2 every other answer 150 ms late       3 in the name of unit 33        4 in another transaction (TCP)
  5 half        6 twice                                7 after the answer before       8 with hostile lengths
  9 exceptions, every code in turn                    10 dripping, in time            11 dripping, too slow
 12 garbage    13 a bad CRC, or another function      14 with too few or too many registers
 15 a second one that nobody asked for, in the name of the next transaction           16 nothing
 17 the answer inside the data of another unit's frame
"""
import asyncio
import os
import random
import struct
import sys
import tty

from certificates import make_certificates, tls_context

RANDOM = random.Random(7)
count = 0
exception = 0
before = {}   # the last answer of each unit
queues = {}   # of each unit: answers leave in the order of the requests


def registers(unit, address, number):
    return b"".join(struct.pack(">H", a if a % 2 == 0 else unit << 8 | count & 0xFF) for a in range(address, address + number))


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


class Framing:
    def __init__(self, rtu):
        self.rtu = rtu

    def pack(self, transaction, unit, pdu):
        if self.rtu:
            return bytes([unit]) + pdu + crc(bytes([unit]) + pdu)
        return struct.pack(">HHHB", transaction & 0xFFFF, 0, len(pdu) + 1, unit) + pdu

    def take(self, data):
        """(transaction, unit, pdu) off the front of `data`, or None."""
        if self.rtu:
            if len(data) < 8:
                return None
            frame = bytes(data[:8])
            del data[:8]
            return 0, frame[0], frame[1:6]
        if len(data) < 8 or len(data) < 6 + int.from_bytes(data[4:6], "big"):
            return None
        size = 6 + int.from_bytes(data[4:6], "big")
        frame = bytes(data[:size])
        del data[:size]
        return int.from_bytes(frame[:2], "big"), frame[6], frame[7:]


def answers(framing, transaction, unit, pdu):
    """[(delay, bytes), …] to one request."""
    global count, exception
    if pdu[0] == 8:  # an echo by even units; others know no such function
        reply = pdu if unit % 2 == 0 else bytes([0x88, 1])
        return [] if unit == 16 else [(0, framing.pack(transaction, unit, reply))]
    count += 1
    address, number = struct.unpack(">HH", pdu[1:5])
    good_pdu = bytes([3, 2 * number]) + registers(unit, address, number)
    good = framing.pack(transaction, unit, good_pdu)
    rtu = framing.rtu
    old = before.get(unit, b"")
    before[unit] = good
    if unit == 2:
        return [(0.15 if count % 2 else 0, good)]
    if unit == 3:
        return [(0, framing.pack(transaction, 33, good_pdu))]
    if unit == 4:
        return [(0, framing.pack(transaction + 1000, unit, good_pdu))]
    if unit == 5:
        return [(0, good[:len(good) // 2])]
    if unit == 6:
        return [(0, good + good)]
    if unit == 7:
        return [(0, old + good)] if not rtu else [(0, good + old)]
    if unit == 8:
        return [(0, hostile(framing, transaction, unit, good_pdu))]
    if unit == 9:
        exception = exception % 255 + 1
        return [(0, framing.pack(transaction, unit, bytes([0x83, exception])))]
    if unit in (10, 11):
        pause = 0.001 if unit == 10 else 0.05
        return [(pause, bytes([byte])) for byte in good]
    if unit == 12:
        return [(0, bytes(RANDOM.randrange(256) for _ in range(RANDOM.randrange(1, 300))))]
    if unit == 13:
        if rtu:
            return [(0, good[:-1] + bytes([good[-1] ^ 1]))]
        return [(0, framing.pack(transaction, unit, bytes([4]) + good_pdu[1:]))]
    if unit == 14:
        other = number + (1 if count % 2 else -1)
        return [(0, framing.pack(transaction, unit, bytes([3, 2 * other]) + registers(unit, address, other)))]
    if unit == 15:
        extra = framing.pack(transaction + 1, 1, bytes([3, 2 * number]) + registers(unit, 60000, number))
        return [(0, good + extra)]
    if unit == 16:
        return []
    if unit == 17:
        inner = framing.pack(transaction, unit, bytes([3, 8]) + registers(unit, 50000, 4))
        if len(inner) % 2:
            inner += b"\0"
        return [(0, framing.pack(transaction + 500, 34, bytes([3, len(inner)]) + inner))]
    return [(0, good)]


def hostile(framing, transaction, unit, pdu):
    kind = count % 5
    if framing.rtu:
        data = bytes([unit, 3, [0, 1, 251, 255, 7][kind]]) + pdu[2:]
        return data + crc(data)
    length = [0, 1, 2, 300, 0xFFFF][kind]
    return struct.pack(">HHHB", transaction, 0, length, unit) + pdu


async def reply(write, unit, parts):
    """After what the unit was asked before: a device does one thing at a time."""
    previous = queues.get(unit)
    task = asyncio.current_task()
    queues[unit] = task
    if previous is not None and not previous.done():
        await asyncio.wait([previous])
    for delay, data in parts:
        if delay:
            await asyncio.sleep(delay)
        write(data)


class Talker(asyncio.Protocol):
    def __init__(self, framing):
        self.framing = framing
        self.data = bytearray()
        self.tasks = set()

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, _):
        for task in self.tasks:
            task.cancel()

    def data_received(self, data):
        self.data += data
        while (request := self.framing.take(self.data)) is not None:
            transaction, unit, pdu = request
            task = asyncio.ensure_future(reply(self.write, unit, answers(self.framing, transaction, unit, pdu)))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def write(self, data):
        self.transport.write(data)


class Terminal(Talker):
    """The same over the far end of a pseudo terminal."""

    def __init__(self, framing, link):
        super().__init__(framing)
        self.far, near = os.openpty()
        tty.setraw(near)
        os.symlink(os.ttyname(near), link + ".new")
        os.rename(link + ".new", link)
        asyncio.get_running_loop().add_reader(self.far, lambda: self.data_received(os.read(self.far, 4096)))

    def write(self, data):
        os.write(self.far, data)


async def main(kind, where, folder="."):
    framing = Framing(rtu=kind in ("rtu", "rtutcp"))
    if kind == "rtu":
        terminal = Terminal(framing, where)
        await asyncio.Event().wait()
        del terminal
    context = None
    if kind == "tls":
        make_certificates(folder)
        context = tls_context(folder, "server")
    server = await asyncio.get_running_loop().create_server(lambda: Talker(framing), "127.0.0.1", int(where), ssl=context)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
