"""Names of nodes whose states have changed, gathered for a moment: many at once must not flood the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

GATHER_MS = 30
"""What changes within this time is told together."""
AT_ONCE = 40
"""Names that are told together at most: the window has other things to do than to take them in."""


class Gatherer(QObject):
    def __init__(self, tell: Callable[[tuple[str, ...]], None], parent: QObject) -> None:
        """`tell` is called with each name once, in the order in which they came."""
        super().__init__(parent)
        self._tell = tell
        self._names: dict[str, None] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER_MS)
        self._timer.timeout.connect(self._on_time)

    def add(self, name: str) -> None:
        self._names[name] = None
        if not self._timer.isActive():
            self._timer.start()

    def clear(self) -> None:
        """What was gathered so far is told in another way."""
        self._names.clear()

    @Slot()
    def _on_time(self) -> None:
        names = tuple(self._names)[:AT_ONCE]
        for name in names:
            del self._names[name]
        if self._names:
            self._timer.start()
        self._tell(names)
