"""line.bytes_per_sample: bytes of MQTT payload for a sample, live (a frame of an edge's 50 points each second) and as
backlog (a frame of a minute of such commits), and of Sparkplug B with the same samples."""
import subprocess

from figure import Figure

TCP_IP_HEADERS, TLS_RECORD, MQTT_HEADER = 52, 22, 45  # bytes of one frame around the payload: IPv4 + TCP with timestamps, TLS 1.3, PUBLISH with topic


def run(bench):
    argv = [bench.program("bench_line_bytes"), "--edges", str(bench.seconds(100, 10)), "--seconds", "600"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=True)
    live, backlog, one_record, plug_live, plug_backlog, receipt = map(float, done.stdout.split())
    around = (TCP_IP_HEADERS + TLS_RECORD + MQTT_HEADER) / 50
    yield Figure("line.bytes_per_sample.live", live, "B payload per sample", "Sparkplug B (aliases)", plug_live, "<= 3 B", live <= 3,
                 notes={"tcp_tls_mqtt_headers": around, "receipt_with_its_headers": (receipt + TCP_IP_HEADERS + TLS_RECORD + MQTT_HEADER) / 50})
    yield Figure("line.bytes_per_sample.backlog", backlog, "B payload per sample", "Sparkplug B (aliases, historical)", plug_backlog, "<= 0.6 B", backlog <= 0.6,
                 notes={"were_a_minute_one_record": one_record})
