"""Area network: whether the node's NodePorts answer from outside."""

from __future__ import annotations

from checks.check import Check, Context, said, unread
from checks.facts import HnsFacts, NodePortFacts, PortReachFact, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.node_ports import node_ports

_UDP = 17


def node_ports_answer(context: Context) -> Finding:
    """W3: tried from this computer, since what a node says of itself proves nothing."""
    hns = context.facts.hns
    if isinstance(hns, Problem):
        return unread(hns)
    ports = node_ports(hns)
    if isinstance(ports, Problem):
        return unread(ports)
    told = Evidence("node-ports", ", ".join(map(str, ports)) or "–", "HNS, load balancers without a VIP")
    if not ports:
        return _none(hns, told)
    answer = context.facts.node_ports
    if isinstance(answer, Problem):
        return _not_tried(answer, told)
    if isinstance(answer.tried, Problem):
        return unread(answer.tried)
    if isinstance(answer.address, Problem):
        return unread(answer.address)
    return _judged(answer, answer.address, answer.tried, told)


def _none(hns: HnsFacts, told: Evidence) -> Finding:
    udp = node_ports(hns, _UDP)
    if isinstance(udp, Problem) or not udp:
        return said(Verdict.NOT_APPLICABLE, "no-node-ports", (told,))
    listed = ", ".join(map(str, udp))
    shown = Evidence("node-ports", f"UDP {listed}", told.source)
    return said(Verdict.NOT_APPLICABLE, "udp-only", (shown,), ports=listed)


def _not_tried(problem: Problem, told: Evidence) -> Finding:
    why = problem.message or problem.code or "?"
    shown = (told, Evidence("not-read", why, problem.fact))
    if problem.code == "not-asked":
        return said(Verdict.UNKNOWN, "not-tried", shown)
    if problem.code == "not-its-address":
        return said(Verdict.UNKNOWN, "other-address", shown, address=why)
    return unread(problem)


def _judged(answer: NodePortFacts, address: str, tried: tuple[PortReachFact, ...], told: Evidence) -> Finding:
    source = "connections from this computer"
    shown = (told, *(Evidence("node-port", f"{address}:{one.port} {_state(one)}", source) for one in tried))
    silent = [one for one in tried if not one.reached]
    values = {"count": str(len(tried)), "address": address}
    if not tried:
        return said(Verdict.UNKNOWN, "not-tried", shown)
    if not silent:
        return said(Verdict.PASS, "answer", shown, **values)
    values["ports"] = ", ".join(str(one.port) for one in silent)
    if len(silent) < len(tried):
        return said(Verdict.WARN, "some-silent", shown, **values)
    return said(
        Verdict.WARN, "refused" if any(one.trouble == "refused" for one in silent) else "silent", shown, **values
    )


def _state(one: PortReachFact) -> str:
    return "open" if one.reached else one.trouble


CHECKS = (
    Check(
        "network.node-ports-answer", ("hns.load_balancers", "node_ports.address", "node_ports.tried"), node_ports_answer
    ),
)
