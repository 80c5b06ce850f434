"""`anlan-edge write` with the real daemon: on slaves of other people's making (pymodbus, over TCP and a serial line that is a
pair of pseudo terminals) that take writes in different ways, and on anlan-plant."""
import os
import pathlib
import re
import sys

import pytest
from plant import Plant
from processes import Program, free_port, port_open, wait_until
from stand import Broker, Collector, Edge

SLAVE = pathlib.Path(__file__).with_name("writable_slave.py")

PROFILE = """
vendor = "Acme"
model = "controller"
firmware = "1"
source = "made for this test"
[[point]]
name = "setpoint"
unit = "°C"
table = "holding"
address = 0
type = "i16"
scale = 0.1
valid_min = 0
valid_max = 90
writable = true
[[point]]
name = "mode"
table = "holding"
address = 1
type = "u16"
writable = true
write_function = 16
meanings = { 0 = "手动", 1 = "自动", 450 = "出厂" }
[[point]]
name = "gain"
table = "holding"
address = 2
type = "f32"
order = "cdab"
writable = true
[[point]]
name = "pump"
table = "coils"
address = 3
writable = true
meanings = { 0 = "停", 1 = "开" }
[[point]]
name = "valve"
table = "coils"
address = 4
writable = true
write_function = 15
[[point]]
name = "measured"
table = "holding"
address = 5
type = "u16"
[[point]]
name = "locked"
table = "holding"
address = 6
type = "u16"
writable = true
"""
ON = "".join(f"[device.points.{name}]\nwritable = true\n" for name in ("setpoint", "mode", "gain", "pump", "valve"))
UNITS = 5


def device(name, connect, unit, writable=ON):
    return (f'[[device]]\nname = "{name}"\nprofile = "acme-controller"\nconnect = "{connect}"\nunit = {unit}\npoll_ms = 200\n'
            f"timeout_ms = 400\n{writable}")


def edge_with(folder, devices, broker="mqtt://127.0.0.1:1"):
    (folder / "edge" / "profiles").mkdir(parents=True)
    (folder / "edge" / "profiles" / "acme-controller.toml").write_text(PROFILE)
    return Edge(folder / "edge", "tj-w-a", "tj-w", "", broker, devices, hello_every_ms=1000).start()


class Site:
    """An edge whose devices unit-1 … unit-5 are one slave's units."""

    def __init__(self, folder, kind):
        where = folder / "tty" if kind == "rtu" else free_port()
        self.line = where if kind == "rtu" else None
        self.slave = Program([sys.executable, "-B", SLAVE, kind, where], folder / "slave.log")
        wait_until(where.exists if kind == "rtu" else lambda: port_open(where), 20, "the slave")
        connect = f"modbus+rtu://{where}?baud=115200&parity=N" if kind == "rtu" else f"modbus+tcp://127.0.0.1:{where}"
        self.edge = edge_with(folder, "".join(device(f"unit-{n}", connect, n) for n in range(1, UNITS + 1)))

    def lose_slave(self):
        """It is killed, and its line goes: the kernel would give the pseudo terminal to somebody else's slave."""
        self.slave.kill()
        if self.line:
            self.line.unlink()

    def write(self, point, value, *more):
        return self.edge.ask("write", point, value, "--by", "王工", *more)

    def asked(self):
        """What the slave was told to write."""
        return [line for line in self.slave.log.read_text().splitlines() if re.match(r"\d (5|6|15|16) ", line)]

    def history(self):
        return self.edge.ask("buffer", "dump", "--most", "100000")[1]


@pytest.fixture(params=["tcp", "rtu"])
def site(tmp_path, request):
    running = Site(tmp_path, request.param)
    yield running
    running.edge.program.kill()
    running.slave.kill()


def test_each_function_writes_and_reads_back(site):
    for point, value, shown, line in [("setpoint", "47.3", "45 °C before, 47.3 °C wanted, 47.3 °C now", "1 6 0 473"),
                                      ("mode", "自动", "450 (出厂) before, 1 (自动) wanted, 1 (自动) now", "1 16 1 1"),
                                      ("gain", "-2.5", "-2.5 wanted, -2.5 now", "1 16 2 0 49184"),
                                      ("pump", "开", "0 (停) before, 1 (开) wanted, 1 (开) now", "1 5 3 1"),
                                      ("valve", "1", "0 before, 1 wanted, 1 now", "1 15 4 1")]:
        code, text = site.write(f"unit-1/{point}", value)
        assert code == 0 and shown in text and "the device has the value" in text, text
        assert site.asked()[-1] == line
    history = wait_until(lambda: (h := site.history()).count("王工") >= 5 and h, 10, "the events")
    assert "王工" in history and "setpoint: 45 °C before, 47.3 °C wanted, 47.3 °C now" in history, history


def test_what_a_device_makes_of_a_write_is_told_as_it_is(site):
    for point, value, says, event in [
        ("unit-2/mode", "1", "the device confirmed it, and has 450 (出厂)", "write-differs"),
        ("unit-2/setpoint", "47.3", "the device confirmed another value, and has 45 °C", "write-differs"),
        ("unit-3/setpoint", "47.3", "the device refuses it: ", "write-refused"),
        ("unit-5/setpoint", "47.3", "the device did not confirm it", "write-unknown"),
    ]:
        code, text = site.write(point, value)
        assert code == 1 and says in text, text
        assert "45 °C now" in text or "450 (出厂) now" in text, text
        wait_until(lambda: event in site.history(), 10, event)
    assert "exception 2" in site.history()


