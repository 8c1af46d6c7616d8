"""Paints the checklist: verdict shape, statement, the value that decides, and a wrench where a fix is offered.

A value that does not fit beside its statement goes below it: nothing is cut while there is room to grow.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem

from gui.checklist_model import CheckRole, Shown
from gui.icons import Icons
from gui.row_delegate import Index, RowDelegate
from gui.theme import Theme

MOST_KEPT = 2_000
"""Widths of texts; a node has some hundred."""


class ChecklistDelegate(RowDelegate):
    def __init__(self, theme: Theme, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(theme, icons, parent)
        self._widths: dict[tuple[str, str], int] = {}
        theme.changed.connect(self._widths.clear)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        theme = self.theme
        shown = index.data(CheckRole.SHOWN)
        if not isinstance(shown, Shown):
            return QSize(0, theme.metrics("small", bold=True).height() + theme.step(5))
        lines = theme.metrics().height() + theme.step(5)
        small = theme.metrics("small").height() + theme.step(0.5)
        if shown.cause:
            lines += small
        widget = option.widget
        width = widget.viewport().width() if isinstance(widget, QAbstractItemView) else 0
        if width and not self._fits(shown, width):
            lines += small
        return QSize(0, lines)

    def _left(self, shown: Shown) -> int:
        """Where a row's text begins, from the left edge."""
        theme = self.theme
        return theme.step(4.5) + theme.icon_size + theme.step(2.5) + min(shown.depth, 3) * theme.step(7)

    def _right(self) -> int:
        """What a row keeps free for the wrench at the right edge."""
        return self.theme.step(11.5)

    def _fits(self, shown: Shown, width: int) -> bool:
        """Whether statement and value stand on one line."""
        if not shown.value:
            return True
        both = self._width(shown.title) + self.theme.step(4) + self._width(shown.value, "small")
        return self._left(shown) + both + self._right() <= width

    def _width(self, text: str, size: str = "") -> int:
        known = self._widths.get((text, size))
        if known is None:
            if len(self._widths) >= MOST_KEPT:
                self._widths.clear()
            known = self._widths[text, size] = self.theme.metrics(size).horizontalAdvance(text)
        return known

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        shown = index.data(CheckRole.SHOWN)
        if isinstance(shown, Shown):
            self.ground(painter, option)
            self._paint_row(painter, option, shown)
        else:
            self._paint_area(painter, option, index)
        painter.restore()

    def _paint_area(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, font = self.theme, self.theme.font("small", bold=True)
        rect = option.rect.adjusted(theme.step(4.5), 0, -theme.step(4.5), -theme.step(1.5))
        rect.setTop(rect.bottom() - theme.metrics("small", bold=True).height())
        self.text(painter, rect, str(index.data(Qt.ItemDataRole.DisplayRole)), font, theme.color("muted"))

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, shown: Shown) -> None:
        theme, rect = self.theme, option.rect
        font, small = theme.font(), theme.font("small")
        first, second = theme.metrics().height(), theme.metrics("small").height()
        left, edge = rect.left() + self._left(shown), theme.icon_size
        top, right = rect.top() + theme.step(2.5), rect.right() - self._right()
        shape = QRect(left - theme.step(2.5) - edge, top + (first - edge) // 2, edge, edge)
        if shown.verdict is None:
            self.ring(painter, shape, option)
        else:
            self.verdict(painter, shape, shown.verdict)
        ink = theme.color("muted" if shown.is_quiet else "text")
        width = self.text(painter, QRect(left, top, right - left, first), shown.title, font, ink)
        muted = theme.color("muted")
        below = top + first + theme.step(0.5)
        if self._fits(shown, rect.width()):
            place = QRect(left + width + theme.step(4), top, right - left - width - theme.step(4), first)
            self.text(painter, place, shown.value, small, muted, right=True)
        else:
            middle = Qt.TextElideMode.ElideMiddle
            self.text(painter, QRect(left, below, right - left, second), shown.value, small, muted, elide=middle)
            below += second + theme.step(0.5)
        if shown.cause:
            self.text(painter, QRect(left, below, right - left, second), shown.cause, small, muted)
        if shown.is_fixable:
            edge = theme.step(4)
            wrench = QRect(rect.right() - theme.step(5) - edge + 1, top + (first - edge) // 2, edge, edge)
            self.icon(painter, wrench, "wrench", "accent")
