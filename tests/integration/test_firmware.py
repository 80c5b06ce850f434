"""A device's firmware that is updated while the daemon is not there is reported like any other change."""
import os

from plant import Plant
from processes import free_port, wait_until
from stand import Edge

SCENARIO = """
[[endpoint]]
name = "farm"
listen = "127.0.0.1:{port}"
[[device]]
name = "meter"
endpoint = "farm"
unit = 1
vendor = "Acme"
product = "LT"
revision = "{revision}"
  [[device.point]]
  name = "level"
  table = "holding"
  address = {address}
  value = 7
"""
PROFILE = """
vendor = "Acme"
model = "LT"
source = "made for this test"
[identify]
object = 2
[[point]]
name = "level"
table = "holding"
address = 10
type = "u16"
[[revision]]
name = "v1"
match = { below = "2.0" }
[[revision]]
name = "v2"
match = { from = "2.0" }
[[revision.point]]
name = "level"
address = 20
"""


def plant(folder, port, revision, address):
    file = folder / "plant.toml"
    file.write_text(SCENARIO.format(port=port, revision=revision, address=address))
    return Plant(os.path.join(os.environ["ANLAN_BIN"], "anlan-plant"), folder, "--scenario", file)


def test_an_update_while_the_daemon_was_away_is_in_the_history(tmp_path):
    port = free_port()
    (tmp_path / "edge" / "profiles").mkdir(parents=True)
    (tmp_path / "edge" / "profiles" / "acme-lt.toml").write_text(PROFILE)
    edge = Edge(tmp_path / "edge", "tj-f-a", "tj-f", "", "mqtt://127.0.0.1:1",
                f'[[device]]\nname = "meter"\nprofile = "acme-lt"\nconnect = "modbus+tcp://127.0.0.1:{port}"\npoll_ms = 100\n')
    history = lambda: edge.ask("buffer", "dump", "--most", "100000")[1]
    try:
        with plant(tmp_path, port, "1.4", 10):
            edge.start()
            wait_until((tmp_path / "edge" / "firmware.json").exists, 20, "the memory")
            edge.program.stop()
        assert "firmware" not in history(), "the first answer is no change"
        with plant(tmp_path, port, "2.0", 20):
            edge.start()
            wait_until(lambda: "1.4 before, 2.0 now, read as revision v2" in history(), 20, "the event")
            edge.program.stop()
            edge.start()
            wait_until(lambda: edge.status()["buffer"]["samples_committed"] > 0, 20, "samples")
            assert history().count("1.4 before, 2.0 now") == 1, "it is said once"
    finally:
        edge.program.kill()
