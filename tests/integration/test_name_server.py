"""A name server that does not answer delays only who asks it (DESIGN.md promise 5). Paho has one mutex for the process and
would hold it during a look-up, so look-ups have threads of their own (common/io/resolve)."""
import os
import pathlib
import subprocess
import threading

from stand import Broker, Edge, Program, programs, wait_until


def publish(port, stop):
    """A sensor that speaks twice a second."""
    while not stop.wait(0.5):
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-t", "site/dust-1/pm25", "-m", "17.5"], timeout=10)


def test_a_look_up_of_the_centre_that_hangs_stalls_no_sensor_and_no_stop(tmp_path):
    preload = pathlib.Path(os.environ["ANLAN_BINARY_DIR"]) / "tests" / "support" / "libhanging_resolver.so"
    assert preload.is_file()
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "dust.toml").write_text("""vendor = "test"
model = "dust"
firmware = "1"
source = "made for this test"

[[point]]
name = "pm25"
unit = "ug/m3"
topic = "pm25"
""")
    stop = threading.Event()
    with Broker(tmp_path / "broker") as sensors:
        edge = Edge(tmp_path / "edge", "tj-d-a", "tj-d", "", "mqtts://collector.hang.invalid:8883", f"""
[[device]]
name = "dust-1"
profile = "dust"
connect = "mqtt://127.0.0.1:{sensors.port}/site/dust-1"
poll_ms = 1000
""")
        edge.config.write_text(edge.config.read_text().replace(f'profiles = "{edge.folder}/profiles"', f'profiles = "{profiles}"'))
        speaker = threading.Thread(target=publish, args=(sensors.port, stop))
        speaker.start()
        try:
            edge.program = Program([programs() / "anlan-edge", "run", "--config", edge.config], tmp_path / "edge.log",
                                   env={**os.environ, "LD_PRELOAD": str(preload), "ASAN_OPTIONS": "verify_asan_link_order=0"})
            edge.program.wait_for_line(r"edge: serving", 15)
            wait_until(lambda: edge.buffer()["samples_committed"] >= 10, 25, "samples of the sensor while the look-up hangs")
            assert not edge.status()["uplink"]["connected"]
            assert edge.program.stop(timeout=5) == 0, "and the daemon ends in time all the same"
        finally:
            stop.set()
            speaker.join()
