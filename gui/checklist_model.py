"""One node's findings as a tree: areas, and below each its rows with consequences under their cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from checks.finding import Area, Finding, Verdict
from gui.copied import row_text
from gui.filter_kind import is_fixable
from gui.row_flags import HEADING, ROW
from gui.state import BUSY, NodeState
from gui.wording import Wording

Index = QModelIndex | QPersistentModelIndex
AREAS = tuple(Area)


class CheckRole(IntEnum):
    FINDING = Qt.ItemDataRole.UserRole + 1
    """`Finding`, or None while nothing is known yet."""
    CHECK = Qt.ItemDataRole.UserRole + 2
    """The check's id; empty for an area."""
    PENDING = Qt.ItemDataRole.UserRole + 3
    """The running scan has not judged it yet."""
    VALUE = Qt.ItemDataRole.UserRole + 4
    """The one value that decides."""
    SHOWN = Qt.ItemDataRole.UserRole + 5
    """All that is painted of a row, as one `Shown`; None for an area."""


class Shown(NamedTuple):
    """A row as it is painted: words instead of codes."""

    title: str
    value: str
    cause: str
    verdict: Verdict | None
    """None while it is not known, or no longer."""
    depth: int
    is_fixable: bool
    is_quiet: bool
    """It does not apply to this node."""


@dataclass(frozen=True, slots=True)
class Row:
    check: str
    finding: Finding | None
    pending: bool
    depth: int = 0


