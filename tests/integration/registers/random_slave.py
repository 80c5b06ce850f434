"""A Modbus TCP slave by pymodbus 3.0 with a random map, some of whose registers it refuses, for random_map_test.cpp.

Usage: random_slave.py SEED UNITS POINTS PORT FOLDER

Writes FOLDER/unit-N.toml, the profile of unit N, and FOLDER/unit-N.expected, a line "value quality" for each of its points (as
float.hex() and the word of Quality; "nan" where there is no value), then serves. Every map has gaps; a gap is served or refused with
exception 2, and so are some points, as makers' tables name registers that a unit lacks.
"""
import asyncio
import pathlib
import random
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server import async_io

import register_oracle

WORDS = {register_oracle.GOOD: "good", register_oracle.OUT_OF_RANGE: "out-of-range", register_oracle.DEVICE_FAULT: "device-fault"}
BLOCKS = {"coils": "co", "discrete": "di", "holding": "hr", "input": "ir"}


def unit(rng, points):
    """(profile, expected lines, served words by table)"""
    text, expected = ['vendor = "v"\nmodel = "m"\nsource = "s"\n'], []
    served = {table: {} for table in BLOCKS}
    free = {table: rng.randrange(0, 60000) for table in BLOCKS}
    for i in range(points):
        made = register_oracle.case(rng, 6)
        words = made.words[0]
        for _ in range(rng.choice([0, 0, 0, 1, 3, 20])):  # a gap
            if rng.random() < 0.7:
                served[made.table][free[made.table]] = rng.getrandbits(1 if made.table in ("coils", "discrete") else 16)
            free[made.table] += 1
        address = free[made.table]
        free[made.table] += len(words)
        text.append(made.toml("p%d" % i, address))
        if rng.random() < 0.1:
            expected.append("nan device-fault")
            continue
        served[made.table].update({address + at: word for at, word in enumerate(words)})
        expected.append("%s %s" % (float(made.values[0]).hex(), WORDS[made.qualities[0]]))
    limits = rng.choice(["", "max_registers = %d\n" % rng.randrange(8, 125), "max_gap = %d\n" % rng.randrange(0, 10), "multiple = false\n"])
    text.append("[modbus]\n" + limits if limits else "")
    return "\n".join(text), expected, served


def context(served):
    return ModbusSlaveContext(zero_mode=True, **{BLOCKS[table]: ModbusSparseDataBlock(words or {65535: 0}) for table, words in served.items()})


async def main(seed, units, points, port, folder):
    rng = random.Random(seed)
    slaves = {}
    for number in range(1, units + 1):
        profile, expected, served = unit(rng, points)
        pathlib.Path(folder, "unit-%d.toml" % number).write_text(profile)
        pathlib.Path(folder, "unit-%d.expected" % number).write_text("\n".join(expected) + "\n")
        slaves[number] = context(served)
    server = async_io.ModbusTcpServer(ModbusServerContext(slaves=slaves, single=False), address=("127.0.0.1", port), allow_reuse_address=True)
    await server.serve_forever()


asyncio.run(main(*(int(argument) for argument in sys.argv[1:5]), sys.argv[5]))
