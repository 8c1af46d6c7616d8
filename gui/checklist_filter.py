"""Which rows of the checklist are shown: all, one kind of verdict, those with a fix; and those that hold a text."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from checks.finding import Finding, Verdict
from gui.checklist_model import ChecklistModel, CheckRole, is_fixable
from gui.state import NodeState


class Filter(StrEnum):
    ALL = "all"
    FAILS = "fails"
    WARNINGS = "warnings"
    UNKNOWN = "unknown"
    FIXABLE = "fixable"


_VERDICTS = {Filter.FAILS: Verdict.FAIL, Filter.WARNINGS: Verdict.WARN, Filter.UNKNOWN: Verdict.UNKNOWN}


def accepts(chosen: Filter, finding: Finding | None) -> bool:
    """Whether a row with this finding belongs to the filter; a row without one belongs to all only."""
    if chosen is Filter.ALL:
        return True
    if chosen is Filter.FIXABLE:
        return is_fixable(finding)
    return finding is not None and finding.verdict is _VERDICTS[chosen]


def amount(chosen: Filter, state: NodeState) -> int:
    """The number on the filter's button. A consequence is not counted as a second fault."""
    if chosen is Filter.ALL:
        return len({finding.check for finding in state.findings} | state.pending)
    if chosen is Filter.FIXABLE:
        return sum(is_fixable(finding) for finding in state.findings)
    return state.count(_VERDICTS[chosen])


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
