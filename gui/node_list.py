"""The list of nodes: its rows, what of them is shown, which one is chosen, and its menu."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from gui.actions import Actions
from gui.icons import Icons
from gui.node_filter import NodeFilter
from gui.node_list_delegate import NodeListDelegate
from gui.node_list_model import NodeListModel, NodeRole
from gui.row_view import RowView
from gui.state import NodeState
from gui.theme import Theme
from gui.wording import Wording

MENU = ("scan_node", "cancel_node", "node_site", "undo_last", "edit_node", "remove_node", "copy_address")


class NodeList(RowView):
    """Groups with their nodes; one node is chosen, where there are any."""

    node_chosen = Signal(str)
    """Node name; another one than before."""

    def __init__(
        self, wording: Wording, icons: Icons, theme: Theme, actions: Actions, parent: QWidget | None = None
    ) -> None:
        self._model = NodeListModel(wording)
        self._filter = NodeFilter(self._model)
        super().__init__(self._filter, NodeListDelegate(theme, icons), parent)
        for one in (self._model, self._filter, self.itemDelegate()):
            one.setParent(self)
        self._actions = actions
        self.current_node = ""
        """Its name; it stays chosen while a search hides it."""
        self.setAccessibleName(self.tr("Nodes"))
        self.current_changed.connect(self._on_current)
        self.customContextMenuRequested.connect(self._on_menu)

    def set_states(self, states: tuple[NodeState, ...]) -> None:
        """These nodes and no others."""
        self._model.set_states(states)
        if all(state.node.name != self.current_node for state in states):
            self.current_node = ""
            self.choose_first()

    def set_some(self, states: tuple[NodeState, ...]) -> None:
        """What has changed of nodes that are there."""
        self._model.set_some(states)

    def refresh_words(self) -> None:
        self._model.refresh_words()

    def choose(self, name: str) -> None:
        """Make this node the chosen one."""
        self.select_row(self._filter.index_of(name))

    def choose_first(self) -> None:
        for group in range(self._filter.rowCount()):
            parent = self._filter.index(group, 0)
            if self._filter.rowCount(parent):
                self.select_row(self._filter.index(0, 0, parent))
                return

    def narrow(self, text: str) -> bool:
        """Show only nodes with this text; where there is none, all of them. Answers whether there is one."""
        wanted = text.strip().casefold()
        found = self._model.holds(lambda state: self._filter.matches(state, wanted))
        self._filter.set_text(text if found else "")
        return found

    def choose_shown(self) -> None:
        """The chosen node again, or the first one where that is hidden."""
        if self.current_node and not self._filter.index_of(self.current_node).isValid():
            self.choose_first()
        elif self.current_node:
            self.choose(self.current_node)

    @Slot()
    def _on_current(self) -> None:
        name = str(self.currentIndex().data(NodeRole.NAME) or "")
        if name and name != self.current_node:
            self.current_node = name
            self.node_chosen.emit(name)

    @Slot(QPoint)
    def _on_menu(self, at: QPoint) -> None:
        if not self.indexAt(at).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in MENU:
            menu.addAction(self._actions[name])
        menu.popup(self.viewport().mapToGlobal(at))
