"""The changes of the journal as a list, newest first."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from checks.history import Change
from checks.plan import Outcome
from gui.change_words import ChangeWords
from gui.wording import Wording

Index = QModelIndex | QPersistentModelIndex

OUTCOME_ICONS = {
    Outcome.FIXED: "pass",
    Outcome.UNCHANGED: "pass",
    Outcome.UNDONE: "pass",
    Outcome.NOT_FIXED: "warn",
    Outcome.FAILED: "fail",
    Outcome.UNKNOWN: "unknown",
}
"""Shape of an outcome, and at the same time the name of its colour among the tokens."""


class HistoryRole(IntEnum):
    CHANGE = Qt.ItemDataRole.UserRole + 1
    LINE = Qt.ItemDataRole.UserRole + 2
    """Node, time and outcome."""
    ICON = Qt.ItemDataRole.UserRole + 3


def icon_of(change: Change) -> str:
    """An undone change is history: its shape says so, whatever it came to."""
    return "undo" if change.is_undone else OUTCOME_ICONS[change.receipt.outcome]


class HistoryModel(QAbstractListModel):
    def __init__(self, wording: Wording, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wording = wording
        self._words = ChangeWords(wording, self)
        self._changes: tuple[Change, ...] = ()

    def set_changes(self, changes: tuple[Change, ...]) -> None:
        if changes != self._changes:
            self.beginResetModel()
            self._changes = changes
            self.endResetModel()

    def index_of(self, receipt_id: str) -> QModelIndex:
        """The row of a change; an invalid index where there is none."""
        for row, change in enumerate(self._changes):
            if change.receipt.id == receipt_id:
                return self.index(row, 0)
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._changes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        change = self._changes[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._wording.fix_title(change.receipt.plan.fix)
            case HistoryRole.CHANGE:
                return change
            case HistoryRole.LINE:
                return self._words.line(change)
            case HistoryRole.ICON:
                return icon_of(change)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self._wording.fix_title(change.receipt.plan.fix)}, {self._words.line(change)}"
            case Qt.ItemDataRole.ToolTipRole:
                return self._wording.exact(change.receipt.finished)
            case _:
                return None
