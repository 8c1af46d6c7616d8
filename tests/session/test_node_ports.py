"""NodePorts tried from here: real connections to this computer alone, and what becomes of them in a scan."""

from __future__ import annotations

import socket
import time
from dataclasses import replace

import pytest

from checks.errors import CannotReachNode, Refused, ToolError
from checks.facts import AddressFact, HnsLoadBalancerFact, NodePortFacts, PortReachFact, Problem
from checks.finding import Verdict
from checks.node import Node
from checks.node_ports import MOST, node_ports, node_ports_aside
from checks.scan import Scanner
from checks.session.knock import knock
from checks.session.winrm import WinRmSession
from checks.simulator.site import start_demo

HERE = Node("worker-01", "127.0.0.1")
OWN = ("10.2.0.11", "127.0.0.1")
CHECK = "network.node-ports-answer"


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def unused() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_what_listens_is_reached_and_what_does_not_is_refused(listener):
    open_, shut = int(listener.getsockname()[1]), unused()
    found = knock(HERE, OWN, (open_, shut))
    assert found == NodePortFacts("127.0.0.1", (PortReachFact(open_, True, ""), PortReachFact(shut, False, "refused")))


def test_nothing_is_sent(listener):
    knock(HERE, OWN, (int(listener.getsockname()[1]),))
    wire, _ = listener.accept()
    with wire:
        wire.settimeout(5)
        assert wire.recv(10) == b""


def test_many_silent_ports_are_waited_for_at_once(monkeypatch):
    def silent(where, timeout):
        time.sleep(0.3)
        raise TimeoutError

    monkeypatch.setattr("checks.session.knock.socket.create_connection", silent)
    began = time.monotonic()
    found = knock(HERE, OWN, tuple(range(30000, 30016)))
    assert time.monotonic() - began < 2
    assert {one.trouble for one in found.tried} == {"no-answer"}


def test_no_way_there_is_told_apart(monkeypatch):
    def nowhere(where, timeout):
        raise OSError(113, "no route to host")

    monkeypatch.setattr("checks.session.knock.socket.create_connection", nowhere)
    assert knock(HERE, OWN, (30080,)).tried == (PortReachFact(30080, False, "no-route"),)


def test_an_address_that_is_not_the_nodes_own_is_left_alone(listener):
    with pytest.raises(Refused) as told:
        knock(HERE, ("10.2.0.11",), (int(listener.getsockname()[1]),))
    assert told.value.code == "not-its-address"
    listener.settimeout(0.2)
    with pytest.raises(TimeoutError):
        listener.accept()


def test_a_name_that_is_not_known_is_told():
    with pytest.raises(CannotReachNode) as told:
        knock(Node("a", "no-such-node.invalid"), OWN, (30080,))
    assert told.value.code == "name-not-found"


@pytest.fixture(scope="module")
def demo(resources):
    running = start_demo(resources)
    yield running
    running.close()


@pytest.fixture
def scan(demo, scripts):
    def read(name, ask, node=None):
        own = node or next(one for one in demo.nodes if one.name == name)
        session = WinRmSession(own, demo.credentials, scripts)
        try:
            report = Scanner(scripts, asides=(node_ports_aside(ask),)).read(session, own)
        finally:
            session.close()
        return report, next(one for one in report.findings if one.check == CHECK)

    return read


@pytest.mark.parametrize(
    ("name", "verdict", "reason"),
    [
        ("edge-1", Verdict.PASS, "answer"),
        ("worker-08", Verdict.WARN, "silent"),
        ("edge-2", Verdict.NOT_APPLICABLE, "no-node-ports"),
    ],
)
def test_the_demo_answers_without_a_connection(demo, scan, monkeypatch, name, verdict, reason):
    seen = []
    monkeypatch.setattr("checks.session.knock.socket.create_connection", lambda *_, **__: seen.append(1))
    _, found = scan(name, demo.knock)
    assert (found.verdict, found.reason) == (verdict, reason)
    assert seen == []


def test_the_ports_and_addresses_are_the_nodes(scan):
    asked = []

    def ask(node, own, ports):
        asked.append((node.name, tuple(own), tuple(ports)))
        return NodePortFacts(node.address, tuple(PortReachFact(port, True, "") for port in ports))

    _, found = scan("edge-1", ask)
    assert asked == [("edge-1", ("10.2.9.5",), (30080,))]
    assert found.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Refused("not-its-address", node="a", address="10.9.9.9"), "other-address"),
        (CannotReachNode("name-not-found", detail="unknown", node="a", address="a"), "not-read"),
    ],
)
def test_what_could_not_be_tried_is_unknown(scan, error: ToolError, reason):
    def ask(node, own, ports):
        raise error

    report, found = scan("edge-1", ask)
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, reason)
    assert isinstance(report.facts.node_ports, Problem)
    assert report.error is None


def test_the_lowest_ports_are_tried_first(scan):
    report, _ = scan("edge-1", lambda node, own, ports: NodePortFacts("a", ()))
    many = tuple(HnsLoadBalancerFact(f"n{port}", (), 6, port, 80, 2) for port in range(31000, 30000, -20))
    facts = replace(report.facts, hns=replace(report.facts.hns, load_balancers=many))
    assert len(node_ports(facts.hns)) == 50
    asked = []
    ask = node_ports_aside(lambda node, own, ports: asked.append(ports) or NodePortFacts("a", ())).prepare(facts, HERE)
    ask()
    assert asked == [tuple(range(30020, 30020 + 20 * MOST, 20))]


def test_without_addresses_nothing_is_tried(scan):
    report, _ = scan("edge-1", lambda node, own, ports: NodePortFacts("a", ()))
    for changes in ({"network": Problem("network", "x", "y")}, {"hns": Problem("hns", "x", "y")}):
        told = node_ports_aside(knock).prepare(replace(report.facts, **changes), HERE)
        assert told == Problem("node_ports", "x", "y")
    unread = replace(report.facts.network, addresses=Problem("network.addresses", "x", "y"))
    assert node_ports_aside(knock).prepare(replace(report.facts, network=unread), HERE) == Problem(
        "node_ports", "x", "y"
    )


def test_a_listener_on_this_computer_passes(scan, demo, listener):
    port = int(listener.getsockname()[1])
    node = next(one for one in demo.nodes if one.name == "edge-1")
    report, _ = scan("edge-1", demo.knock)
    own = (*report.facts.network.addresses, AddressFact("127.0.0.1", 8, "Loopback", 1, "ipv4"))
    facts = replace(
        report.facts,
        hns=replace(report.facts.hns, load_balancers=(HnsLoadBalancerFact("n", (), 6, port, 80, 2),)),
        network=replace(report.facts.network, addresses=own),
    )
    assert node_ports_aside(knock).prepare(facts, node)() == NodePortFacts(
        "127.0.0.1", (PortReachFact(port, True, ""),)
    )
