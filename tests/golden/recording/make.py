#!/usr/bin/python3
"""Makes tank-small.csv: a seeded recording of a tank with doubles that are awkward to carry through text, registers,
a database and back. Run it in this folder: ./make.py > tank-small.csv"""
import math
import random

draw = random.Random(20261123)
columns = ["Level m", "Temperature", "Pressure", "Gas %LEL", "Vibration RMS", "Flow"]
awkward = [0.1, -0.1, 1 / 3, math.pi, -math.e, 1e-9, -1e-300, 5e-324, -5e-324, 2.2250738585072014e-308,
           1.7976931348623157e308, -1.7976931348623157e308, 123456789.12345679, 9007199254740993.0, 0.30000000000000004,
           -0.0, 1e22, 1e23, 4.35, 2.675]

print("time;" + ";".join(columns))
temperature = 20.0
for row in range(120):
    temperature += draw.gauss(0.2, 0.05)
    values = [
        round(8.0 + math.sin(row / 15), 3),                      # equal neighbours after rounding
        temperature,                                              # all digits
        101.325 + draw.uniform(-1, 1) * 1e-7,                     # neighbours that differ in the last digits
        0.0 if row % 10 < 7 else draw.random() * 5,               # stands still, then jumps
        draw.gauss(0, 1) * 10.0 ** draw.randint(-12, 6),          # all magnitudes, both signs
        awkward[row % len(awkward)],
    ]
    print(f"2026-11-23T08:{row // 60:02d}:{row % 60:02d}Z;" + ";".join(repr(v) for v in values))
