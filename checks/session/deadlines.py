"""Deadlines, all watched by one thread: one of its own for each would cost a scan as much as a message to its node."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import threading
import time
from collections.abc import Callable

LINGER_S = 1.0
"""So long after the last deadline the thread ends."""


class Deadline:
    """Something that happens unless it is cancelled before."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], object]) -> None:
        self._call: Callable[[], object] | None = call

    @property
    def is_over(self) -> bool:
        return self._call is None

    def cancel(self) -> None:
        """It won't happen, where it is not happening already. Lets go of all that it holds."""
        self._call = None

    def happen(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            with contextlib.suppress(Exception):  # the thread is there for others, too
                call()


class _Watch:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, Deadline]] = []
        self._number = itertools.count()
        self._is_running = False

    def add(self, when: float, deadline: Deadline) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (when, next(self._number), deadline))
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="deadlines", daemon=True).start()
            elif self._waiting[0][2] is deadline:
                self._changed.notify()

    def _run(self) -> None:
        while due := self._next():
            for one in due:
                one.happen()

    def _next(self) -> list[Deadline]:
        """Wait for the next that is due; none where nothing waits any more."""
        with self._changed:
            while True:
                self._waiting = [one for one in self._waiting if not one[2].is_over]
                heapq.heapify(self._waiting)
                if not self._waiting:
                    self._is_running = False
                    return []
                left = self._waiting[0][0] - time.monotonic()
                if left <= 0:
                    return [heapq.heappop(self._waiting)[2]]
                self._changed.wait(min(left, LINGER_S))


_watch = _Watch()


def after(seconds: float, call: Callable[[], object]) -> Deadline:
    """Let something short happen in so many seconds, in another thread."""
    deadline = Deadline(call)
    _watch.add(time.monotonic() + seconds, deadline)
    return deadline
