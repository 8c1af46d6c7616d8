"""Area fleet: nodes of one cluster held against each other.

Pure functions over the facts of all nodes. Which nodes belong together the API server tells that they talk to. What was
not read of one node may be the very thing that another one clashes with: then nobody passes, and nobody is accused by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from checks.check import said, unread
from checks.cluster import api_host
from checks.facts import NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.node import Node
from checks.ranges import overlap
from checks.rules.fleet_values import (
    Reader,
    Values,
    read_cidrs,
    read_exceptions,
    read_flannel,
    read_no_proxy,
    read_subnet,
    read_versions,
)
from checks.turn import let_pass


@dataclass(frozen=True, slots=True)
class Member:
    """One node of the list with what was read of it."""

    node: Node
    facts: NodeFacts


@dataclass(frozen=True, slots=True)
class FleetCheck:
    """What is read of each node, and how two of one cluster are compared: `alike` or `apart`."""

    id: str
    read: Reader
    is_alike: bool
    grave: frozenset[str] = frozenset()
    """Values whose difference is a FAIL; of others it is a WARN."""


def compare(members: Sequence[Member]) -> Mapping[str, tuple[Finding, ...]]:
    """Findings of area fleet by node name, one a check for each node."""
    hosts = {one.node.name: _typed_server(one.node) or cluster_of(one.facts) for one in members}
    found: dict[str, list[Finding]] = {one.node.name: [] for one in members}
    for check in FLEET_CHECKS:
        values = {one.node.name: check.read(one.facts) for one in members}
        for one in members:
            let_pass()
            finding = _judge(check, one, members, hosts, values)
            found[one.node.name].append(replace(finding, check=check.id))
    return {name: tuple(findings) for name, findings in found.items()}


def _typed_server(node: Node) -> str:
    """The host of the API server that the node list names, or ''."""
    value = next((one.value for one in node.cluster if one.name == "api_server"), "")
    return (urlsplit(value if "://" in value else f"https://{value}").hostname or "").lower() if value else ""


def cluster_of(facts: NodeFacts) -> str | Problem:
    """The host of the API server: what nodes of one cluster have in common."""
    told = api_host(facts)
    if told is not None:
        return told.value.lower()
    profile = facts.profile
    if isinstance(profile, Problem):
        return profile
    if isinstance(profile.api_servers, Problem):
        return profile.api_servers
    if isinstance(profile.rke2_settings, Problem):
        return profile.rke2_settings
    return Problem("profile.api_servers", "no API server is named on this node", "no-api-server")


@dataclass(frozen=True, slots=True)
class _Others:
    """The rest of a node's cluster: what was read of each, and who may belong to it and was not read."""

    read: Mapping[str, Values]
    unread: tuple[str, ...]


def _others(
    own: Member, members: Sequence[Member], hosts: Mapping[str, str | Problem], values: Mapping[str, Values | Problem]
) -> _Others:
    host = hosts[own.node.name]
    same = [one.node for one in members if hosts[one.node.name] == host]
    groups = {node.group for node in same}
    read: dict[str, Values] = {}
    missing: list[str] = []
    for one in members:
        name, told = one.node.name, values[one.node.name]
        if name == own.node.name:
            continue
        if isinstance(hosts[name], Problem):
            missing += [name] if one.node.group in groups else []
        elif hosts[name] == host and isinstance(told, Problem):
            missing.append(name)
        elif hosts[name] == host and not isinstance(told, Problem):
            read[name] = told
    return _Others(read, tuple(missing))


def _judge(
    check: FleetCheck,
    one: Member,
    members: Sequence[Member],
    hosts: Mapping[str, str | Problem],
    values: Mapping[str, Values | Problem],
) -> Finding:
    host, own = hosts[one.node.name], values[one.node.name]
    if isinstance(host, Problem):
        return unread(host)
    others = _others(one, members, hosts, values)
    compared = Evidence("nodes", ", ".join(sorted(others.read)) or "–", f"API server {host}")
    if not others.read and not others.unread:
        return said(Verdict.NOT_APPLICABLE, "alone", (compared,), server=host)
    if isinstance(own, Problem):
        return unread(own)
    if not own:
        return said(Verdict.NOT_APPLICABLE, "none-here", (compared,), server=host)
    evidence = (compared, *(Evidence(name, told.value, told.source) for name, told in own.items()))
    fault = _differs(check, own, others) if check.is_alike else _clashes(own, others)
    if fault is not None:
        return replace(fault, evidence=(*evidence, *fault.evidence))
    if others.unread:
        names = ", ".join(others.unread)
        return said(Verdict.UNKNOWN, "others-unread", (*evidence, Evidence("not-read", names, "–")), nodes=names)
    return said(Verdict.PASS, "alike" if check.is_alike else "apart", evidence, count=str(len(others.read) + 1))


def _clashes(own: Values, others: _Others) -> Finding | None:
    """Another node whose range shares addresses with one of ours."""
    for told in own.values():
        for name, values in sorted(others.read.items()):
            for other in values.values():
                if told.range is not None and other.range is not None and overlap(told.range, other.range):
                    evidence = (Evidence("other-node", f"{name}: {other.value}", other.source),)
                    return said(Verdict.FAIL, "twice", evidence, value=told.value, node=name, other=other.value)
    return None


def _differs(check: FleetCheck, own: Values, others: _Others) -> Finding | None:
    """A value that at least as many others have differently, whatever those have that were not read."""
    found: list[Finding] = []
    for what, told in own.items():
        rest = {name: values[what] for name, values in others.read.items() if what in values}
        counts = Counter(one.value for one in rest.values())
        alike = counts.pop(told.value, 0) + 1 + len(others.unread)
        usual, many = max(counts.items(), key=lambda pair: pair[1], default=("", 0))
        if many >= alike:
            verdict = Verdict.FAIL if what in check.grave else Verdict.WARN
            who = [name for name, one in sorted(rest.items()) if one.value == usual]
            evidence = tuple(Evidence("other-node", f"{name}: {usual}", rest[name].source) for name in who[:4])
            values = {"what": what, "value": told.value or "–", "usual": usual or "–", "nodes": ", ".join(who[:4])}
            found.append(said(verdict, "differs", evidence, **values))
    return min(found, key=lambda one: one.verdict.rank, default=None)


FLEET_CHECKS = (
    FleetCheck("fleet.pod-subnets-apart", read_subnet, False),
    FleetCheck("fleet.pod-cidrs-apart", read_cidrs, False),
    FleetCheck("fleet.flannel-alike", read_flannel, True, frozenset({"FLANNEL_NETWORK", "backend"})),
    FleetCheck("fleet.versions-alike", read_versions, True),
    FleetCheck("fleet.no-proxy-alike", read_no_proxy, True),
    FleetCheck("fleet.nat-exceptions-alike", read_exceptions, True),
)
