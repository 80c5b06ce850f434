"""A Modbus slave by pymodbus 3.0 whose units take writes in different ways, for test_write.py.

Usage: writable_slave.py tcp|rtu PORT|LINK. `rtu` makes a pseudo terminal and a link to it. Standard output: a line for each
write that a unit was asked for, "UNIT FUNCTION ADDRESS VALUES".

unit 1  takes them
unit 2  confirms and does nothing
unit 3  refuses them (exception 2)
unit 4  takes them and confirms a second too late
unit 5  does nothing and confirms a second too late
"""
import asyncio
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "modbus"))

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext  # noqa: E402
from pymodbus.framer.socket_framer import ModbusSocketFramer  # noqa: E402
from pymodbus.server import async_io  # noqa: E402
from pseudo_terminal import terminal  # noqa: E402

WRITES = (5, 6, 15, 16)
TOO_LATE = 1.0


class Unit(ModbusSlaveContext):
    def __init__(self, number):
        super().__init__(hr=ModbusSequentialDataBlock(0, [450] * 20), co=ModbusSequentialDataBlock(0, [0] * 20), zero_mode=True)
        self.number = number

    def validate(self, fc_as_hex, address, count=1):
        return super().validate(fc_as_hex, address, count) and not (self.number == 3 and fc_as_hex in WRITES)

    def setValues(self, fc_as_hex, address, values):
        print(self.number, fc_as_hex, address, *(int(value) for value in values), flush=True)
        if self.number not in (2, 5):
            super().setValues(fc_as_hex, address, values)
        if self.number in (4, 5):
            time.sleep(TOO_LATE)


async def main(kind, where):
    context = ModbusServerContext(single=False, slaves={number: Unit(number) for number in range(1, 6)})
    if kind == "rtu":
        server = async_io.ModbusSerialServer(context, port=terminal(where), baudrate=115200, ignore_missing_slaves=True)
        await server.start()
    else:
        server = async_io.ModbusTcpServer(context, address=("127.0.0.1", int(where)), framer=ModbusSocketFramer,
                                          allow_reuse_address=True, ignore_missing_slaves=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
