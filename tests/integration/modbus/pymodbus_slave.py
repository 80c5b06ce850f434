"""A Modbus slave by pymodbus 3.0 with several units, for the tests here.

Usage: pymodbus_slave.py tcp|rtutcp|tls|rtu PORT|LINK FOLDER. `rtu` makes a pseudo terminal and a link to it; `tls` makes
its certificates in the folder (ca.pem, client.pem, client.key, and another-*.pem of an authority that it does not trust).

unit 1  holding registers: every type in every byte order (VALUES below), coils and discrete inputs every third on
unit 2  input register 0 = 2222; nothing else exists, so all else is an illegal data address
unit 3  answers in the name of unit 33
unit 4  answers 700 ms late
unit 5  its requests fail inside the slave (server device failure)
unit 6  hangs up instead of answering
others  never answer
"""
import asyncio
import os
import struct
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.framer.socket_framer import ModbusSocketFramer
from pymodbus.server import async_io
from certificates import make_certificates, tls_context
from pseudo_terminal import terminal

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


async def main(kind, where, folder="."):
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
        "VendorName": "Anlan", "ProductCode": "SLV", "MajorMinorRevision": os.environ.get("SLAVE_REVISION", "3.0"), "VendorUrl": "http://example.com",
        "ProductName": "slave", "ModelName": "a slave of other people's making"})
    same = dict(identity=identity, ignore_missing_slaves=True, response_manipulator=manipulate)
    if kind == "rtu":
        server = async_io.ModbusSerialServer(context, port=terminal(where), baudrate=115200, **same)
        await server.start()
    elif kind == "tls":
        make_certificates(folder)
        server = async_io.ModbusTlsServer(context, address=("127.0.0.1", int(where)), handler=Handler,
                                          sslctx=tls_context(folder, "server"), framer=ModbusSocketFramer,
                                          allow_reuse_address=True, **same)
    else:
        framer = {"tcp": ModbusSocketFramer, "rtutcp": ModbusRtuFramer}[kind]
        server = async_io.ModbusTcpServer(context, address=("127.0.0.1", int(where)), handler=Handler, framer=framer,
                                          allow_reuse_address=True, **same)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
