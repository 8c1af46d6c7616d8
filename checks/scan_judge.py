"""What a scan concludes from its node's answers: profile, findings and the like, and what still holds from the scan before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar, cast

from checks.check import Check, Context, evaluate
from checks.facts import NodeFacts
from checks.finding import Finding
from checks.node import Node
from checks.profile import Profile, detect
from checks.watched import NOW, PROFILE, Memory, Watched

T = TypeVar("T")


class _Context(Context):
    """A context whose every part counts as read once it was looked at."""

    __slots__ = ("_watched",)

    def __init__(self, watched: Watched, node: Node) -> None:
        for name, value in (("_watched", watched), ("facts", watched.facts), ("node", node)):
            object.__setattr__(self, name, value)

    @property
    def profile(self) -> Profile:  # pyright: ignore[reportIncompatibleVariableOverride]
        return cast("Profile", getattr(self._watched, PROFILE))

    @property
    def now(self) -> datetime:  # pyright: ignore[reportIncompatibleVariableOverride]
        return cast("datetime", getattr(self._watched, NOW))


class Judge:
    """Draws conclusions for one scan. `memory`: of the same node, from one scan to the next. `started`: when it was read.

    `now`: the node's time as these facts tell it.
    """

    def __init__(self, memory: Memory, node: Node, started: datetime, now: Callable[[NodeFacts], datetime]) -> None:
        self._memory = memory
        self._node = node
        self._started = started
        self._now = now
        self._seen: tuple[NodeFacts, Watched] | None = None

    def profile(self, facts: NodeFacts) -> Profile:
        return cast("Profile", getattr(self._watched(facts), PROFILE))

    def concluded(self, what: str, facts: NodeFacts, ask: Callable[[Context], T]) -> T:
        """The answer of a pure function, asked again only where what it read has changed."""
        watched = self._watched(facts)
        return self._memory.concluded(what, watched, lambda: ask(_Context(watched, self._node)))

    def finding(self, check: Check, facts: NodeFacts) -> Finding:
        """What a check says; its evidence was read in this scan, whenever that was first concluded from it."""
        finding = self.concluded(check.id, facts, lambda context: evaluate(check, context))
        if finding.reason == "crashed":
            self._memory.forget(check.id)  # who knows why
        return finding.dated(self._started)

    def _watched(self, facts: NodeFacts) -> Watched:
        """The same view of the same facts."""
        if self._seen is None or self._seen[0] is not facts:
            around: dict[str, object] = {NOW: self._now(facts)}
            watched = Watched(facts, around)
            around[PROFILE] = self._memory.concluded(
                PROFILE, watched, lambda: detect(watched.facts, self._node.profile)
            )
            self._seen = facts, watched
        return self._seen[1]
