"""anlan-plant as a whole, looked at by programs that are not ours: pymodbus, mosquitto_sub."""
import csv
import json
import struct
import subprocess
import time

import pytest
from pymodbus.client import ModbusTcpClient
from pymodbus.pdu import ExceptionResponse

SCENARIO = """
seed = 3
broker = "BROKER"
[[endpoint]]
name = "farm"
[[device]]
name = "tank-1"
endpoint = "farm"
unit = 1
  [[device.point]]
  name = "temperature"
  table = "holding"
  address = 10
  type = "f32"
  order = "cdab"
  value = 21.5
  [[device.point]]
  name = "pressure"
  table = "input"
  address = 0
  type = "i16"
  scale = 0.01
  value = -1.25
  [[device.point]]
  name = "pump"
  table = "discrete"
  address = 7
  value = 1
[[device]]
name = "horn"
endpoint = "farm"
unit = 20
  [[device.point]]
  name = "sound"
  table = "coils"
  address = 0
  writable = true
  [[device.point]]
  name = "beat"
  table = "holding"
  address = 0
  writable = true
[[device]]
name = "dust-1"
topic = "plant/dust-1"
every_ms = 100
  [[device.point]]
  name = "pm25"
  field = "pm25"
  value = 35.5
[[step]]
at_ms = 300
do = "set tank-1/pressure 2.5"
"""


@pytest.fixture
def plant(program, tmp_path, broker):
    from plant import Plant

    file = tmp_path / "scenario.toml"
    file.write_text(SCENARIO.replace("BROKER", broker.url))
    with Plant(program("anlan-plant"), tmp_path, "--scenario", file) as running:
        yield running


@pytest.fixture
def master(plant):
    client = ModbusTcpClient("127.0.0.1", port=plant.ports["farm"], timeout=1)
    assert client.connect()
    yield client
    client.close()


def test_an_independent_master_reads_what_the_scenario_says(plant, master):
    words = master.read_holding_registers(10, 2, slave=1).registers
    assert struct.unpack(">f", struct.pack(">HH", words[1], words[0]))[0] == 21.5
    assert master.read_discrete_inputs(7, 1, slave=1).bits[0] is True
    plant.program.wait_for_line(r"STEP 300 ms: set tank-1/pressure 2.5$")
    assert master.read_input_registers(0, 1, slave=1).registers == [250]


def test_an_independent_master_writes_and_it_shows(plant, master):
    assert not master.write_coil(0, True, slave=20).isError()
    assert not master.write_registers(0, [41], slave=20).isError()
    assert plant.value("horn/sound") == 1
    assert plant.value("horn/beat") == 41
    plant.program.wait_for_line(r"written point=horn/sound before=0(\.0)? after=1")
    refused = master.write_register(10, 5, slave=1)
    assert isinstance(refused, ExceptionResponse) and refused.exception_code == 2


def test_faults_are_seen_from_outside_and_end(plant, master):
    plant.tell("fault tank-1 exception 6")
    assert master.read_input_registers(0, 1, slave=1).exception_code == 6
    plant.tell("fault tank-1 hang")
    before = time.monotonic()
    assert master.read_input_registers(0, 1, slave=1).isError()
    assert time.monotonic() - before > 0.9
    plant.tell("fault tank-1 none")
    master.connect()
    assert not master.read_input_registers(0, 1, slave=1).isError()


def test_a_refused_command_changes_nothing_and_says_why(plant):
    from processes import Failed

    for line, why in [("set tank-1/pressure 400", "i16 cannot hold"), ("set tank-9/x 1", "no point 'tank-9/x'"),
                      ("warm up", "right would be"), ("fault tank-1 gone", "only an endpoint")]:
        with pytest.raises(Failed, match=why):
            plant.tell(line)
    assert plant.value("tank-1/temperature") == 21.5


def test_sensors_publish_what_an_independent_client_hears_also_after_a_cut(plant, broker):
    def hear():
        heard = subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-t", "plant/dust-1", "-C", "1", "-W", "10"],
                               capture_output=True, text=True, timeout=20)
        return json.loads(heard.stdout)

    assert hear() == {"pm25": 35.5}
    plant.tell("set dust-1/pm25 80")
    assert hear() == {"pm25": 80}
    broker.stop()
    broker.start()
    assert hear() == {"pm25": 80}


