"""The two sites of the demonstration: a tank farm read over Modbus with a local alarm, and a construction site whose
sensors speak MQTT. Everything here is simulated (anlan-plant); edges, collector and brokers are the real ones."""

SCENARIO = """seed = 20261123
broker = "{sensors}"

[[endpoint]]
name = "farm"
listen = "127.0.0.1:0"
{tanks}
[[endpoint]]
name = "alarm-line"
listen = "127.0.0.1:0"

[[device]]
name = "siren"
endpoint = "alarm-line"
unit = 9
  [[device.point]]
  name = "sound"
  table = "coils"
  address = 0
  type = "boolean"
  value = 0
  writable = true
  [[device.point]]
  name = "level"
  table = "holding"
  address = 10
  type = "u16"
  value = 0
  writable = true
  [[device.point]]
  name = "beat"
  table = "holding"
  address = 11
  type = "u16"
  value = 0
  writable = true

[[device]]
name = "dust-1"
topic = "plant/dust-1"
every_ms = 500
  [[device.point]]
  name = "pm25"
  field = "pm25"
  value = 42
  noise = 3
  [[device.point]]
  name = "pm10"
  field = "pm10"
  value = 66
  noise = 4

[[device]]
name = "crane-1"
topic = "plant/crane-1"
every_ms = 500
  [[device.point]]
  name = "load"
  topic = "load"
  value = 4.2
  noise = 0.2
  [[device.point]]
  name = "wind"
  topic = "wind"
  value = 5.1
  noise = 0.5
"""

TANK = """
[[device]]
name = "tank-{n}"
endpoint = "farm"
unit = {n}
  [[device.point]]
  name = "level"
  table = "holding"
  address = 0
  type = "u16"
  scale = 0.1
  value = {level}
  noise = 0.2
  [[device.point]]
  name = "temperature"
  table = "holding"
  address = 1
  type = "i16"
  scale = 0.1
  value = 25
  noise = 0.2
  [[device.point]]
  name = "pressure"
  table = "holding"
  address = 2
  type = "f32"
  value = 101.3
  noise = 0.5
  [[device.point]]
  name = "gas"
  table = "holding"
  address = 4
  type = "f32"
  value = 1
  noise = 0.3
  [[device.point]]
  name = "pump"
  table = "holding"
  address = 6
  type = "u16"
  value = 1
"""


def scenario(sensors):
    return SCENARIO.format(sensors=sensors, tanks="".join(TANK.format(n=n, level=40 + 10 * n) for n in (1, 2)))


def farm_devices(port):
    """Two units behind one endpoint. The delays are shorter than an operator would choose, for a short story."""
    return "".join(f"""
[[device]]
name = "tank-{n}"
title = "{n} 号储罐"
profile = "demo-tank"
connect = "modbus+tcp://127.0.0.1:{port}"
unit = {n}
poll_ms = 200
[device.limits.temperature]
on_delay_ms = 600
off_delay_ms = 600
""" for n in (1, 2))


def farm_alarm(port):
    return f"""[annunciator]
connect = "modbus+tcp://127.0.0.1:{port}"
unit = 9
coil = 0
level_register = 10
heartbeat_register = 11
from = "red"
beat_ms = 500
"""


def construction_devices(broker):
    return "".join(f"""
[[device]]
name = "{name}"
title = "{title}"
profile = "{profile}"
connect = "{broker}/plant/{name}"
poll_ms = 500
""" for name, title, profile in (("dust-1", "1 号扬尘监测", "demo-dust"), ("crane-1", "1 号塔吊", "demo-crane")))
