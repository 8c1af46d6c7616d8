"""NodePorts tried from this computer: what is said of the node by which of them answer."""

from __future__ import annotations

from node_changes import Case, Change, more, put, unread

from checks.facts import HnsLoadBalancerFact, NodePortFacts, PortReachFact, Problem
from checks.finding import Verdict

PASS, WARN, UNKNOWN, NOT_APPLICABLE = Verdict.PASS, Verdict.WARN, Verdict.UNKNOWN, Verdict.NOT_APPLICABLE
OPEN = PortReachFact(30080, True, "")


def forwards(*ports: int, protocol: int = 6) -> Change:
    return more(
        "hns.load_balancers",
        *(HnsLoadBalancerFact(f"NP{port}", (), protocol, port, 80, 2, is_local_routed=True) for port in ports),
    )


def tried(*found: PortReachFact) -> Change:
    return put("node_ports", NodePortFacts("10.2.0.13", found))


def trouble(code: str, words: str = "as it said") -> Change:
    return put("node_ports", Problem("node_ports", words, code))


def shut(port: int, why: str = "no-answer") -> PortReachFact:
    return PortReachFact(port, False, why)


NODE_PORTS = (
    Case("all answer", "sdn-nssm", (forwards(30080), tried(OPEN)), PASS, "answer"),
    Case("on an overlay", "sdn-native", (forwards(30080), tried(OPEN)), PASS, "answer"),
    Case("one is silent", "rke2", (forwards(30080, 30081), tried(OPEN, shut(30081))), WARN, "some-silent"),
    Case("none answers", "sdn-nssm", (forwards(30080), tried(shut(30080))), WARN, "silent"),
    Case("no way there", "sdn-nssm", (forwards(30080), tried(shut(30080, "no-route"))), WARN, "silent"),
    Case("refused", "sdn-nssm", (forwards(30080, 30081), tried(shut(30080), shut(30081, "refused"))), WARN, "refused"),
    Case("no NodePorts", "sdn-nssm", (), NOT_APPLICABLE, "no-node-ports"),
    Case("UDP alone", "sdn-nssm", (forwards(30053, protocol=17),), NOT_APPLICABLE, "udp-only"),
    Case("nobody tried", "sdn-nssm", (forwards(30080), trouble("not-asked")), UNKNOWN, "not-tried"),
    Case("tried in vain", "sdn-nssm", (forwards(30080), tried()), UNKNOWN, "not-tried"),
    Case("behind a gateway", "sdn-nssm", (forwards(30080), trouble("not-its-address")), UNKNOWN, "other-address"),
    Case("name not known", "sdn-nssm", (forwards(30080), trouble("name-not-found")), UNKNOWN, "not-read"),
    Case("late", "sdn-nssm", (forwards(30080), trouble("deadline", "")), UNKNOWN, "not-read"),
    Case("HNS unread", "sdn-nssm", (forwards(30080), tried(OPEN), unread("hns")), UNKNOWN, "not-read"),
    Case("ports unread", "sdn-nssm", (tried(OPEN), unread("hns.load_balancers")), UNKNOWN, "not-read"),
    Case("answers unread", "sdn-nssm", (forwards(30080), tried(OPEN), unread("node_ports.tried")), UNKNOWN, "not-read"),
    Case("place unread", "sdn-nssm", (forwards(30080), tried(OPEN), unread("node_ports.address")), UNKNOWN, "not-read"),
)

CASES = {"network.node-ports-answer": NODE_PORTS}