class ChecklistModel(QAbstractItemModel):
    """Rows keep their places while a scan fills them; once it is over, the worst goes first in each area."""

    def __init__(self, wording: Wording, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wording = wording
        self._state: NodeState | None = None
        self._areas: list[list[Row]] = [[] for _ in AREAS]
        self._shown: dict[str, tuple[Row, Shown]] = {}
        """By check: it is asked for with each painting and each layout."""

    @property
    def state(self) -> NodeState | None:
        return self._state

    @Slot(object)
    def set_state(self, state: NodeState | None) -> None:
        """Show this node. The same node's next state changes only what differs; another node is a new list."""
        same = self._state is not None and state is not None and self._state.node.name == state.node.name
        self._state = state
        if not same or state is None:
            self._shown.clear()
            self.beginResetModel()
            self._areas = self._settled(state) if state else [[] for _ in AREAS]
            self.endResetModel()
            return
        self._update(state)

    def _update(self, state: NodeState) -> None:
        self._drop_gone({row.check for row in self._rows_of(state)})
        self._insert_new(state)
        self._refresh({row.check: row for row in self._rows_of(state)})
        if state.phase not in BUSY:
            self._settle(state)

    def _rows_of(self, state: NodeState) -> list[Row]:
        """Every check of this state in the order of the catalogue, without places."""
        rows = {
            finding.check: Row(finding.check, finding, finding.check in state.pending) for finding in state.findings
        }
        for check in state.pending:
            rows.setdefault(check, Row(check, None, True))
        return sorted(rows.values(), key=lambda row: self._place(row.check))

    def _place(self, check: str) -> tuple[int, int, str]:
        words = self._wording.catalogue.checks.get(check)
        return (AREAS.index(words.area), words.order, check) if words else (len(AREAS) - 1, 1000, check)

    def _settled(self, state: NodeState) -> list[list[Row]]:
        """Worst first in each area, each consequence under its cause, wherever the cause stands."""
        rows = {row.check: row for row in self._rows_of(state)}
        followers: dict[str, list[Row]] = {}
        roots: list[Row] = []
        for row in rows.values():
            cause = row.finding.cause if row.finding else ""
            if cause in rows and cause != row.check:
                followers.setdefault(cause, []).append(row)
            else:
                roots.append(row)
        areas: list[list[Row]] = [[] for _ in AREAS]
        for root in self._worst_first(roots):
            self._lay(root, 0, followers, areas[self._place(root.check)[0]])
        return areas

    def _lay(self, row: Row, depth: int, followers: dict[str, list[Row]], into: list[Row]) -> None:
        into.append(Row(row.check, row.finding, row.pending, depth))
        for follower in self._worst_first(followers.pop(row.check, [])):
            self._lay(follower, depth + 1, followers, into)

    def _worst_first(self, rows: Iterable[Row]) -> list[Row]:
        def key(row: Row) -> tuple[int, tuple[int, int, str]]:
            return (row.finding.verdict.rank if row.finding else len(Verdict), self._place(row.check))

        return sorted(rows, key=key)

    # Small steps from one state to the next

    def _drop_gone(self, there: set[str]) -> None:
        for area, rows in enumerate(self._areas):
            for row in reversed(range(len(rows))):
                if rows[row].check not in there:
                    self.beginRemoveRows(self.index(area, 0), row, row)
                    del rows[row]
                    self.endRemoveRows()

    def _insert_new(self, state: NodeState) -> None:
        shown = {row.check for rows in self._areas for row in rows}
        missing = [row for row in self._rows_of(state) if row.check not in shown]
        for area, rows in enumerate(self._areas):
            first = [row for row in missing if self._place(row.check)[0] == area]
            if first and not rows:  # all at once: the view lays out anew for each insertion
                self.beginInsertRows(self.index(area, 0), 0, len(first) - 1)
                rows.extend(first)
                self.endInsertRows()
                missing = [row for row in missing if row not in first]
        for new in missing:
            place = self._place(new.check)
            rows = self._areas[place[0]]
            at = next((i for i, row in enumerate(rows) if row.depth == 0 and self._place(row.check) > place), len(rows))
            self.beginInsertRows(self.index(place[0], 0), at, at)
            rows.insert(at, new)
            self.endInsertRows()

    def _refresh(self, now: dict[str, Row]) -> None:
        for area, rows in enumerate(self._areas):
            for number, old in enumerate(rows):
                new = Row(old.check, now[old.check].finding, now[old.check].pending, old.depth)
                if new != old:
                    rows[number] = new
                    index = self.createIndex(number, 0, area + 1)
                    self.dataChanged.emit(index, index)

    def _settle(self, state: NodeState) -> None:
        areas = self._settled(state)
        if areas == self._areas:
            return
        self.layoutAboutToBeChanged.emit()
        places = {row.check: (area, at) for area, rows in enumerate(areas) for at, row in enumerate(rows)}
        old = [index for index in self.persistentIndexList() if index.internalId() > 0]
        new: list[QModelIndex] = []
        for index in old:
            area, at = places[self._areas[index.internalId() - 1][index.row()].check]
            new.append(self.createIndex(at, index.column(), area + 1))
        self._areas = areas
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def index_of(self, check: str) -> QModelIndex:
        """The row of a check; an invalid index where there is none."""
        for area, rows in enumerate(self._areas):
            for number, row in enumerate(rows):
                if row.check == check:
                    return self.createIndex(number, 0, area + 1)
        return QModelIndex()

    def total(self) -> int:
        """All rows, consequences and those still to come included."""
        return sum(len(rows) for rows in self._areas)

    # QAbstractItemModel

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        if column != 0 or not 0 <= row < self.rowCount(parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        if not index.isValid() or index.internalId() == 0:
            return QModelIndex()
        return self.createIndex(index.internalId() - 1, 0, 0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if not parent.isValid():
            return len(AREAS)
        if parent.internalId() == 0 and parent.column() == 0:
            return len(self._areas[parent.row()])
        return 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or index.internalId() == 0:
            return HEADING
        return ROW

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if index.internalId() == 0:
            shown = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return self._wording.area(AREAS[index.row()]) if shown else None
        return self._row_data(self._areas[index.internalId() - 1][index.row()], role)

    def _row_data(self, row: Row, role: int) -> object:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._wording.title(row.check)
            case CheckRole.FINDING:
                return row.finding
            case CheckRole.CHECK:
                return row.check
            case CheckRole.PENDING:
                return row.pending
            case CheckRole.VALUE:
                return self._wording.summary(row.finding) if row.finding else ""
            case CheckRole.SHOWN:
                return self._shown_of(row)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tool_tip(row)
            case _:
                return None

    def _shown_of(self, row: Row) -> Shown:
        known = self._shown.get(row.check)
        if known is None or known[0] is not row:
            finding = row.finding
            shown = Shown(
                title=self._wording.title(row.check),
                value=self._wording.summary(finding) if finding else "",
                cause=self._cause(row),
                verdict=finding.verdict if finding and not row.pending else None,
                depth=row.depth,
                is_fixable=is_fixable(finding),
                is_quiet=finding is not None and finding.verdict is Verdict.NOT_APPLICABLE,
            )
            known = self._shown[row.check] = row, shown
        return known[1]

    def _cause(self, row: Row) -> str:
        if row.finding is None or not row.finding.cause:
            return ""
        return self.tr("follows from: {cause}").format(cause=self._wording.title(row.finding.cause))

    def _spoken(self, row: Row) -> str:
        verdict = self.tr("checking") if row.pending or not row.finding else self._wording.verdict(row.finding.verdict)
        parts = [verdict, self._wording.title(row.check)]
        if row.finding:
            parts += [self._wording.summary(row.finding), self._cause(row)]
        if is_fixable(row.finding):
            parts.append(self.tr("can be fixed"))
        return ", ".join(part for part in parts if part)

    def _tool_tip(self, row: Row) -> str:
        if row.finding is None:
            return self.tr("Not answered yet")
        return "\n".join(part for part in (row_text(self._wording, row.finding), self._cause(row)) if part)
