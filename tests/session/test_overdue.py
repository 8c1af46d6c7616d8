"""A probe that hangs is given up after its budget, and costs no other probe its answer; what each took is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.facts import Problem
from checks.finding import Verdict
from checks.probe import PROBES
from checks.report import report_lines, scan_document
from checks.scan import ScanDone, Scanner
from checks.scan_run import FOLLOW_UPS
from checks.session.winrm import WinRmSession
from checks.simulator.demo import DemoBackend
from checks.simulator.server import SimulatorServer
from checks.simulator.site import start_demo


@pytest.fixture
def short(monkeypatch):
    """Every probe is given two seconds."""
    given = {field: replace(probe, budget_s=2.0) for field, probe in PROBES.items()}
    monkeypatch.setattr("checks.scan.PROBES", given)
    monkeypatch.setattr("checks.scan_run.PROBES", given)
    monkeypatch.setattr("checks.probe_time.PROBES", given)
    monkeypatch.setattr("checks.session.winrm.START_S", 1.0)


@pytest.fixture
def hung(resources, scripts):
    """A healthy node of the demo with a back end of its own, a session on it, and `scan()`."""
    demo = start_demo(resources)
    node = next(one for one in demo.nodes if one.name in demo.servers and not one.https)
    backend = DemoBackend(next(one for one in demo.site.nodes if one.name == node.name), scripts)
    server = SimulatorServer(backend, demo.credentials)
    session = WinRmSession(replace(node, port=server.port), demo.credentials, scripts)
    scanner = Scanner(scripts)

    def scan(*hanging):
        backend.hanging = frozenset(hanging)
        events = scanner.scan(session, session.node)
        return next(event.report for event in events if isinstance(event, ScanDone))

    yield scan
    session.close()
    assert server.shells.open_count == 0
    server.close()
    demo.close()


def unread(report):
    return [field for field in PROBES if isinstance(getattr(report.facts, field), Problem)]


def test_what_hangs_is_unknown_and_nothing_else(hung, short):
    usual = hung()
    assert usual.error is None
    missing = unread(usual)
    cold = hung("Get-HnsFact")  # on the warm session of before it can't be seen which one hangs: all are asked anew
    assert cold.error is None
    assert set(unread(cold)) == {*missing, "hns"}
    assert cold.facts.hns == Problem("hns", "Get-HnsFact did not end within 2 s", "overdue")
    found = {one.check: one for one in cold.findings}
    assert found["network.hns-network-exists"].verdict is Verdict.UNKNOWN
    assert found["network.hns-network-exists"].evidence[0].value == "Get-HnsFact did not end within 2 s"
    assert found["node.api-server-reachable"].verdict is not Verdict.UNKNOWN
    assert found["node.containerd-config"].verdict is not Verdict.UNKNOWN
    assert [one.script for one in cold.probes if one.is_overdue] == ["Get-HnsFact"]
    again = hung()
    assert (unread(again), again.error) == (missing, None)


def test_two_that_hang_are_two_that_are_unknown(hung, short):
    report = hung("Get-SystemFact", "Get-HnsFact")
    assert {"system", "hns"} <= set(unread(report))
    assert isinstance(report.facts.clock, Problem)
    assert not isinstance(report.facts.runtime, Problem)
    assert report.shells == 3


def test_what_each_probe_took_is_told(hung, words):
    report = hung()
    assert [one.probe for one in report.probes if one.probe not in FOLLOW_UPS] == [
        one for one in PROBES if one not in FOLLOW_UPS
    ]
    assert all(0 <= one.seconds < one.budget_s for one in report.probes)
    (node,) = scan_document([report], words, report.started)["nodes"]
    assert {one["script"]: one["budget"] for one in node["probes"]}["Get-HnsFact"] == PROBES["hns"].budget_s
    assert any(line.startswith("  Slowest probe: Get-") for line in report_lines(report, words))
