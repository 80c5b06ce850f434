"""Public register maps (openmodbus, iobroker, local_gateway, device_maps_preview) as profiles, for public_maps_test.cpp.

Usage: public_maps.py FOLDER > profiles. Each profile: u32 length (little-endian) and its text. What cannot be expressed (a text
longer than a reading, a place without an address, raw bytes) is left out and counted on stderr.

The maps are robustness input, not truth: some of them are known to be wrong. What matters is that everything that people write
down about an instrument becomes a profile that is planned and decoded, or a fault in words.
"""
import csv
import json
import pathlib
import re
import struct
import sys

import yaml

left_out = 0


def name_of(text, seen):
    name = re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-")[:50] or "point"
    while name in seen:
        name += "x"
    seen.add(name)
    return name


class Map:
    def __init__(self, model):
        self.model, self.points, self.seen = str(model).replace('"', " ")[:100], [], set()
        self.modbus = {}

    def add(self, name, table, address, **keys):
        global left_out
        count = keys.get("length") or {"u32": 2, "i32": 2, "f32": 2, "u64": 4, "i64": 4, "f64": 4}.get(keys.get("type"), 1)
        if not 0 <= address <= 65536 - count or count > 8:
            left_out += 1
            return
        lines = ['name = "%s"' % name_of(name, self.seen), 'table = "%s"' % table, "address = %d" % address]
        for key, value in keys.items():
            if value is not None:
                lines.append("%s = %s" % (key, '"%s"' % value if isinstance(value, str) and not value.startswith("{") else value))
        self.points.append("[[point]]\n" + "\n".join(lines) + "\n")

    def text(self):
        head = 'vendor = "public"\nmodel = "%s"\nsource = "a public map"\n' % self.model
        modbus = "[modbus]\n" + "".join("%s = %d\n" % item for item in self.modbus.items()) if self.modbus else ""
        return head + modbus + "\n".join(self.points)


def number(value):
    return float(str(value).replace(",", "."))


def openmodbus(path):
    made = yaml.safe_load(path.read_text())
    device = made["device"]
    out = Map(device["model"])
    types = {"float32": "f32", "float64": "f64", "int16": "i16", "int32": "i32", "int64": "i64", "uint16": "u16", "uint32": "u32",
             "uint64": "u64"}
    orders = {"ABCD": "abcd", "BADC": "badc", "CDAB": "cdab", "DCBA": "dcba", "WORD_SWAP": "cdab"}
    for address, register in made["registers"].items():
        table = register.get("register_type") or device.get("default_register_type") or "holding"
        order = orders[register.get("byte_order") or device.get("default_byte_order", "ABCD")]
        if register["type"] == "string":
            out.add(register["name"], table, int(address), type="text", length=int(register["length"]), order=order)
        else:
            out.add(register["name"], table, int(address), type=types[register["type"]], order=order,
                    scale=number(register.get("scale") or 1), offset=number(register.get("offset") or 0))
    return out


def iobroker(path):
    out = Map(path.stem)
    types = {"floatbe": "f32", "int16be": "i16", "uint16be": "u16", "int32be": "i32", "uint32be": "u32"}
    with path.open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["_address"] in (None, "", "_address"):
                continue
            address = int(row["_address"])
            table = "input" if "input" in path.stem or 30001 <= address <= 40000 else "holding"
            address -= 30001 if 30001 <= address <= 40000 else 40001 if address > 40000 else 0
            if row["type"] == "string":
                out.add(row["name"], table, address, type="text", length=int(row["len"]))
            elif row["type"] not in types:
                out.add(row["name"], table, -1)
            else:
                out.add(row["name"], table, address, type=types[row["type"]], scale=number(row["factor"] or 1),
                        offset=number(row["offset"] or 0))
    return out


SECTIONS = {"read_write_word": "holding", "read_only_word": "input", "read_write_boolean": "coils", "read_only_boolean": "discrete"}


def local_gateway(path):
    made = yaml.safe_load(path.read_text())
    out = Map(made["device"]["model"])
    if "max_register_read" in made["device"]:
        out.modbus["max_registers"] = min(125, max(8, int(made["device"]["max_register_read"])))
    for section, table in SECTIONS.items():
        for key, point in (made.get(section) or {}).items():
            if "address" not in point:
                continue
            address, size = point["address"], int(point.get("size", 1))
            if table in ("coils", "discrete"):
                out.add(key, table, address)
            elif point.get("string"):
                out.add(key, table, address, type="text", length=size)
            elif "bits" in point or "shift_bits" in point:
                first = int(point.get("shift_bits", 0))
                width = int(point.get("bits", 16 - first))
                out.add(key, table, address, bits=[first, first + width - 1])
            else:
                kind = ("f" if point.get("float") else "i" if point.get("signed") else "u") + str(16 * size)
                meanings = point.get("options") or point.get("flags")
                meanings = meanings if meanings and all(isinstance(raw, int) for raw in meanings) and not point.get("float") else None
                out.add(key, table, address, type=kind, scale=number(point.get("multiplier", 1)),
                        offset=number(point.get("offset", 0)),
                        meanings=meanings and "{ " + ", ".join('%d = "%s"' % (raw, str(text).replace('"', "'")) for raw, text in meanings.items()) + " }")
    return out


def device_maps(path):
    made = json.loads(path.read_text())
    out = Map(made["model"])
    types = {"FLOAT": "f32", "FLOAT32": "f32", "DOUBLE64": "f64", "INT16": "i16", "INT32": "i32", "INT64": "i64", "UINT16": "u16",
             "UINT32": "u32", "UINT64": "u64"}
    tables = {"0": "coils", "1": "discrete", "3": "input", "4": "holding"}
    for register in made["registers"]:
        shown = re.sub(r"\D.*", "", str(register["display_address"]))
        if not shown:
            out.add(register["name"], "holding", -1)
            continue
        table, address = ("holding", int(shown)) if len(shown) < 5 else (tables.get(shown[0], "holding"), int(shown[1:]) - 1)
        if register["data_type"] == "BIT" or table in ("coils", "discrete"):
            out.add(register["name"], table, address, **({} if table in ("coils", "discrete") else {"bit": 0}))
        elif register["data_type"] == "STRING":
            out.add(register["name"], table, address, type="text", length=8)
        else:
            out.add(register["name"], table, address, type=types[register["data_type"]])
    return out


def main(folder):
    readers = [("openmodbus/*.yaml", openmodbus), ("iobroker/*.tsv", iobroker), ("local_gateway/*.yaml", local_gateway),
               ("device_maps_preview/*.json", device_maps)]
    for pattern, reader in readers:
        for path in sorted(pathlib.Path(folder).glob(pattern)):
            made = reader(path)
            if not made.points:
                continue
            text = made.text().encode()
            sys.stdout.buffer.write(struct.pack("<I", len(text)) + text)
    print("%d signals left out" % left_out, file=sys.stderr)


main(sys.argv[1])
