"""Random profile points with registers and the value that each must have, for oracle_test.cpp.

Usage: register_oracle.py SEED POINTS VALUES > cases

For each point (little-endian): u32 length and text of a profile with that one point; u32 words per value; u32 values;
then for each value its words (u16), the bits of the expected double (u64), the expected quality (u8: 0 good, 2 out of
range, 4 device fault).

Nothing is shared with the decoder: registers are struct's bytes put in order, values are exact integers divided once
(Python rounds the quotient of two integers to the nearest double, ties to even).
"""
import math
import random
import struct
import sys
from decimal import Decimal

GOOD, OUT_OF_RANGE, DEVICE_FAULT = 0, 2, 4
WIDTH = {"u16": 16, "i16": 16, "bcd16": 16, "u32": 32, "i32": 32, "f32": 32, "bcd32": 32, "u64": 64, "i64": 64, "f64": 64, "bcd64": 64}
CODE = {16: "H", 32: "I", 64: "Q"}


def in_order(data, size, order):
    """The bytes of values of `size` bytes each, most significant first, as `order` sends them."""
    words = [(i, i + 1) for i in range(0, size, 2)]
    if order in ("cdab", "dcba"):
        words.reverse()
    if order in ("badc", "dcba"):
        words = [(b, a) for a, b in words]
    out = bytearray(len(data))
    for to, origin in enumerate(b for word in words for b in word):
        out[to::size] = data[origin::size]
    return bytes(out)


def decimal_text(digits, exponent):
    text = format(Decimal(digits).scaleb(exponent), "f")
    return text if "." in text else text + ".0"


class Scale:
    """value = number * digits * 10^exponent + offset, exactly."""

    def __init__(self, rng, plain):
        self.digits, self.exponent, self.offset, self.offset_exponent = 1, 0, 0, 0
        if not plain:
            self.digits = rng.choice([1, 1, 1, 2, 5, 25, rng.randrange(1, 10**rng.randrange(1, 9))]) * rng.choice([1, 1, 1, -1])
            self.exponent = rng.randrange(-12, 7)
            if rng.random() < 0.4:
                self.offset, self.offset_exponent = rng.randrange(-10**6, 10**6), rng.randrange(-4, 3)

    def of(self, numerator, denominator=1):
        down = min(self.exponent, self.offset_exponent, 0)
        sum_ = (numerator * self.digits * 10**(self.exponent - down)
                + self.offset * denominator * 10**(self.offset_exponent - down))
        return sum_ / (denominator * 10**-down)

    def toml(self):
        return "scale = %s\noffset = %s\n" % (decimal_text(self.digits, self.exponent), decimal_text(self.offset, self.offset_exponent))


def integers(rng, bits, signed, count):
    """Of all magnitudes, with the ends of the range."""
    edges = [0, 1, 2**bits - 1, 2**(bits - 1), 2**(bits - 1) - 1, 10**int(bits * 0.3)]
    raws = [rng.choice(edges) if rng.random() < 0.02 else rng.getrandbits(rng.randrange(1, bits + 1)) for _ in range(count)]
    return raws, ([raw - 2**bits if raw >> (bits - 1) else raw for raw in raws] if signed else raws)


