"""Where pictures of windows are taken: shown, settled, and saved."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from gui.main_window import MainWindow
from gui.scheme import Scheme

LIMIT_S = 30.0


class Studio:
    def __init__(self, app: QApplication, out: Path, scheme: Scheme, language: str) -> None:
        self.app = app
        self.out = out
        self.scheme = scheme
        self.language = language

    def shoot(self, widget: QWidget, name: str) -> None:
        if isinstance(widget, MainWindow):
            self.wait(lambda: widget.workplace.is_settled)
        for _ in range(10):  # wrapped text and the rows around it settle one after the other
            self.app.processEvents()
            time.sleep(0.003)
        widget.grab().save(str(self.out / f"{name}-{self.scheme.value}.png"))

    def wait(self, done: Callable[[], bool]) -> None:
        until = time.monotonic() + LIMIT_S
        while not done():
            if time.monotonic() > until:
                raise TimeoutError
            self.app.processEvents()
            time.sleep(0.005)
