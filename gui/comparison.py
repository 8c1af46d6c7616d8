"""Nodes held against each other, beside the window; meanwhile their rows of area fleet are pending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject

from checks.finding import Finding
from checks.turn import computing
from gui.background import Background
from gui.state import BUSY, NodeState, Phase

if TYPE_CHECKING:
    from checks.scan import NodeReport

QUEUE = "\ncompare"
"""A queue's name that no node can have."""


def compared_ids() -> frozenset[str]:
    """Checks that are judged over all nodes, and not by a node's own scan."""
    from checks.fleet import FLEET_IDS  # not before the first picture

    return FLEET_IDS


def awaiting(state: NodeState) -> NodeState:
    """The same node, to be held against the others soon, or just now."""
    return replace(state, pending=state.pending | compared_ids())


def carried(state: NodeState, report: NodeReport) -> tuple[Finding, ...]:
    """The report's findings, with what an earlier comparison found: it stands, pending, until the next one is over."""
    return (*report.findings, *(one for one in state.findings if one.check in compared_ids()))


def answered(state: NodeState, report: NodeReport) -> NodeState:
    """What comparing found. A scan that has begun meanwhile keeps its own findings, and is followed by another comparison."""
    if state.phase not in BUSY:
        return replace(state, report=report, findings=report.findings, pending=state.pending - compared_ids())
    fresh = tuple(one for one in report.findings if one.check in compared_ids())
    pending = state.pending if state.phase is Phase.SCANNING else state.pending - compared_ids()
    return replace(state, report=report, findings=(*_own(state), *fresh), pending=pending)


def unanswered(state: NodeState) -> NodeState:
    """Comparing failed: what was found before may be wrong by now, so nothing is said."""
    return replace(state, findings=_own(state), pending=state.pending - compared_ids())


def _own(state: NodeState) -> tuple[Finding, ...]:
    return tuple(one for one in state.findings if one.check not in compared_ids())


Pairs = list[tuple["NodeReport", "NodeReport"]]
"""Each report, and the same with what comparing found."""


def _compare(reports: list[NodeReport]) -> Pairs:
    """On a worker thread."""
    from checks.fleet import with_fleet  # brings all rules along: not before the first picture

    with computing():
        return list(zip(reports, with_fleet(reports), strict=True))


class Comparison:
    """One at a time; only the newest one's outcome is told."""

    def __init__(
        self, background: Background, owner: QObject, on_done: Callable[[Pairs], None], on_failed: Callable[[], None]
    ) -> None:
        self._background = background
        self._owner = owner
        self._on_done = on_done
        self._on_failed = on_failed
        self._number = 0

    def start(self, reports: list[NodeReport]) -> None:
        """Beside the window: it takes longer the more they are."""
        self._number += 1
        number = self._number
        self._background.start(
            QUEUE,
            lambda _: _compare(reports),
            lambda pairs: self._done(number, pairs),
            lambda error: self._failed(number, error),
            owner=self._owner,
        )

    def _done(self, number: int, pairs: object) -> None:
        if number == self._number:  # else a later one knows better which nodes there are
            self._on_done(cast("Pairs", pairs))

    def _failed(self, number: int, error: Exception) -> None:
        if number == self._number:
            self._on_failed()
        raise error
