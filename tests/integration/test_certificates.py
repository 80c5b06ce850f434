"""Certificates that end soon: an alert in the centre, a metric, a warning of `check`; over when they are renewed."""
import os
import signal
import socket
import subprocess

import pytest
from stand import Collector, Edge, SecureBroker, free_port, wait_until

DEVICE = '[[device]]\nname = "tank-1"\nprofile = "demo-tank"\nconnect = "modbus+tcp://127.0.0.1:{}"\n'


@pytest.fixture
def site(tmp_path):
    with SecureBroker(tmp_path / "broker") as line:
        line.files("tj-c-a", days=10)
        line.files("collector", days=10)
        collector = Collector(tmp_path / "collector", line, None).start()
        edge = Edge(tmp_path / "edge", "tj-c-a", "tj-c", "", line, DEVICE.format(free_port())).start()
        edge.line, edge.collector = line, collector
        yield edge
        edge.program.kill()
        collector.program.kill()


def alert(site, source):
    found = [a for a in site.collector.api.all("/api/v1/alerts") if a["rule"] == "certificate" and a["source"] == source]
    return found[0] if found else None


def metric(text):
    """{name: seconds} of the certificates."""
    return {line.split('"')[1]: float(line.rpartition(" ")[2]) for line in text.splitlines() if "certificate_expiry_timestamp_seconds{" in line}


def end_of(site, name):
    _, certificate, _ = site.line.files(name)
    said = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-enddate"], capture_output=True, text=True, check=True).stdout
    return float(subprocess.run(["date", "-d", said.partition("=")[2].strip(), "+%s"], capture_output=True, text=True, check=True).stdout)


def test_an_edges_certificate_that_ends_soon_is_an_alert_until_it_is_renewed(site):
    raised = wait_until(lambda: alert(site, "tj-c/tj-c-a"), 20, "the alert of the edge's certificate")
    assert raised["technical"] and raised["level"] == "yellow" and "uplink.certificate_file" in raised["name"]
    assert "ca_file" not in raised["name"], "the authority has ten years"
    site.line.files("tj-c-a", days=100)
    site.program.signal(signal.SIGHUP)
    wait_until(lambda: alert(site, "tj-c/tj-c-a")["state"] in ("cleared-unacked", "over"), 20, "the alert to be over")


def test_the_collectors_own_is_an_alert_until_it_is_renewed(site):
    raised = wait_until(lambda: alert(site, "centre/collector"), 20, "the alert of the collector's certificate")
    assert raised["technical"] and "broker.certificate_file" in raised["name"]
    site.collector.program.stop()
    site.line.files("collector", days=100)
    site.collector.start()
    wait_until(lambda: alert(site, "centre/collector")["state"] in ("cleared-unacked", "over"), 20, "the alert to be over")


def test_the_end_of_each_certificate_is_a_metric(site):
    wait_until(lambda: alert(site, "tj-c/tj-c-a"), 20, "the edge to have looked")
    _, _, text = site.collector.api.call("GET", "/metrics")
    assert metric(text)["broker.certificate_file"] == end_of(site, "collector")
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(10)
        control.connect(str(site.folder / "control.sock"))
        control.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := control.recv(65536):
            answer += part
    assert metric(answer.decode())["uplink.certificate_file"] == end_of(site, "tj-c-a")


def test_check_warns_of_it_and_of_a_key_that_everybody_reads(site):
    for daemon, program in ((site, "anlan-edge"), (site.collector, "anlan-collector")):
        name = "tj-c-a" if daemon is site else "collector"
        _, _, key = site.line.files(name)
        key.chmod(0o644)
        done = subprocess.run([os.path.join(os.environ["ANLAN_BIN"], program), "check", "--config", daemon.config], capture_output=True, text=True, timeout=15)
        assert done.returncode == 0
        warnings = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
        opened = [line for line in warnings if line.startswith("warning: http.open = true: ")]
        assert len(opened) == (daemon is not site), "who may come in without a log-in is said of the collector"
        warnings = [line for line in warnings if line not in opened]
        assert len(warnings) == 2 and "expires on" in warnings[1], done.stderr
        assert warnings[0] == f"warning: {key} can be read by every user of this machine; right would be: chmod o-r {key}"
        key.chmod(0o600)
