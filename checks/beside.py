"""What a scan asks elsewhere than on its node: it runs beside the node's own probes and never holds them up.

Each question has a thread and a deadline of its own. What is late is a `Problem`, like all that could not be read.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks.errors import ToolError
from checks.facts import HyperVFacts, NodeFacts, NodePortFacts, Problem
from checks.node import Node

Answer = HyperVFacts | NodePortFacts | Problem
Ask = Callable[[], Answer]
GRACE_S = 2.0
"""Beyond a question's own deadline, which it keeps by itself: for what hangs in the operating system."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A question that no script on the node answers."""

    field: str
    """Of `NodeFacts`."""
    needs: tuple[str, ...]
    """Records that must be there before it can be asked."""
    prepare: Callable[[NodeFacts, Node], Ask | Problem]
    """The call that waits for the answer, or why it is not asked."""
    seconds: float


class Beside:
    """The questions of one scan. One thread calls; each question has its own."""

    def __init__(self, asides: Sequence[Aside], node: Node) -> None:
        self._left = {one.field: one for one in asides}
        self._node = node
        self._until: dict[str, float] = {}
        self._answers: queue.SimpleQueue[tuple[str, Answer]] = queue.SimpleQueue()

    def begin(self, facts: NodeFacts, answered: set[str]) -> Mapping[str, Problem]:
        """Ask what can be asked now; answers what is not asked, and why."""
        refused: dict[str, Problem] = {}
        for aside in tuple(self._left.values()):
            if not answered.issuperset(aside.needs):
                continue
            del self._left[aside.field]
            prepared = aside.prepare(facts, self._node)
            if isinstance(prepared, Problem):
                refused[aside.field] = prepared
                continue
            self._until[aside.field] = time.monotonic() + aside.seconds + GRACE_S
            threading.Thread(target=self._run, args=(aside.field, prepared), daemon=True).start()
        return refused

    def _run(self, field: str, ask: Ask) -> None:
        try:
            answer = ask()
        except ToolError as error:
            answer = Problem(field, error.detail or str(error), error.code)
        except Exception as error:  # a thread that dies would leave the scan waiting
            answer = Problem(field, type(error).__name__, "unexpected")
        self._answers.put((field, answer))

    def here(self) -> Iterator[tuple[str, Answer]]:
        """What has been answered since the last call."""
        while not self._answers.empty():
            field, answer = self._answers.get()
            if self._until.pop(field, None) is not None:
                yield field, answer

    def rest(self, stop: threading.Event | None) -> Iterator[tuple[str, Answer]]:
        """Wait for the others, each as long as it may take; ends early where somebody asked to stop."""
        while self._until and not (stop is not None and stop.is_set()):
            left = min(self._until.values()) - time.monotonic()
            if left <= 0:
                yield from self._overdue()
                continue
            try:
                field, answer = self._answers.get(timeout=min(left, 0.1))
            except queue.Empty:
                continue
            if self._until.pop(field, None) is not None:
                yield field, answer

    def _overdue(self) -> Iterator[tuple[str, Answer]]:
        now = time.monotonic()
        for field in [field for field, until in self._until.items() if until <= now]:
            del self._until[field]
            yield field, Problem(field, "no answer in time", "deadline")
