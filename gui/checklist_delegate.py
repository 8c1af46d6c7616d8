"""Paints the checklist: verdict shape, statement, the value that decides, and a wrench where a fix is offered.

A value that does not fit beside its statement goes below it: nothing is cut while there is room to grow.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem

from checks.finding import Finding, Verdict
from gui.checklist_model import CheckRole
from gui.row_delegate import Index, RowDelegate


class ChecklistDelegate(RowDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        theme = self.theme
        if not index.data(CheckRole.CHECK):
            return QSize(0, theme.metrics("small", bold=True).height() + theme.step(5))
        lines = theme.metrics().height() + theme.step(5)
        small = theme.metrics("small").height() + theme.step(0.5)
        if index.data(CheckRole.CAUSE):
            lines += small
        widget = option.widget
        width = widget.viewport().width() if isinstance(widget, QAbstractItemView) else 0
        if width and not self._fits(index, width):
            lines += small
        return QSize(0, lines)

    def _left(self, index: Index) -> int:
        """Where a row's text begins, from the left edge."""
        theme = self.theme
        depth = min(int(index.data(CheckRole.DEPTH) or 0), 3)
        return theme.step(4.5) + theme.icon_size + theme.step(2.5) + depth * theme.step(7)

    def _right(self) -> int:
        """What a row keeps free for the wrench at the right edge."""
        return self.theme.step(11.5)

    def _fits(self, index: Index, width: int) -> bool:
        """Whether statement and value stand on one line."""
        value = str(index.data(CheckRole.VALUE) or "")
        if not value:
            return True
        title = self.theme.metrics().horizontalAdvance(str(index.data(Qt.ItemDataRole.DisplayRole)))
        told = self.theme.metrics("small").horizontalAdvance(value)
        return self._left(index) + title + self.theme.step(4) + told + self._right() <= width

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        if index.data(CheckRole.CHECK):
            self.ground(painter, option)
            self._paint_row(painter, option, index)
        else:
            self._paint_area(painter, option, index)
        painter.restore()

    def _paint_area(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, font = self.theme, self.theme.font("small", bold=True)
        rect = option.rect.adjusted(theme.step(4.5), 0, -theme.step(4.5), -theme.step(1.5))
        rect.setTop(rect.bottom() - theme.metrics("small", bold=True).height())
        self.text(painter, rect, str(index.data(Qt.ItemDataRole.DisplayRole)), font, theme.color("muted"))

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, rect = self.theme, option.rect
        font, small = theme.font(), theme.font("small")
        first, second = theme.metrics().height(), theme.metrics("small").height()
        left, edge = rect.left() + self._left(index), theme.icon_size
        top, right = rect.top() + theme.step(2.5), rect.right() - self._right()
        finding = index.data(CheckRole.FINDING)
        shape = QRect(left - theme.step(2.5) - edge, top + (first - edge) // 2, edge, edge)
        if index.data(CheckRole.PENDING) or not isinstance(finding, Finding):
            self.ring(painter, shape, option)
        else:
            self.verdict(painter, shape, finding.verdict)
        quiet = isinstance(finding, Finding) and finding.verdict is Verdict.NOT_APPLICABLE
        title = str(index.data(Qt.ItemDataRole.DisplayRole))
        width = self.text(
            painter, QRect(left, top, right - left, first), title, font, theme.color("muted" if quiet else "text")
        )
        muted, value = theme.color("muted"), str(index.data(CheckRole.VALUE) or "")
        below = top + first + theme.step(0.5)
        if self._fits(index, rect.width()):
            place = QRect(left + width + theme.step(4), top, right - left - width - theme.step(4), first)
            self.text(painter, place, value, small, muted, right=True)
        else:
            middle = Qt.TextElideMode.ElideMiddle
            self.text(painter, QRect(left, below, right - left, second), value, small, muted, elide=middle)
            below += second + theme.step(0.5)
        if cause := str(index.data(CheckRole.CAUSE) or ""):
            self.text(painter, QRect(left, below, right - left, second), cause, small, muted)
        if index.data(CheckRole.FIXABLE):
            edge = theme.step(4)
            wrench = QRect(rect.right() - theme.step(5) - edge + 1, top + (first - edge) // 2, edge, edge)
            self.icon(painter, wrench, "wrench", "accent")
