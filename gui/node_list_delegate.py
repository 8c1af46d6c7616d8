"""Paints the node list: worst verdict, name, counts of fails and warnings, address."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from checks.finding import Verdict
from gui.node_list_model import NodeRole
from gui.row_delegate import Index, RowDelegate
from gui.state import NodeState, Phase


class NodeListDelegate(RowDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        theme = self.theme
        small = theme.metrics("small").height()
        if not isinstance(index.data(NodeRole.STATE), NodeState):
            return QSize(0, small + theme.step(4.5 if index.row() else 4))
        return QSize(0, theme.metrics().height() + small + theme.step(5))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        state = index.data(NodeRole.STATE)
        painter.save()
        if isinstance(state, NodeState):
            self._paint_node(painter, option, index, state)
        else:
            self._paint_group(painter, option, index)
        painter.restore()

    def _paint_group(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, rect = self.theme, option.rect
        inner = rect.adjusted(theme.step(3.5), 0, -theme.step(3), -theme.step(1.5))
        height = theme.metrics("small", bold=True).height()
        inner.setTop(inner.bottom() - height)
        title = str(index.data(Qt.ItemDataRole.DisplayRole))
        self.text(painter, inner, title, theme.font("small", bold=True), theme.color("muted"))

    def _paint_node(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, state: NodeState) -> None:
        theme, rect = self.theme, option.rect
        self.ground(painter, option)
        bold, small = theme.font(bold=True), theme.font("small")
        first, second = theme.metrics(bold=True).height(), theme.metrics("small").height()
        top = rect.top() + (rect.height() - first - second - theme.step(0.5)) // 2
        edge = theme.icon_size
        shape = QRect(rect.left() + theme.step(3.5), top + (first - edge) // 2, edge, edge)
        if state.phase is Phase.SCANNING:
            self.ring(painter, shape, option)
        else:
            self.verdict(painter, shape, state.worst)
        left = shape.right() + 1 + theme.step(2.5)
        right = rect.right() - theme.step(3.5)
        counts = self._paint_counts(painter, QRect(left, top, right - left, first), state)
        name = QRect(left, top, right - left - counts, first)
        self.text(painter, name, state.node.name, bold, theme.color("text"))
        line = QRect(left, top + first + theme.step(0.5), right - left, second)
        self.text(painter, line, str(index.data(NodeRole.LINE)), small, theme.color("muted"))

    def _paint_counts(self, painter: QPainter, rect: QRect, state: NodeState) -> int:
        """Fails and warnings right in the row; returns the width they take."""
        theme = self.theme
        parts = [
            (str(amount), token)
            for verdict, token in ((Verdict.FAIL, "fail"), (Verdict.WARN, "warn"))
            if (amount := state.count(verdict)) and state.phase is not Phase.FAILED
        ]
        if len(parts) == 2:
            parts.insert(1, (" · ", "muted"))
        font = theme.font("small", bold=True)
        metrics = theme.metrics("small", bold=True)
        taken = 0
        for text, token in reversed(parts):
            width = metrics.horizontalAdvance(text)
            place = QRect(rect.right() - taken - width + 1, rect.top(), width, rect.height())
            self.text(painter, place, text, font, theme.color(token), right=True)
            taken += width
        return taken + (theme.step(2) if taken else 0)
