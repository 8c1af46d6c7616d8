"""Which nodes are shown: those whose name, address or group holds a text."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel

from gui.node_list_model import NodeListModel, NodeRole
from gui.state import NodeState


class NodeFilter(QSortFilterProxyModel):
    """Groups show while one of their nodes does."""

    def __init__(self, source: NodeListModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setRecursiveFilteringEnabled(True)
        self.setSourceModel(source)

    def set_text(self, text: str) -> None:
        self.beginFilterChange()
        self._text = text.strip().casefold()
        self.endFilterChange()

    def matches(self, state: NodeState, text: str) -> bool:
        node = state.node
        return any(text in part.casefold() for part in (node.name, node.address, node.group))

    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        if not parent.isValid():
            return False
        if not self._text:
            return True
        state = self.sourceModel().index(row, 0, parent).data(NodeRole.STATE)
        return isinstance(state, NodeState) and self.matches(state, self._text)

    def index_of(self, name: str) -> QModelIndex:
        source = self.sourceModel()
        assert isinstance(source, NodeListModel)
        return self.mapFromSource(source.index_of(name))
