"""What goes wrong on a node, as changes of its facts; `Case` says what the checklist must make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from node_facts import NODE, changed, fact, healthy, with_fact, with_problem
from node_files import file

from checks.facts import NodeFacts, Problem, ProcessFact, ServiceFact, VariableFact
from checks.finding import Verdict
from checks.node import Node, Typed

Change = Callable[[NodeFacts], NodeFacts]


@dataclass(frozen=True)
class Case:
    """On a healthy node of `layout` something changed: one check must say this of it."""

    name: str
    layout: str
    changes: tuple[Change, ...]
    verdict: Verdict
    reason: str
    fixes: tuple[str, ...] = ()
    cause: str = ""
    names: tuple[Typed, ...] = ()
    """What the node list calls things on this node."""
    cluster: tuple[Typed, ...] = ()
    """What it says of the cluster."""

    @property
    def node(self) -> Node:
        return replace(NODE, names=self.names, cluster=self.cluster)

    @property
    def facts(self) -> NodeFacts:
        facts = healthy(self.layout)
        for change in self.changes:
            facts = change(facts)
        return facts


def put(path: str, value: Any) -> Change:
    return lambda facts: with_fact(facts, path, value)


def inside(path: str, **values: Any) -> Change:
    """A single answer with other values."""

    def change(facts: NodeFacts) -> NodeFacts:
        return with_fact(facts, path, replace(fact(facts, path), **values))

    return change


def unread(*paths: str) -> Change:
    def change(facts: NodeFacts) -> NodeFacts:
        for path in paths:
            facts = with_problem(facts, path)
        return facts

    return change


def each(path: str, change: Callable[[Any], Any]) -> Change:
    return lambda facts: changed(facts, path, change)


def first(path: str, **values: Any) -> Change:
    """The first item of a list with other values."""
    return lambda facts: with_fact(facts, path, (replace(fact(facts, path)[0], **values), *fact(facts, path)[1:]))


def more(path: str, *items: Any) -> Change:
    return lambda facts: with_fact(facts, path, (*fact(facts, path), *items))


def gone(daemon: str) -> Change:
    """Its process ended; what its service says stays."""
    return each("daemons.processes", lambda one: None if one.role == daemon else one)


def without_service(*names: str) -> Change:
    return each("daemons.services", lambda one: None if one.name in names else one)


def typed_apart(key: str) -> Change:
    """The node list names a service that the node lacks."""
    return each("daemons.services", lambda one: replace(one, typed_apart=((key, "gone"),)))


def in_service(name: str, **values: Any) -> Change:
    return each("daemons.services", lambda one: replace(one, **values) if one.name == name else one)


def stopped(daemon: str, name: str = "", **values: Any) -> Change:
    """The daemon ended and its service says so."""
    told = {"state": "stopped", "exit_code": 1067, "process_id": 0, **values}

    def change(facts: NodeFacts) -> NodeFacts:
        return in_service(name or daemon, **told)(gone(daemon)(facts))

    return change


def in_nssm(name: str, **values: Any) -> Change:
    """Other parameters of a service that NSSM runs."""
    return each(
        "daemons.services",
        lambda one: replace(one, nssm=replace(one.nssm, **values)) if one.name == name and one.nssm else one,
    )


def in_process(daemon: str, **values: Any) -> Change:
    return each("daemons.processes", lambda one: replace(one, **values) if one.role == daemon else one)


def twice(daemon: str) -> Change:
    def change(facts: NodeFacts) -> NodeFacts:
        own = next(one for one in fact(facts, "daemons.processes") if one.role == daemon)
        return more("daemons.processes", replace(own, process_id=9999))(facts)

    return change


def in_line(daemon: str, old: str, new: str) -> Change:
    """The same words changed in the running command line and in the one its service starts."""

    def on_process(one: ProcessFact) -> ProcessFact:
        line = one.command_line or ""
        assert one.role != daemon or old in line, (daemon, old, line)
        return replace(one, command_line=line.replace(old, new)) if one.role == daemon else one

    def on_service(one: ServiceFact) -> ServiceFact:
        if daemon not in one.path_name and (one.nssm is None or daemon not in (one.nssm.application or "")):
            return one
        if one.nssm is None:
            return replace(one, path_name=one.path_name.replace(old, new))
        return replace(one, nssm=replace(one.nssm, app_parameters=(one.nssm.app_parameters or "").replace(old, new)))

    return lambda facts: each("daemons.services", on_service)(each("daemons.processes", on_process)(facts))


def machine(*lines: str) -> Change:
    """Variables of the machine as `NAME=value`."""
    told = tuple(VariableFact(*line.split("=", 1)) for line in lines)
    return put("environment.machine", told)


def content(path: str, text: str | bytes | None) -> Change:
    """The first file of a list, with other content; None: not there."""
    return lambda facts: with_fact(facts, path, (file(fact(facts, path)[0].path, text), *fact(facts, path)[1:]))


def in_content(path: str, old: str, new: str) -> Change:
    def change(facts: NodeFacts) -> NodeFacts:
        text = fact(facts, path)[0].data.decode("utf-8")
        assert old in text, (path, old, text)
        return content(path, text.replace(old, new))(facts)

    return change


def cni(change_file: Callable[[str], str | bytes]) -> Change:
    """The CNI file with other content."""

    def change(facts: NodeFacts) -> NodeFacts:
        folder = fact(facts, "cni.folders")[0]
        own = folder.files[0]
        new = file(own.path, change_file(own.data.decode("utf-8")))
        return with_fact(facts, "cni.folders", (replace(folder, files=(new, *folder.files[1:])),))

    return change


def unreadable(path: str) -> Change:
    """The first file of a list is there, and its bytes were not given out."""
    return first(path, present=None, content="", problem="access denied")


WHOLE = (
    "system",
    "daemons",
    "environment",
    "flannel",
    "hns",
    "network",
    "cni",
    "profile",
    "machine",
    "runtime",
    "firewall",
    "access",
    "cluster",
    "egress",
    "proxy",
    "clock",
)


def silent(facts: NodeFacts) -> NodeFacts:
    """Nothing was answered."""
    for record in WHOLE:
        facts = with_fact(facts, record, Problem(record, "no answer"))
    return facts
