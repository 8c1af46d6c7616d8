"""How long each question of a run may take: one that hangs must not take the time of all others."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from checks.errors import ScriptFailed
from checks.session import Reply, Request


class Pace:
    """Follows one run: the node works on one request after the other, in the order in which they were sent.

    While the node holds its replies back (`hold_ms` above 0), it can't be seen which request it works on: then a run is
    overdue after the longest time of those that wait, and names none. `start_s`: what a PowerShell may take to begin at all.
    """

    def __init__(
        self,
        requests: Sequence[Request],
        hold_ms: int = 0,
        start_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._waiting = list(requests)
        self._is_held = hold_ms > 0
        self._clock = clock
        self._heard = clock() + start_s

    def hear(self, reply: Reply) -> None:
        """The node is at work; what is done waits no longer."""
        self._heard = self._clock()
        if reply.kind == "done":
            self._waiting = [one for one in self._waiting if one.id != reply.id]

    @property
    def until(self) -> float:
        """When the question that the node works on is overdue, by our clock."""
        budgets = [one.budget_s or math.inf for one in self._waiting]
        if not budgets:
            return math.inf
        return self._heard + (max(budgets) if self._is_held else budgets[0])

    def check(self, node: str) -> None:
        """Raises `ScriptFailed` with code `overdue` where the time is over."""
        if self._clock() < self.until:
            return
        first = self._waiting[0]
        blamed = "" if self._is_held else first.id
        seconds = f"{max(one.budget_s for one in self._waiting) if self._is_held else first.budget_s:.0f}"
        raise ScriptFailed("overdue", node=node, script=first.script.name, seconds=seconds, request=blamed)
