"""A Modbus TCP slave by pymodbus 3.0 with several units, for modbus_bus_test.cpp. Usage: pymodbus_slave.py PORT

unit 1  holding registers: every type in every byte order (VALUES below), coils and discrete inputs every third on
unit 2  input register 0 = 2222; nothing else exists, so all else is an illegal data address
unit 3  answers in the name of unit 33
unit 4  answers 700 ms late
unit 5  its requests fail inside the slave (server device failure)
unit 6  hangs up instead of answering
others  never answer
"""
import asyncio
import struct
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server import async_io

# (struct format, value): the test holds the same list. Four byte orders each, abcd cdab badc dcba, from register 0 on.
VALUES = [(">H", 54321), (">h", -12345), (">I", 4023456789), (">i", -2012345678), (">Q", 12345678901234567890),
          (">q", -1234567890123456789), (">f", 23.4375), (">d", 0.1)]


def laid_out(fmt, value):
    """The registers of `value` in each of the four orders, one after the other."""
    data = struct.pack(fmt, value)
    words = [data[i:i + 2] for i in range(0, len(data), 2)]
    swapped = [word[::-1] for word in words]
    return [int.from_bytes(word, "big") for order in (words, words[::-1], swapped, swapped[::-1]) for word in order]


class Broken(ModbusSequentialDataBlock):
    def getValues(self, address, count=1):
        raise RuntimeError("broken on purpose")


class Handler(async_io.ModbusConnectedRequestHandler):
    """Some units misbehave on purpose."""

    def execute(self, request, *addr):
        if request.unit_id == 4:
            asyncio.get_running_loop().call_later(0.7, super().execute, request, *addr)
        elif request.unit_id == 6:
            self.transport.abort()
        else:
            super().execute(request, *addr)


def manipulate(response):
    if response.unit_id == 3:
        response.unit_id = 33
    return response, False


def unit(holding=None, inputs=None, bits=None):
    empty = ModbusSparseDataBlock({65000: 0})
    return ModbusSlaveContext(hr=holding or empty, ir=inputs or empty, co=bits or empty, di=bits or empty, zero_mode=True)


async def main(port):
    registers = [word for fmt, value in VALUES for word in laid_out(fmt, value)]
    plain = lambda: ModbusSequentialDataBlock(0, list(range(1000, 1200)))
    context = ModbusServerContext(single=False, slaves={
        1: unit(holding=ModbusSequentialDataBlock(0, registers), bits=ModbusSequentialDataBlock(0, [i % 3 == 0 for i in range(2000)])),
        2: unit(inputs=ModbusSparseDataBlock({0: 2222})),
        3: unit(holding=plain()),
        4: unit(holding=plain()),
        5: unit(holding=Broken(0, [0] * 10)),
        6: unit(holding=plain()),
    })
    identity = ModbusDeviceIdentification(info_name={
        "VendorName": "Anlan", "ProductCode": "SLV", "MajorMinorRevision": "3.0", "VendorUrl": "http://example.com",
        "ProductName": "slave", "ModelName": "a slave of other people's making"})
    server = async_io.ModbusTcpServer(context, identity=identity, address=("127.0.0.1", port), handler=Handler, allow_reuse_address=True,
                                      ignore_missing_slaves=True, response_manipulator=manipulate)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
