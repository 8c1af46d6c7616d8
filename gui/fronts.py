"""The window and its desk, and the pair that takes their place in another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from gui.main_window import MainWindow

if TYPE_CHECKING:
    from gui.desk import Desk


class Fronts:
    """Builds the window and its desk; a new pair takes the place of the old one when the language changes."""

    def __init__(
        self,
        fill: Callable[[MainWindow | None], MainWindow],
        make_desk: Callable[[MainWindow], Desk],
        spoken: Callable[[], str],
        speak: Callable[[str], None],
        empty: MainWindow | None,
    ) -> None:
        """`empty`: the first window, where it is on the screen already; `fill` makes one where there is none.

        `spoken` and `speak`: the language's two letters.
        """
        self._fill = fill
        self._make_desk = make_desk
        self._spoken = spoken
        self._speak = speak
        self._desk: Desk | None = None
        self.window = self._filled(empty)

    def _filled(self, empty: MainWindow | None) -> MainWindow:
        window = self._fill(empty)
        place = window.workplace
        # Queued: the window that asks is gone afterwards.
        place.language_chosen.connect(self.change, Qt.ConnectionType.QueuedConnection)
        # Through `desk`: an order that comes before there is one makes it.
        place.orders.fix_requested.connect(lambda node, fix: self.desk.open_fix(node, fix))
        place.orders.undo_requested.connect(lambda node: self.desk.open_undo(node))
        place.orders.site_requested.connect(lambda node: self.desk.open_site(node))
        place.orders.edit_node_requested.connect(lambda node: self.desk.nodes.edit(node))
        place.orders.remove_node_requested.connect(lambda node: self.desk.nodes.remove(node))
        place.orders.add_node_requested.connect(lambda: self.desk.nodes.add())
        place.orders.import_requested.connect(lambda: self.desk.nodes.choose_import())
        place.orders.history_requested.connect(lambda: self.desk.open_history())
        place.orders.report_requested.connect(lambda: self.desk.open_report())
        place.orders.help_requested.connect(lambda: self.desk.open_help())
        return window

    @property
    def desk(self) -> Desk:
        if self._desk is None:
            self._desk = self._make_desk(self.window)
        return self._desk

    def change(self, code: str) -> None:
        """The same window in another language: node, check, place and size stay. Not while a change runs on a node."""
        if code == self._spoken():
            return
        old = self.window
        if self.desk.is_changing:
            self.desk.tell_busy()
            return
        place = old.workplace
        node, check = place.current_node, place.checklist.current_check
        self._speak(code)
        self.window = self._filled(None)
        self._desk = self._make_desk(self.window)
        self.window.restoreGeometry(old.saveGeometry())
        self.window.workplace.select_node(node)
        self.window.workplace.select_check(check)
        self.window.show()
        old.close()
        old.deleteLater()