def bcd_number(raw, width):
    digits = "%0*x" % (width // 4, raw)
    return int(digits) if digits.isdigit() else None


class Case:
    """One point: where and how it is written down, and of each of its values the words, the number and its quality."""

    def __init__(self, table, lines, words, values, qualities):
        self.table, self.lines, self.words, self.values, self.qualities = table, lines, words, values, qualities

    def toml(self, name, address):
        return "\n".join(['[[point]]\nname = "%s"' % name, 'table = "%s"' % self.table, "address = %d" % address] + self.lines) + "\n"


def case(rng, count):
    kind = rng.choice(list(WIDTH) + ["bits", "bits", "text", "boolean"])
    order = rng.choice(["abcd", "cdab", "badc", "dcba"])
    table = rng.choice(["holding", "input"])
    lines, scale, faults = [], Scale(rng, kind == "f64"), set()
    if kind in ("u16", "i16", "u32", "i32", "u64", "i64"):
        width = WIDTH[kind]
        raws, numbers = integers(rng, width, kind[0] == "i", count)
        sentinels = [rng.randrange(count) for _ in range(rng.choice([0, 0, 1, 3]))]
        faults = {raws[i] for i in sentinels}
        shown = [str(numbers[i]) if numbers[i] < 2**63 and rng.random() < 0.5 else '"0x%x"' % raws[i] for i in sentinels]
        data, expected = struct.pack(">%d%s" % (count, CODE[width]), *raws), [scale.of(n) for n in numbers]
    elif kind == "bits":
        width = rng.choice([16, 32, 64])
        first = rng.randrange(width)
        last = rng.randrange(first, width)
        raws, _ = integers(rng, width, False, count)
        numbers = [raw // 2**first % 2**(last - first + 1) for raw in raws]
        shown = [str(numbers[0])] if rng.random() < 0.3 and numbers[0] < 2**63 else []
        faults, bits_of = ({numbers[0]} if shown else set()), numbers
        lines += ["bits = [%d, %d]" % (first, last), 'type = "u%d"' % width]
        data, expected = struct.pack(">%d%s" % (count, CODE[width]), *raws), [scale.of(n) for n in numbers]
        raws = bits_of
    elif kind.startswith("bcd"):
        width = WIDTH[kind]
        raws = [rng.getrandbits(width) if rng.random() < 0.1 else int(str(rng.randrange(10**rng.randrange(1, width // 4 + 1))), 16)
                for _ in range(count)]
        numbers = [bcd_number(raw, width) for raw in raws]
        shown = [str(numbers[0])] if numbers[0] is not None and rng.random() < 0.3 else []
        faults = {raws[0]} if shown else set()
        data, expected = struct.pack(">%d%s" % (count, CODE[width]), *raws), [math.nan if n is None else scale.of(n) for n in numbers]
    elif kind in ("f32", "f64"):
        width = WIDTH[kind]
        scale.offset = 0  # an offset is added in doubles: rounded twice
        raws = [rng.choice([0, 1 << width - 1, 0x7f800000 << width - 32, 0xff800000 << width - 32, 0x7fc00000 << width - 32])
                if rng.random() < 0.05 else rng.getrandbits(width) for _ in range(count)]
        data = struct.pack(">%d%s" % (count, CODE[width]), *raws)
        numbers = struct.unpack(">%d%s" % (count, {32: "f", 64: "d"}[width]), data)
        sentinels = [i for i in range(0, count, count // 2) if math.isfinite(numbers[i])] if rng.random() < 0.5 else []
        shown = [repr(numbers[i]) if "." in repr(numbers[i]) and rng.random() < 0.5 else '"0x%x"' % raws[i] for i in sentinels]
        faults = {raws[i] for i in sentinels}
        if any(numbers[i] == 0 for i in sentinels):
            shown, faults = [], set()
        plain = scale.digits == 1 and scale.exponent == 0
        expected = [n if plain or not math.isfinite(n) else scale.of(*n.as_integer_ratio()) for n in numbers]
    elif kind == "text":
        length = rng.randrange(2, 9)
        scale = Scale(rng, True)
        lines.append("length = %d" % length)
        texts = []
        for _ in range(count):
            digits = str(rng.randrange(10**rng.randrange(1, 2 * length)))
            if rng.random() < 0.4 and len(digits) < 2 * length:
                at = rng.randrange(1, len(digits) + 1)
                digits = digits[:at] + "." + digits[at:]
            if rng.random() < 0.3 and len(digits) < 2 * length:
                digits = rng.choice("+-") + digits
            if rng.random() < 0.1:
                digits = rng.choice(["--", "", "Err", "1 2", "E1"])
            texts.append(rng.choice([digits.ljust(2 * length), digits.rjust(2 * length), digits.ljust(2 * length, "\0")]))
        raws, shown, width = texts, [], 32 * length // 2
        data = "".join(texts).encode("ascii")
        def number(text):
            try:
                return float(text.strip(" \0"))
            except ValueError:
                return math.nan
        expected = [number(text) for text in texts]
    else:
        table, raws, shown, width = rng.choice(["coils", "discrete"]), [rng.getrandbits(1) for _ in range(count)], [], 16
        data, expected = struct.pack(">%dH" % count, *raws), [scale.of(raw) for raw in raws]
    if kind not in ("bits", "boolean"):
        lines.append('type = "%s"' % kind)
    if kind != "boolean":
        lines.append('order = "%s"' % order)
        data = in_order(data, width // 8, order)
    if shown:
        lines.append("fault_values = [%s]" % ", ".join(shown))
    low, high = -math.inf, math.inf
    finite = sorted(v for v in expected if math.isfinite(v))
    if rng.random() < 0.3 and len(set(finite)) > 2:
        low, high = finite[len(finite) // 10], finite[-len(finite) // 10]
        if low < high:
            lines += ["valid_min = " + toml_float(low), "valid_max = " + toml_float(high)]
        else:
            low, high = -math.inf, math.inf
    words = struct.unpack(">%dH" % (len(data) // 2), data)
    per_value = width // 16
    values, qualities = [], []
    for i, value in enumerate(expected):
        faulty = raws[i] in faults or not math.isfinite(value)
        values.append(math.nan if faulty else value)
        qualities.append(DEVICE_FAULT if faulty else GOOD if low <= value <= high else OUT_OF_RANGE)
    return Case(table, scale.toml().splitlines() + lines, [words[i:i + per_value] for i in range(0, len(words), per_value)], values, qualities)


def stream(rng, count):
    made = case(rng, count)
    text = ('vendor = "v"\nmodel = "m"\nsource = "s"\n' + made.toml("p", rng.randrange(0, 65000))).encode()
    out = [struct.pack("<I", len(text)), text, struct.pack("<II", len(made.words[0]), count)]
    pack = struct.Struct("<%dHdB" % len(made.words[0])).pack
    out += [pack(*words, value, quality) for words, value, quality in zip(made.words, made.values, made.qualities)]
    return b"".join(out)


def toml_float(number):
    text = repr(number)
    return text if "." in text or "e" in text else text + ".0"


def main(seed, points, values):
    rng = random.Random(seed)
    for _ in range(points):
        sys.stdout.buffer.write(stream(rng, values))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
