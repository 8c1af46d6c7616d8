"""When Python looks for garbage: never for long while nodes are read."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

from checks.garbage import THRESHOLDS
from gui.fleet_view import FleetView
from gui.state import BUSY

IDLE_MS = 60_000


class Sweeper(QObject):
    """Looks through everything once after scans, when nothing is being read any more. Holds from start to `close`."""

    def __init__(self, fleet: FleetView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fleet = fleet
        self._before = gc.get_threshold()
        gc.set_threshold(*THRESHOLDS)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(IDLE_MS)
        self._timer.timeout.connect(self._sweep)
        fleet.states_changed.connect(self._timer.start)

    def set_aside(self) -> None:
        """What is there now stays until the end: it need not be looked at again."""
        gc.freeze()

    @Slot()
    def _sweep(self) -> None:
        if any(state.phase in BUSY for state in self._fleet.states()):
            self._timer.start()
        else:
            gc.collect()

    def close(self) -> None:
        """As it was before."""
        self._timer.stop()
        gc.unfreeze()
        gc.set_threshold(*self._before)
