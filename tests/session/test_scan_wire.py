"""Whole scans over the wire on simulated nodes: what they cost, and what a misbehaving node leaves of them."""

from __future__ import annotations

import threading
import time

import pytest

from checks.finding import Verdict
from checks.probe import PROBES
from checks.scan import ScanDone, Scanner
from checks.session.winrm import WinRmSession
from checks.simulator.backend import Misbehaviour
from checks.simulator.site import start_demo
from checks.turn import computing


@pytest.fixture(scope="module")
def demo(resources):
    running = start_demo(resources)
    yield running
    running.close()


@pytest.fixture
def untouched_demo(resources):
    """Nodes that nobody asked before: what another test gave up on may still reach its node, and would be counted."""
    running = start_demo(resources)
    yield running
    running.close()


@pytest.fixture
def node(demo):
    found = next(one for one in demo.nodes if one.name in demo.servers and not one.https)
    yield found
    demo.servers[found.name].misbehaviour = Misbehaviour()


def scan(session, scripts, deadline_s=60.0, scanner=None):
    scanner = scanner or Scanner(scripts, deadline_s=deadline_s)
    return next(event.report for event in scanner.scan(session, session.node) if isinstance(event, ScanDone))


def test_a_cold_scan_starts_one_powershell_and_a_warm_one_none(untouched_demo, scripts):
    demo = untouched_demo
    scanner = Scanner(scripts)
    for node in demo.nodes:
        if node.name not in demo.servers:
            continue
        wire, shells = demo.wire(node), demo.servers[node.name].shells
        session = WinRmSession(node, demo.credentials, scripts)
        del wire.actions[:]
        cold = scan(session, scripts, scanner=scanner)
        assert cold.error is None
        assert (wire.actions.count("Command"), cold.shells) == (1, 1)
        batches = wire.actions.count("Receive")
        assert len(wire.actions) - batches <= 8
        assert cold.requests == len(wire.actions)
        for _ in range(3):
            del wire.actions[:]
            warm = scan(session, scripts, scanner=scanner)
            assert len(wire.actions) <= 3, wire.actions
            assert warm.shells == 0
            assert [one.verdict for one in warm.findings] == [one.verdict for one in cold.findings]
        session.close()
        assert shells.open_count == 0


def test_each_probe_costs_one_answer_at_most(resources, scripts):
    slow = start_demo(resources, latency_ms=40)
    try:
        node = next(one for one in slow.nodes if one.name in slow.servers and one.sign_in == "basic")
        session = WinRmSession(node, slow.credentials, scripts)
        scanner = Scanner(scripts)
        cold = scan(session, scripts, scanner=scanner)
        assert cold.error is None
        actions = slow.wire(node).actions
        assert len(actions) - actions.count("Receive") <= 4
        assert actions.count("Receive") <= len(PROBES) + 4  # the beginning and the end of each of two batches
        del actions[:]
        assert scan(session, scripts, scanner=scanner).shells == 0
        assert actions[0] == "Send"
        assert actions[1:] in (["Receive"], ["Receive", "Receive"])
        session.close()
    finally:
        slow.close()


@pytest.mark.parametrize("wrong", [Misbehaviour(latency_ms=1500), Misbehaviour(drip_ms=20)])
def test_a_node_that_takes_its_time_holds_up_nobody_else(demo, node, scripts, wrong):
    demo.servers[node.name].misbehaviour = wrong
    session = WinRmSession(node, demo.credentials, scripts)
    reading = threading.Thread(target=lambda: scan(session, scripts, deadline_s=6.0))
    reading.start()
    longest = 0.0
    while reading.is_alive():
        began = time.monotonic()
        with computing():
            longest = max(longest, time.monotonic() - began)
        time.sleep(0.005)
    assert longest < 0.5
    session.close()


@pytest.mark.parametrize(
    "wrong",
    [
        Misbehaviour(refuse_status=401),
        Misbehaviour(refuse_status=500),
        Misbehaviour(fault_code=2150858843),
        Misbehaviour(shells_fault=2150859173),
        Misbehaviour(drop_after_receives=0),
        Misbehaviour(silent_after_receives=0),
        Misbehaviour(garbage=True),
        Misbehaviour(swallow_done=True),
    ],
    ids=["refused", "no-soap", "fault", "no-shells", "dropped", "silent", "garbage", "no-done"],
)
def test_a_node_that_misbehaves_is_unknown_within_the_deadline(demo, node, scripts, words, wrong):
    demo.servers[node.name].misbehaviour = wrong
    session = WinRmSession(node, demo.credentials, scripts)
    began = time.monotonic()
    report = scan(session, scripts, deadline_s=4.0)
    assert time.monotonic() - began < 8
    session.close()
    assert report.error is not None
    assert all(words.error(report.error.code, report.error.fields))
    assert {one.verdict for one in report.findings} == {Verdict.UNKNOWN}


def test_a_line_that_drops_in_the_middle_keeps_what_was_read_and_calls_nothing_else_good(demo, node, scripts):
    server = demo.servers[node.name]
    server.misbehaviour = Misbehaviour(drip_bytes=3000, drop_after_receives=server.shells.receives + 3)
    session = WinRmSession(node, demo.credentials, scripts)
    report = scan(session, scripts, deadline_s=10.0)
    session.close()
    assert report.error is not None
    unread = [one for one in report.findings if one.verdict is Verdict.UNKNOWN]
    assert unread
    server.misbehaviour = Misbehaviour()
    again = WinRmSession(node, demo.credentials, scripts)
    assert scan(again, scripts).error is None
    again.close()
