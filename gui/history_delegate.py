"""Paints the journal: shape of the outcome, what was done, and where, when and how it ended."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from gui.history_model import HistoryRole
from gui.row_delegate import Index, RowDelegate


class HistoryDelegate(RowDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        theme = self.theme
        lines = theme.metrics().height() + theme.metrics("small").height()
        return QSize(0, lines + theme.step(5))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, rect = self.theme, option.rect
        painter.save()
        self.ground(painter, option)
        bold, small = theme.font(bold=True), theme.font("small")
        first, second, edge = theme.metrics(bold=True).height(), theme.metrics("small").height(), theme.icon_size
        top = rect.top() + (rect.height() - first - second - theme.step(0.5)) // 2
        icon = str(index.data(HistoryRole.ICON))
        shape = QRect(rect.left() + theme.step(3.5), top + (first - edge) // 2, edge, edge)
        self.icon(painter, shape, icon, "muted" if icon == "undo" else icon)
        left = shape.right() + 1 + theme.step(2.5)
        width = rect.right() - theme.step(3.5) - left
        title = str(index.data(Qt.ItemDataRole.DisplayRole))
        self.text(painter, QRect(left, top, width, first), title, bold, theme.color("text"))
        line = QRect(left, top + first + theme.step(0.5), width, second)
        self.text(painter, line, str(index.data(HistoryRole.LINE)), small, theme.color("muted"))
        painter.restore()
