"""The only module that knows threads: calls run off the GUI thread, one after the other in each queue."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, QThreadPool, QTimer, Signal, Slot
from shiboken6 import isValid

from checks.turn import first

Tell = Callable[[object], None]
"""Handed to a call: gives a value to `on_event` on the GUI thread, from any thread."""
SLICE_S = 0.008
"""How long what was told is delivered at a stretch."""
AT_ONCE = 32
"""Nodes read at the same time: each thread only waits for its node."""


def _ignore(_: object) -> None:
    return


@dataclass(slots=True, eq=False)
class Job:
    """One call in a queue. What becomes of it is told on the GUI thread, unless it was dropped before."""

    queue: str
    call: Callable[[Tell], object]
    on_done: Callable[[object], None]
    on_failed: Callable[[Exception], None]
    on_event: Callable[[object], None]
    owner: QObject | None = None
    is_dropped: bool = field(default=False, init=False)


class _Told(NamedTuple):
    job: Job
    kind: str
    value: object


class Background(QObject):
    """Several queues at once, one call of a queue at a time. `serial`: calls run at once on this thread (for tests)."""

    _called = Signal()
    """Something was told: `_drain` takes all of it on the GUI thread."""

    def __init__(self, parent: QObject | None = None, *, serial: bool = False, at_once: int = AT_ONCE) -> None:
        super().__init__(parent)
        self._serial = serial
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(at_once)
        self._waiting: dict[str, deque[Job]] = {}
        self._held: list[Job] | None = None
        self._told: deque[_Told] = deque()
        self._is_called = False
        self._called.connect(self._drain, Qt.ConnectionType.QueuedConnection)
        # A timer of its own: what is handed to `QTimer.singleShot(0, …)` is delivered before the window paints.
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(0)
        self._again.timeout.connect(self._drain)

    def start(
        self,
        queue: str,
        call: Callable[[Tell], object],
        on_done: Callable[[object], None] = _ignore,
        on_failed: Callable[[Exception], None] | None = None,
        on_event: Callable[[object], None] = _ignore,
        *,
        owner: QObject | None = None,
    ) -> Job:
        """Run `call` after everything that this queue holds already. GUI thread only.

        With an `owner`, nothing is told once Qt has deleted it: a window that was closed has nobody left to tell.
        """
        job = Job(queue, call, on_done, on_failed or _raise, on_event, owner)
        if self._serial:
            self._run_here(job)
            return job
        waiting = self._waiting.get(queue)
        if waiting is None:
            self._waiting[queue] = deque()
            self._run(job)
        else:
            waiting.append(job)
        return job

    def hold(self) -> None:
        """Begin nothing until `release`; what is started meanwhile waits, in order."""
        self._held = []

    def release(self, first: Callable[[], object], on_done: Callable[[object], None] = _ignore) -> None:
        """Run `first`, and when it has ended, however it ended, begin what was held."""

        def begin() -> None:
            held, self._held = self._held or [], None
            for job in held:
                self._begin(job)

        def done(value: object) -> None:
            begin()
            on_done(value)

        def failed(error: Exception) -> None:
            begin()
            raise error

        self._begin(Job("", lambda _: first(), done, failed, _ignore))

    def drop(self, job: Job) -> bool:
        """Take a call out that has not begun; answers whether that was still possible. Nothing of it is told any more."""
        waiting = self._waiting.get(job.queue)
        if self._held and job in self._held:
            self._held.remove(job)
            self._next(job.queue)
        elif waiting and job in waiting:
            waiting.remove(job)
        else:
            return False
        job.is_dropped = True
        return True

    def is_busy(self, queue: str) -> bool:
        """Whether a call of this queue runs or waits."""
        return queue in self._waiting

    def finish(self, timeout_ms: int) -> bool:
        """Forget what waits and give what runs this long to end. Answers whether everything has ended."""
        self._held = [] if self._held is not None else None
        for waiting in self._waiting.values():
            waiting.clear()
        return self._pool.waitForDone(timeout_ms)

    def _next(self, queue: str) -> None:
        """A call of this queue is over: the one after it begins."""
        waiting = self._waiting.get(queue)
        if waiting:
            self._run(waiting.popleft())
        else:
            self._waiting.pop(queue, None)

    def _run(self, job: Job) -> None:
        if self._held is None:
            self._begin(job)
        else:
            self._held.append(job)

    def _begin(self, job: Job) -> None:
        def work() -> None:
            try:
                value = job.call(lambda event: self._tell(_Told(job, "event", event)))
            except Exception as error:
                self._tell(_Told(job, "failed", error))
            else:
                self._tell(_Told(job, "done", value))

        self._pool.start(work)

    def _tell(self, told: _Told) -> None:
        """From any thread. One call wakes the GUI thread for all that is told meanwhile: each costs it its turn.

        Without a lock: a thread that lost its turn while holding it would stop all others, the GUI thread first.
        """
        self._told.append(told)
        if not self._is_called:
            self._is_called = True
            self._call()

    def _call(self) -> None:
        try:
            self._called.emit()
        except RuntimeError:
            return  # the window has gone and this object with it: nobody is left to tell

    @Slot()
    def _drain(self) -> None:
        with first():
            self._deliver_slice()

    def _deliver_slice(self) -> None:
        """In order, a slice at a time: between slices the window paints and listens."""
        until = time.monotonic() + SLICE_S
        self._is_called = False  # first of all: whoever tells something from here on calls again
        while self._told:
            if time.monotonic() > until:
                self._is_called = True
                self._again.start()
                return
            try:
                self._deliver(self._told.popleft())
            except Exception:
                self._call()
                raise

    def _run_here(self, job: Job) -> None:
        try:
            value = job.call(job.on_event)
        except Exception as error:
            job.on_failed(error)
        else:
            job.on_done(value)

    def _deliver(self, told: _Told) -> None:
        job = told.job
        heard = job.owner is None or isValid(job.owner)
        if told.kind == "event":
            if heard:
                job.on_event(told.value)
            return
        self._next(job.queue)
        if not heard:
            return
        if told.kind == "done":
            job.on_done(told.value)
        elif isinstance(told.value, Exception):
            job.on_failed(told.value)


def _raise(error: Exception) -> None:
    """Nobody expected this: it goes to the crash report."""
    raise error
