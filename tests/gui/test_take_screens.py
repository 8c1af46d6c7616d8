"""The script that takes pictures still comes to every page and dialog; nobody looks at them here."""

from __future__ import annotations

from pathlib import Path

from closing import settle
from PySide6.QtWidgets import QApplication, QWidget
from studio import Studio
from take_screens import take_dialogs, take_pages

from gui.scheme import Scheme

PAGES = {"stale", "dead", "unreachable", "scanning", "comparing", "never", "stopped", "narrow", "smallest", "welcome"}
DIALOGS = {
    "site", "site-smallest", "site-unread", "history", "history-empty", "report", "help", "error", "crash", "node-add",
    "node-remove", "fix-set-choose", "fix-set-review", "fix-set-fixed", "fix-set-warned", "fix-set-failed",
    "fix-restart-review", "fix-remove-undone", "demo",
}  # fmt: skip


class Blind(Studio):
    """Notes what would be shot, and that it is there to be seen."""

    def __init__(self, app: QApplication, out: Path) -> None:
        super().__init__(app, out, Scheme.LIGHT, "en")
        self.names: set[str] = set()

    def shoot(self, widget: QWidget, name: str) -> None:
        assert widget.isVisible(), name
        self.app.processEvents()
        self.names.add(name)


def test_every_page_and_dialog_is_come_to(qapp: QApplication, tmp_path: Path) -> None:
    studio = Blind(qapp, tmp_path)
    take_pages(studio)
    take_dialogs(studio)
    settle()
    assert studio.names >= PAGES | DIALOGS