def test_a_value_that_came_without_a_confirmation_is_found_by_reading_back(site):
    code, text = site.write("unit-4/setpoint", "47.3")
    assert code == 0 and "the device did not confirm it" in text and "but has the value" in text, text
    assert len([line for line in site.asked() if line.startswith("4 ")]) == 1, "it is not sent again"


def test_what_must_not_be_written_is_refused_in_words_and_never_sent(site):
    for point, value, says in [
        ("unit-1/measured", "1", "is not switched on for writing: where the instrument's manual lets it be written"),
        ("unit-1/locked", "1", "add [device.points.locked] writable = true to device unit-1"),
        ("unit-1/setpiont", "1", "did you mean unit-1/setpoint?"),
        ("unit-9/setpoint", "1", "no point 'unit-9/setpoint' is configured"),
        ("unit-1/setpoint", "90.1", "is outside the point's valid range, 0 to 90"),
        ("unit-1/setpoint", "-0.1", "is outside the point's valid range, 0 to 90"),
        ("unit-1/setpoint", "47.35", "has no raw number; the nearest value is 47.4"),
        ("unit-1/setpoint", "hot", "is no value of it"),
        ("unit-1/mode", "2", "means nothing; right would be one of 0 (手动), 1 (自动), 450 (出厂)"),
        ("unit-1/pump", "2", "needs the raw number 2, which the registers cannot hold"),
        ("unit-1/gain", "1e39", "which the registers cannot hold"),
    ]:
        code, text = site.write(point, value)
        assert code == 1 and says in text, text
    code, text = site.write("unit-1/setpoint", "47.3", "--check")
    assert code == 0 and "45 °C before, 47.3 °C wanted" in text and "nothing was sent" in text, text
    assert site.asked() == []


def test_a_slave_that_is_gone_is_not_written(site):
    site.lose_slave()
    code, text = site.write("unit-1/setpoint", "47.3")
    assert code == 1 and "nothing was written" in text, text


def test_without_a_daemon_nothing_is_written(site):
    site.edge.program.stop()
    code, text = site.write("unit-1/setpoint", "47.3")
    assert code == 1 and "no daemon answers" in text, text
    assert site.asked() == []


PLANT = """
[[endpoint]]
name = "farm"
[[endpoint]]
name = "line"
pty = "{pty}"
""" + "".join(f"""
[[device]]
name = "at-{endpoint}"
endpoint = "{endpoint}"
unit = 1
""" + "".join(f"""  [[device.point]]
  name = "{name}"
  table = "{table}"
  address = {address}
  type = "{type}"
  writable = true
""" for name, table, address, type in [("setpoint", "holding", 0, "i16"), ("mode", "holding", 1, "u16"), ("pump", "coils", 3, "boolean"),
                                       ("valve", "coils", 4, "boolean"), ("measured", "holding", 5, "u16"), ("locked", "holding", 6, "u16")])
    + '  [[device.point]]\n  name = "gain"\n  table = "holding"\n  address = 2\n  type = "f32"\n  order = "cdab"\n  writable = true\n'
    for endpoint in ("farm", "line"))


def test_the_plant_is_written_and_the_centre_is_told_by_whom(tmp_path, webhook):
    (tmp_path / "plant.toml").write_text(PLANT.format(pty=tmp_path / "line"))
    with Broker(tmp_path / "broker") as line, \
            Plant(os.path.join(os.environ["ANLAN_BIN"], "anlan-plant"), tmp_path, "--scenario", tmp_path / "plant.toml") as plant:
        collector = Collector(tmp_path / "collector", line, webhook.url).start()
        collector.until_ready()
        edge = edge_with(tmp_path, device("farm", f"modbus+tcp://127.0.0.1:{plant.ports['farm']}", 1)
                         + device("line", f"modbus+rtu://{tmp_path / 'line'}?baud=115200", 1), line)
        try:
            for name in ("farm", "line"):
                code, text = edge.ask("write", f"{name}/setpoint", "47.3", "--by", "王工")
                assert code == 0, text
                assert plant.value(f"at-{name}/setpoint") == 473
            log = collector.folder / "collector.log"
            said = wait_until(lambda: [one for one in log.read_text().splitlines() if "written" in one and "王工" in one], 20,
                              "the centre's log")
            assert "47.3 °C now" in said[0], said
            plant.tell("fault farm hang")
            code, text = edge.ask("write", "farm/setpoint", "48", "--by", "王工")
            assert code == 1 and "nothing was written" in text, text
            plant.tell("fault farm none")
            plant.tell("fault farm exception 4")
            code, text = edge.ask("write", "farm/setpoint", "48", "--by", "王工")
            assert code == 1 and "what it is now cannot be read: " in text and "nothing was written" in text, text
            plant.tell("fault farm none")
            wait_until(lambda: edge.ask("write", "farm/setpoint", "48", "--by", "王工")[0] == 0, 20, "the plant")
            assert plant.value("at-farm/setpoint") == 480
        finally:
            edge.program.kill()
            collector.program.kill()
