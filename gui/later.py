"""Work of the window that may wait a moment: one call an event, so that between two of them it paints and listens."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from checks.turn import first


class Later(QObject):
    """Calls in the order in which they were asked for. Asked for again before its turn, a call still comes once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._calls: list[Callable[[], object]] = []
        # A timer of its own: calls handed to `QTimer.singleShot(0, …)` are all delivered in one go.
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._next)

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits for its turn."""
        return not self._calls

    def ask(self, call: Callable[[], object]) -> None:
        """Call this after everything that waits already."""
        if call not in self._calls:
            self._calls.append(call)
            self._timer.start()

    def settle(self) -> None:
        """Call everything that waits now; for whoever needs what comes of it."""
        while self._calls:
            self._next()

    @Slot()
    def _next(self) -> None:
        call = self._calls.pop(0)
        if not self._calls:
            self._timer.stop()
        with first():
            call()
