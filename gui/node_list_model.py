"""Groups and their nodes, each with its worst verdict and its counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from checks.finding import Verdict
from gui.row_flags import HEADING, ROW
from gui.state import BUSY, NodeState
from gui.wording import Wording

Index = QModelIndex | QPersistentModelIndex


class NodeRole(IntEnum):
    STATE = Qt.ItemDataRole.UserRole + 1
    """`NodeState`; None for a group."""
    LINE = Qt.ItemDataRole.UserRole + 2
    """The second line: address and a word on it."""
    BUSY = Qt.ItemDataRole.UserRole + 3
    NAME = Qt.ItemDataRole.UserRole + 4


@dataclass(slots=True)
class _Group:
    id: int
    name: str
    states: list[NodeState] = field(default_factory=list[NodeState])


def _rank(state: NodeState) -> int:
    """Worst first; nodes of which nothing is known yet stand last."""
    return state.worst.rank if state.worst else len(Verdict)


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each stretch of rows without a gap; `rows` in order."""
    start = 0
    for at, row in enumerate(rows):
        if at + 1 == len(rows) or rows[at + 1] != row + 1:
            yield rows[start], row
            start = at + 1


class NodeListModel(QAbstractItemModel):
    """Two levels. The worst stands first in its group, but only while nothing is being scanned: rows do not jump."""

    def __init__(self, wording: Wording, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wording = wording
        self._ids = count(1)
        self._groups: list[_Group] = []
        self._order: dict[str, int] = {}

    # What is shown

    @Slot(object)
    def set_states(self, states: tuple[NodeState, ...]) -> None:
        """All nodes anew, in the order of the node list. Nodes and groups that stay keep their rows."""
        self._order = {state.node.name: place for place, state in enumerate(states)}
        wanted: dict[str, list[NodeState]] = {}
        for state in states:
            wanted.setdefault(state.node.group, []).append(state)
        for row in reversed(range(len(self._groups))):
            if self._groups[row].name not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._groups[row]
                self.endRemoveRows()
        for name, members in wanted.items():
            group = next((group for group in self._groups if group.name == name), None)
            if group is None:
                row = len(self._groups)
                self.beginInsertRows(QModelIndex(), row, row)
                group = _Group(next(self._ids), name)
                self._groups.append(group)
                self.endInsertRows()
            self._fill(group, members)
        self.settle()

    def _fill(self, group: _Group, members: list[NodeState]) -> None:
        parent = self._group_index(group)
        names = {state.node.name for state in members}
        for row in reversed(range(len(group.states))):
            if group.states[row].node.name not in names:
                self.beginRemoveRows(parent, row, row)
                del group.states[row]
                self.endRemoveRows()
        there = {state.node.name for state in group.states}
        new = [state for state in members if state.node.name not in there]
        if new:
            first = len(group.states)
            self.beginInsertRows(parent, first, first + len(new) - 1)
            group.states.extend(new)
            self.endInsertRows()
        for state in members:
            self.set_state(state, settle=False)
        self.dataChanged.emit(parent, parent)

    def set_some(self, states: Sequence[NodeState]) -> None:
        """Several nodes' new states; rows that stand together are told of together."""
        new = {state.node.name: state for state in states}
        for group in self._groups:
            rows = [row for row, old in enumerate(group.states) if new.get(old.node.name, old) is not old]
            for row in rows:
                group.states[row] = new[group.states[row].node.name]
            for first, last in _runs(rows):
                self.dataChanged.emit(self.createIndex(first, 0, group.id), self.createIndex(last, 0, group.id))
        self.settle()

    @Slot(object)
    def set_state(self, state: NodeState, *, settle: bool = True) -> None:
        """One node's new state."""
        index = self.index_of(state.node.name)
        if not index.isValid():
            return
        group = self._group_of(index.internalId())
        if group.states[index.row()] is not state:
            group.states[index.row()] = state
            self.dataChanged.emit(index, index)
        if settle:
            self.settle()

    def settle(self) -> None:
        """Put the worst first, unless a node is being scanned."""
        if any(state.phase in BUSY for group in self._groups for state in group.states):
            return
        ranked = {group.id: self._ranked(group) for group in self._groups}
        if any([*map(id, ranked[group.id])] != [*map(id, group.states)] for group in self._groups):
            # All groups in one go: the view lays out anew each time.
            self.layoutAboutToBeChanged.emit()
            for group in self._groups:
                self._reorder(group, ranked[group.id])
            self.layoutChanged.emit()

    def _ranked(self, group: _Group) -> list[NodeState]:
        return sorted(group.states, key=lambda state: (_rank(state), self._order.get(state.node.name, 0)))

    def _reorder(self, group: _Group, ranked: list[NodeState]) -> None:
        rows = {state.node.name: row for row, state in enumerate(ranked)}
        old = [index for index in self.persistentIndexList() if index.internalId() == group.id]
        new = [self.createIndex(rows[group.states[i.row()].node.name], i.column(), group.id) for i in old]
        group.states = ranked
        self.changePersistentIndexList(old, new)

    def holds(self, wanted: Callable[[NodeState], bool]) -> bool:
        """Whether one of the nodes is such a one."""
        return any(wanted(state) for group in self._groups for state in group.states)

    def index_of(self, name: str) -> QModelIndex:
        """The row of a node; an invalid index where there is none."""
        for group in self._groups:
            for row, state in enumerate(group.states):
                if state.node.name == name:
                    return self.createIndex(row, 0, group.id)
        return QModelIndex()

    def refresh_words(self) -> None:
        """Language or theme changed: everything is to be painted anew."""
        for group in self._groups:
            parent = self._group_index(group)
            self.dataChanged.emit(parent, parent)
            if group.states:
                self.dataChanged.emit(self.index(0, 0, parent), self.index(len(group.states) - 1, 0, parent))

    # QAbstractItemModel

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        if column != 0 or not 0 <= row < self.rowCount(parent):
            return QModelIndex()
        if not parent.isValid():
            return self.createIndex(row, column, 0)
        return self.createIndex(row, column, self._groups[parent.row()].id)

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        if not index.isValid() or index.internalId() == 0:
            return QModelIndex()
        return self._group_index(self._group_of(index.internalId()))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if not parent.isValid():
            return len(self._groups)
        if parent.internalId() == 0 and parent.column() == 0:
            return len(self._groups[parent.row()].states)
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
            return self._group_data(self._groups[index.row()], role)
        return self._node_data(self._group_of(index.internalId()).states[index.row()], role)

    def _group_data(self, group: _Group, role: int) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{self._wording.group(group.name)} — {self._wording.nodes(len(group.states))}"
        return None

    def _node_data(self, state: NodeState, role: int) -> object:
        match role:
            case Qt.ItemDataRole.DisplayRole | NodeRole.NAME:
                return state.node.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(state)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tool_tip(state)
            case NodeRole.STATE:
                return state
            case NodeRole.LINE:
                return self._wording.node_line(state)
            case NodeRole.BUSY:
                return state.phase in BUSY
            case _:
                return None

    def _spoken(self, state: NodeState) -> str:
        parts = [state.node.name]
        if state.worst:
            parts.append(self._wording.verdict(state.worst))
        fails, warnings = state.count(Verdict.FAIL), state.count(Verdict.WARN)
        if fails:
            parts.append(self.tr("fails: {count}").format(count=fails))
        if warnings:
            parts.append(self.tr("warnings: {count}").format(count=warnings))
        return ", ".join([*parts, self._wording.node_line(state)])

    def _tool_tip(self, state: NodeState) -> str:
        lines = [state.node.name, self._wording.node_line(state)]
        if state.scanned_at:
            lines.append(self.tr("Scanned {time}").format(time=self._wording.exact(state.scanned_at)))
        return "\n".join(lines)

    def _group_of(self, group_id: int) -> _Group:
        return next(group for group in self._groups if group.id == group_id)

    def _group_index(self, group: _Group) -> QModelIndex:
        return self.createIndex(self._groups.index(group), 0, 0)
