"""The search field above: what is typed there narrows the list of nodes and the checklist."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Slot

from gui.actions import Actions
from gui.checklist_page import ChecklistPage
from gui.filter_kind import Filter
from gui.node_list import NodeList
from gui.top_bar import TopBar


class Finder(QObject):
    def __init__(
        self, top: TopBar, nodes: NodeList, checklist: ChecklistPage, actions: Actions, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._field = top.search
        self._nodes = nodes
        self._checklist = checklist
        self._field.textChanged.connect(self._find)
        self._field.left.connect(self._leave)
        actions["find"].triggered.connect(lambda: self._start())
        actions["clear_find"].triggered.connect(lambda: self._clear())

    @Slot(str)
    def _find(self, text: str) -> None:
        """Narrow both lists; a list in which nothing matches stays whole as long as the other has something."""
        nodes = self._nodes.narrow(text)
        self._checklist.set_text(text)
        if nodes and not self._checklist.shows_rows:
            self._checklist.set_text("")
        self._nodes.choose_shown()
        if not self._checklist.current_check:
            self._checklist.select_check(self._checklist.worst_check())

    def _start(self) -> None:
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    @Slot()
    def _leave(self) -> None:
        self._checklist.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clear(self) -> None:
        self._field.clear()
        self._checklist.choose(Filter.ALL)
