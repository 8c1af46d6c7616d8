"""The latest state of one node as the window shows it: a frozen snapshot, replaced as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from checks.errors import ToolError
from checks.finding import Finding, Verdict
from checks.node import Node

if TYPE_CHECKING:
    from checks.scan import NodeReport


class Phase(StrEnum):
    NEVER = "never"
    """Not scanned since start."""
    WAITING = "waiting"
    """In the queue."""
    SCANNING = "scanning"
    DONE = "done"
    FAILED = "failed"
    """Could not be read: `error` says why."""
    CANCELLED = "cancelled"


BUSY = frozenset({Phase.WAITING, Phase.SCANNING})


@dataclass(frozen=True)
class NodeState:
    node: Node
    phase: Phase = Phase.NEVER
    findings: tuple[Finding, ...] = ()
    """Those known so far; of the scan before for checks that this scan has not reached yet."""
    pending: frozenset[str] = field(default_factory=frozenset[str])
    """Check ids that the running scan has not judged yet."""
    report: NodeReport | None = None
    error: ToolError | None = None
    scanned_at: datetime | None = None

    def count(self, verdict: Verdict) -> int:
        """Findings with this verdict that are no mere consequence of another one."""
        return self._counts[verdict]

    @cached_property
    def _counts(self) -> Counter[Verdict]:
        return Counter(finding.verdict for finding in self.findings if not finding.cause)

    @cached_property
    def worst(self) -> Verdict | None:
        """The worst verdict; UNKNOWN when the node could not be read, None before the first scan.

        INFO is a limit that every node of its kind has: it does not make one look worse than another. Kept: lists ask for
        it at every picture.
        """
        if self.phase is Phase.FAILED:
            return Verdict.UNKNOWN
        shown = {finding.verdict for finding in self.findings} - {Verdict.NOT_APPLICABLE, Verdict.INFO}
        return min(shown, key=lambda verdict: verdict.rank, default=None)
