"""A node's Hyper-V host over the wire: asked beside the scan, once per account, and unknown where it does not tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.errors import SignInRefused
from checks.facts import HyperVFacts
from checks.finding import Verdict
from checks.host_question import HyperVHosts
from checks.node import Credentials, Typed
from checks.probe import HOST_PROBE
from checks.scan import Scanner
from checks.session.winrm import WinRmSession
from checks.simulator.backend import Misbehaviour
from checks.simulator.site import start_demo

CHECK = "network.mac-spoofing"


@pytest.fixture(scope="module")
def demo(resources):
    running = start_demo(resources)
    yield running
    running.close()


@pytest.fixture
def host(demo):
    server = demo.hosts["HV-01"]
    del server.wire.actions[:]
    yield server
    server.misbehaviour = Misbehaviour()


@pytest.fixture
def scan(demo, scripts):
    """`scan(name, who=…, **changes)`: the report of a node of the demo, and what it says of MAC spoofing."""

    def read(name, who=None, hosts=None, **changes):
        node = replace(next(one for one in demo.nodes if one.name == name), **changes)
        asked = hosts or asking(demo, scripts, who)
        scanner = Scanner(scripts, asides=(asked.aside(),))
        session = WinRmSession(node, demo.credentials, scripts)
        try:
            report = scanner.read(session, node)
        finally:
            session.close()
        assert report.error is None
        return report, next(one for one in report.findings if one.check == CHECK)

    return read


def asking(demo, scripts, who=None, seconds=10.0):
    def sign_in(host, node):
        if isinstance(who, Exception):
            raise who
        return who or demo.credentials

    return HyperVHosts(
        sign_in, lambda node, credentials: WinRmSession(node, credentials, scripts), scripts[HOST_PROBE.script], seconds
    )


def test_off_is_told_with_the_command_and_on_passes(scan, host, words):
    report, found = scan("worker-07")
    assert (found.verdict, found.reason) == (Verdict.WARN, "off")
    assert found.value("adapters") == "Network Adapter"
    assert "Get-VMNetworkAdapter -VMName 'worker-07' | Set-VMNetworkAdapter -MacAddressSpoofing On" in words.todo(found)
    assert ("Off (worker-07 · Network Adapter · LAN · 00155D010211)", "Get-VMNetworkAdapter, HV-01") in {
        (one.value, one.source) for one in found.evidence
    }
    assert isinstance(report.facts.hyperv, HyperVFacts)
    assert {one.machine for one in report.facts.hyperv.adapters} == {"worker-07"}
    _, found = scan("worker-08")
    assert (found.verdict, found.reason) == (Verdict.PASS, "on")


def test_it_costs_the_node_no_request_and_leaves_no_shell(scan, host, demo):
    node = next(one for one in demo.nodes if one.name == "worker-07")
    wire = demo.wire(node)
    del wire.actions[:]
    report, _ = scan("worker-07")
    # Deleting the shell comes after the report.
    assert report.requests == len(wire.actions) - wire.actions.count("Delete") - wire.actions.count("Signal")
    assert host.wire.actions.count("Command") == 1
    assert host.shells.open_count == 0


def test_a_node_that_is_none_of_its_guests_asks_nothing(scan, host):
    typed = (Typed("address", "127.0.0.1", "list"), Typed("port", str(host.port), "list"))
    _, found = scan("worker-01", hyperv_host=typed)
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert host.wire.actions == []


def test_without_a_host_it_is_as_before(scan, host):
    _, found = scan("worker-07", hyperv_host=())
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, "ask-host")
    assert host.wire.actions == []


def test_another_host_does_not_know_it(scan, demo, host):
    state = demo.site.hosts["HV-01"]
    kept = list(state.virtual_adapters)
    state.virtual_adapters[:] = [one for one in kept if one.machine != "worker-08"]
    try:
        _, found = scan("worker-08")
    finally:
        state.virtual_adapters[:] = kept
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, "machine-not-found")
    assert found.value("macs") == "00155D010212"


def test_a_computer_without_hyper_v_says_so(scan, demo, host):
    state = demo.site.hosts["HV-01"]
    kept, state.virtual_adapters = state.virtual_adapters, None
    try:
        _, found = scan("worker-08")
    finally:
        state.virtual_adapters = kept
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, "host-no-module")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (Misbehaviour(drop=True), "host-unreachable"),
        (Misbehaviour(silent=True), "host-unreachable"),
        (Misbehaviour(refuse_status=500), "host-not-read"),
        (Misbehaviour(garbage=True), "host-not-read"),
        (Misbehaviour(fault_code=5), "host-denied"),
        (Misbehaviour(shells_fault=2150859173), "host-not-read"),
        (Misbehaviour(swallow_done=True), "host-not-read"),
    ],
    ids=["dropped", "silent", "no-soap", "garbage", "denied", "no-shells", "no-done"],
)
def test_a_host_that_misbehaves_is_unknown_and_the_node_is_read(scan, demo, scripts, host, wrong, reason):
    host.misbehaviour = wrong
    report, found = scan("worker-07", hosts=asking(demo, scripts, seconds=3.0))
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, reason), found
    assert [one for one in report.findings if one.verdict is Verdict.PASS]


def test_nobody_to_sign_in_as_is_told(scan, host):
    _, found = scan("worker-07", who=SignInRefused("no-password", node="hv-01", user="x"))
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, "host-no-password")
    assert host.wire.actions == []


def test_a_refused_sign_in_is_not_tried_again_for_other_guests(scan, demo, scripts, host):
    opened = []

    def open_session(node, who):
        opened.append(node.url)
        return WinRmSession(node, who, scripts)

    wrong = Credentials("demo", "wrong")
    hosts = HyperVHosts(lambda host, node: wrong, open_session, scripts[HOST_PROBE.script])
    for name in ("worker-07", "worker-08", "worker-07"):
        _, found = scan(name, hosts=hosts)
        assert (found.verdict, found.reason) == (Verdict.UNKNOWN, "host-refused")
    assert len(opened) == 1
