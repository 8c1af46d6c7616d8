"""Which rows of the checklist are shown: those of the chosen kind that hold a text."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from gui.checklist_model import ChecklistModel, CheckRole
from gui.filter_kind import Filter, accepts


class ChecklistFilter(QSortFilterProxyModel):
    """Areas show while one of their rows does."""

    def __init__(self, source: ChecklistModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._filter = Filter.ALL
        self._text = ""
        self.setRecursiveFilteringEnabled(True)
        self.setSourceModel(source)

    @property
    def chosen(self) -> Filter:
        return self._filter

    def choose(self, chosen: Filter) -> None:
        self.beginFilterChange()
        self._filter = chosen
        self.endFilterChange()

    def set_text(self, text: str) -> None:
        self.beginFilterChange()
        self._text = text.strip().casefold()
        self.endFilterChange()

    @property
    def text(self) -> str:
        return self._text

    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        if not parent.isValid():
            return False
        index = self.sourceModel().index(row, 0, parent)
        if not accepts(self._filter, index.data(CheckRole.FINDING)):
            return False
        return not self._text or any(
            self._text in str(index.data(role) or "").casefold()
            for role in (Qt.ItemDataRole.DisplayRole, CheckRole.CHECK, CheckRole.VALUE)
        )

    def index_of(self, check: str) -> QModelIndex:
        source = self.sourceModel()
        assert isinstance(source, ChecklistModel)
        return self.mapFromSource(source.index_of(check))
