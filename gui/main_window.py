"""The window itself: frame, place and size. It is on the screen before what fills it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QMainWindow

from checks.turn import first

if TYPE_CHECKING:
    from gui.workplace import Workplace

SETTINGS = "window.ini"
"""File in the person's folder: what the window looked like and where it stood."""
WIDTH, HEIGHT = 1280, 800
"""Size in device-independent pixels before a person chose another."""
WHOLE = (QEvent.Type.UpdateRequest, QEvent.Type.LayoutRequest)
"""What comes to the window once for all its parts."""


class MainWindow(QMainWindow):
    """Everything that its users mean by the window is its `workplace`."""

    appeared = Signal()
    """It is on the screen, though empty: what fills it may be loaded now."""

    workplace: Workplace
    """Since `fill`."""

    def __init__(self, settings: QSettings | None) -> None:
        """Stands where it stood last time, in the colour it had; without `settings`, in the middle and in the system's."""
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("Nodepane")
        self._settings = settings
        self._has_appeared = False
        geometry = settings.value("window/geometry") if settings else None
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(WIDTH, HEIGHT)
        ground = settings.value("window/ground") if settings else None
        self._ground = QColor(str(ground)) if ground else None

    def fill(self, workplace: Workplace) -> None:
        """Once."""
        self.workplace = workplace
        self._ground = None
        self.setMinimumSize(workplace.minimumSize())
        self.setCentralWidget(workplace)
        if self.isVisible():
            # Else it is painted once before texts have told how high they are.
            workplace.show()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # type: ignore[call-overload] None: to all

    def event(self, event: QEvent) -> bool:
        if event.type() not in WHOLE:
            return super().event(event)
        with first():  # every part paints in it, and each would wait for the threads that read nodes
            return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._ground is None:
            super().paintEvent(event)
        else:
            QPainter(self).fillRect(event.rect(), self._ground)
        if not self._has_appeared:
            self._has_appeared = True
            QTimer.singleShot(0, self, self.appeared.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.centralWidget() is not None:
            self.workplace.leave()
            if self._settings is not None:
                self._settings.setValue("window/geometry", self.saveGeometry())
                self._settings.setValue("window/ground", self.workplace.ground)
        super().closeEvent(event)
