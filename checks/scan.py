"""One scan of one node: probes, then checks; yields events as they arrive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from checks.beside import Aside
from checks.causes import fold
from checks.check import Check, Context, evaluate
from checks.errors import Cancelled, ToolError
from checks.node import Node
from checks.overrides import typed_paths
from checks.probe import PROBES, ExtraPaths
from checks.profile import detect
from checks.rules import CHECKS
from checks.scan_report import (
    BESIDE,
    FindingReady,
    NodeReport,
    ProbeAnswered,
    ProbeStarted,
    ScanDone,
    ScanEvent,
    blank_facts,
)
from checks.scan_run import LAYOUT, WARM_HOLD_MS, ScanRun
from checks.session import Request, Script, Session
from checks.watched import Memory

__all__ = [
    "BESIDE",
    "LAYOUT",
    "WARM_HOLD_MS",
    "FindingReady",
    "NodeReport",
    "ProbeAnswered",
    "ProbeStarted",
    "ScanDone",
    "ScanEvent",
    "Scanner",
    "blank_facts",
    "unread_report",
]


def unread_report(node: Node, error: ToolError, now: datetime) -> NodeReport:
    """The report of a node with which no session came about: every check is UNKNOWN and says why."""
    facts = blank_facts(str(error))
    context = Context(facts, detect(facts, node.profile), node, now)
    findings = fold(tuple(evaluate(check, context) for check in CHECKS))
    return NodeReport(node, "", (), facts, findings, now, 0.0, 0, 0, error)


class Scanner:
    """Runs the probes over a session and judges as soon as what a check needs has been answered.

    One scanner serves many nodes; what it learned of a node (paths from command lines, the probes that follow up)
    makes the next scan of that node a single Send.
    """

    def __init__(
        self,
        scripts: Mapping[str, Script],
        deadline_s: float = 90.0,
        clock: Callable[[], datetime] | None = None,
        asides: Sequence[Aside] = (),
    ) -> None:
        self._scripts = scripts
        self._asides = tuple(asides)
        self._deadline_s = deadline_s
        self._clock = clock or (lambda: datetime.now(UTC))
        self._paths: dict[Node, ExtraPaths] = {}
        self._follow_ups: dict[Node, frozenset[str]] = {}
        self._memories: dict[str, tuple[Node, Memory]] = {}
        self._number = 0

    def scan(
        self, session: Session, node: Node, only: tuple[str, ...] = (), stop: threading.Event | None = None
    ) -> Iterator[ScanEvent]:
        """Yield events, the last of which is `ScanDone`; a `ToolError` ends up in its report. Raises only `Cancelled`.

        `only`: ids of checks; nothing is asked then that none of them needs, and the report holds no other finding.
        `stop`: set from any thread, it ends the wait for what is asked elsewhere than on the node.
        """
        return ScanRun(self, session, node, only, stop).events()

    def read(
        self, session: Session, node: Node, only: tuple[str, ...] = (), stop: threading.Event | None = None
    ) -> NodeReport:
        """One scan's report alone. Raises `Cancelled` only: every other error stands in the report."""
        for event in self.scan(session, node, only, stop):
            if isinstance(event, ScanDone):
                return event.report
        raise Cancelled("cancelled", node=node.name)

    def request(self, field: str, paths: ExtraPaths, uses: Collection[str] | None = None) -> Request:
        """The request for one probe, whole or for these facts alone; ids never repeat within a scanner."""
        self._number += 1
        probe = PROBES[field]
        script, parameters = self._scripts[probe.script], probe.asked_for(paths, uses)
        return Request(f"{field}-{self._number}", script, parameters, reads=True, budget_s=probe.budget_s)

    def asides(self, checks: Iterable[Check]) -> tuple[Aside, ...]:
        """Questions beside the node's probes that these checks need."""
        needed = {need for check in checks for need in check.needs}
        return tuple(one for one in self._asides if one.field in needed)

    @property
    def deadline_s(self) -> float:
        return self._deadline_s

    def now(self) -> datetime:
        return self._clock()

    def memory(self, node: Node) -> Memory:
        """What earlier scans of this node found; a new one where its settings were changed since."""
        known = self._memories.get(node.name)
        if known is None or known[0] != node:
            known = self._memories[node.name] = node, Memory()
        return known[1]

    def known(self, node: Node) -> tuple[ExtraPaths, frozenset[str]]:
        """What earlier scans of this node taught: paths beyond the defaults, and which probes that follow up are asked."""
        return self._paths.get(node, typed_paths(node)), self._follow_ups.get(node, frozenset())

    def learn(self, node: Node, paths: ExtraPaths, follow_ups: frozenset[str]) -> None:
        self._paths[node] = paths
        self._follow_ups[node] = follow_ups

    def forget(self, name: str) -> None:
        """Drop what scans of the node of this name left here, under whatever settings. Not while one runs."""
        self._memories.pop(name, None)
        for node in [one for one in list(self._paths) if one.name == name]:
            self._paths.pop(node, None)
            self._follow_ups.pop(node, None)
