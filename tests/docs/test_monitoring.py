"""docs/monitoring: the alarms are valid, each is tried by alerts_test.yml, and alarms and dashboard speak of metrics that
docs/reference/metrics.md has."""
import json
import re
import shutil
import subprocess

import pytest

FROM_PROMETHEUS = {"up"}


@pytest.fixture
def folder(source):
    return source / "docs" / "monitoring"


@pytest.fixture
def promtool():
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed; scripts/dependencies installs it")
    return lambda *arguments: subprocess.run([found, *map(str, arguments)], capture_output=True, text=True, timeout=60)


def alerts(folder):
    """{name: expression} of alerts.yml."""
    text = (folder / "alerts.yml").read_text()
    found = dict(re.findall(r"- alert: (\w+)\n\s+expr: (.+(?:\n {10}.+)*)", text))
    assert len(found) == text.count("- alert:") > 20
    return found


def expressions(folder):
    dashboard = json.loads((folder / "dashboard.json").read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]


def metrics_in(expression):
    """Names of metrics, patterns resolved: anlan_(edge|collector)_x is two."""
    names = set(re.findall(r"\b(?:anlan|process)_\w+", re.sub(r'\w+=~?"[^"]*"', "", expression))) | set(re.findall(r"^up\b", expression))
    for pattern in re.findall(r'__name__=~\\?"([^"\\]+)', expression):
        group = re.search(r"\((\w+)\|(\w+)\)", pattern)
        names |= {pattern.replace(group[0], word) for word in group.groups()} if group else {pattern}
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


def known(source):
    return set(re.findall(r"^\| `(\w+)` \|", (source / "docs" / "reference" / "metrics.md").read_text(), re.MULTILINE))


def test_prometheus_takes_the_alarms_and_the_example(folder, promtool):
    for arguments in (("check", "rules", folder / "alerts.yml"), ("check", "config", folder / "prometheus.yml"), ("test", "rules", folder / "alerts_test.yml")):
        done = promtool(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_alarm_is_seen_to_ring(folder):
    tried = set(re.findall(r"alertname: (\w+)\n\s+exp_alerts", (folder / "alerts_test.yml").read_text()))
    assert tried == set(alerts(folder))


def test_prometheus_takes_every_expression_of_the_dashboard(folder, promtool, tmp_path):
    rules = [{"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "5m")} for number, expression in enumerate(expressions(folder))]
    file = tmp_path / "dashboard.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = promtool("check", "rules", file)
    assert done.returncode == 0, done.stdout + done.stderr


def test_alarms_and_dashboard_use_metrics_that_there_are(source, folder):
    used = set().union(*(metrics_in(expression) for expression in [*alerts(folder).values(), *expressions(folder)]))
    assert len(used) > 30
    assert used - known(source) <= FROM_PROMETHEUS