def test_it_ends_in_order_on_quit(plant):
    plant.tell("quit")
    assert plant.program.wait(5) == 0


def test_it_ends_in_order_on_sigterm(plant):
    assert plant.program.stop(5) == 0


@pytest.mark.parametrize("cut", [[24], [10, 10, 4], [1] * 24])
def test_a_recording_is_served_row_by_row_to_any_reader(program, source, tmp_path, cut):
    from plant import Plant

    file = source / "tests/golden/recording/tank-small.csv"
    with file.open(encoding="utf-8") as lines:
        rows = [[float(cell) for cell in row[1:]] for row in list(csv.reader(lines, delimiter=";"))[1:]]
    assert len(rows) == 120 and len(rows[0]) == 6
    with Plant(program("anlan-plant"), tmp_path, "--replay", file, "--unit", "7") as plant:
        client = ModbusTcpClient("127.0.0.1", port=plant.ports["recording"], timeout=2)
        assert client.connect()
        for row in rows:
            words, address = [], 0
            for count in cut:
                words += client.read_holding_registers(address, count, slave=7).registers
                address += count
            # Bit for bit: == would let -0.0 pass for 0.0.
            assert struct.pack(">24H", *words) == struct.pack(">6d", *row)
        assert client.read_holding_registers(0, 24, slave=7).exception_code == 6
        client.close()
        plant.program.wait_for_line(r"^PROGRESS 100/120$")
        plant.program.wait_for_line(r"^DONE 120/120$")
        assert plant.tell("show") == "rows read 120/120\n"
        assert plant.stop() == 0


def test_a_replay_that_was_not_read_to_its_end_exits_1(program, source, tmp_path):
    from plant import Plant

    with Plant(program("anlan-plant"), tmp_path, "--replay", source / "tests/golden/recording/tank-small.csv") as plant:
        assert plant.stop() == 1


def test_by_speed_a_recording_ends_by_itself(program, tmp_path):
    from plant import Plant

    file = tmp_path / "short.csv"
    file.write_text("a,b\n" + "1,2\n" * 20)
    with Plant(program("anlan-plant"), tmp_path, "--replay", file, "--speed", "100") as plant:
        client = ModbusTcpClient("127.0.0.1", port=plant.ports["recording"], timeout=2)
        assert client.connect()
        assert len(client.read_holding_registers(0, 8, slave=1).registers) == 8
        plant.program.wait_for_line(r"^DONE \d+/20$", timeout=5)
        client.close()


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)


def test_unusable_arguments_and_files_exit_2_with_a_reason(program, tmp_path):
    plant = program("anlan-plant")
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n3,oops\n")
    scenario = tmp_path / "bad.toml"
    scenario.write_text('seed = -1\n[[device]]\nname = "Tank"\nendpoint = "nowhere"\nunit = 300\n')
    for argv, why in [([], "required"), (["--scenario", "/nowhere.toml"], "nowhere.toml"),
                      (["--replay", bad], "line 3, column b: 'oops' is no finite number"),
                      (["--replay", bad, "--scenario", scenario], "excludes"),
                      (["--replay", bad, "--unit", "300"], "--unit"), (["--listen", "127.0.0.1:1"], "--replay")]:
        result = run(plant, *argv)
        assert result.returncode == 2 and why in result.stderr, (argv, result)
    result = run(plant, "--scenario", scenario)
    assert result.returncode == 2 and result.stderr.count("bad.toml:") == 4, result.stderr


def test_the_printed_profile_names_every_column(program, source):
    import tomllib

    printed = run(program("anlan-plant"), "--replay", source / "tests/golden/recording/tank-small.csv", "--print-profile")
    assert printed.returncode == 0
    points = tomllib.loads(printed.stdout)["point"]
    assert [p["name"] for p in points] == ["level-m", "temperature", "pressure", "gas-lel", "vibration-rms", "flow"]
    assert [p["address"] for p in points] == [0, 4, 8, 12, 16, 20]
