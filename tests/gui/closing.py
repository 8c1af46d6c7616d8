"""How a window ends, and what it must not leave."""

from __future__ import annotations

import gc

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from shiboken6 import isValid

from gui.app import Parts


def settle() -> None:
    """Let everything that was handed to Qt for deletion go."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


def running_timers() -> list[QTimer]:
    return [one for one in gc.get_objects() if isinstance(one, QTimer) and isValid(one) and one.isActive()]


def close_parts(parts: Parts) -> None:
    """What the program does when its window is closed, and then the objects go."""
    parts.window.close()
    parts.close()
    parts.language.speak("en")
    parts.window.deleteLater()
    parts.fleet.deleteLater()
    parts.background.deleteLater()
    parts.theme.deleteLater()
    settle()
