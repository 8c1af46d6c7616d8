"""What the rows of both lists share: grounds, shapes, the quiet ring, lines of text."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from checks.finding import Verdict
from gui.icons import VERDICT_ICONS, Icons
from gui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
ANGLE = "ringAngle"
"""Dynamic property of the view: how far the ring of running rows has turned, in degrees."""


class RowDelegate(QStyledItemDelegate):
    """Draws rows through the theme; subclasses place the parts."""

    def __init__(self, theme: Theme, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.icons = icons

    def ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """Selection with its bar, or hover; and a frame where the keyboard is."""
        theme, rect = self.theme, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("selection"))
            bar = QRect(rect.left(), rect.top(), round(theme.step(0.75)), rect.height())
            painter.fillRect(bar, theme.color("accent"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.color("hover"))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def verdict(self, painter: QPainter, rect: QRect, verdict: Verdict | None) -> None:
        """The verdict's shape; a faint ring where nothing is known yet."""
        name = VERDICT_ICONS[verdict] if verdict else "never"
        self.icon(painter, rect, name, name if verdict else "muted")

    def icon(self, painter: QPainter, rect: QRect, name: str, token: str) -> None:
        pixmap = self.icons.pixmap(name, token, rect.width(), painter.device().devicePixelRatio())
        painter.drawPixmap(rect.topLeft(), pixmap)

    def ring(self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem) -> None:
        """The quiet ring of a row that is being checked."""
        widget = option.widget
        angle = float(widget.property(ANGLE) or 0.0) if widget else 0.0
        pixmap = self.icons.pixmap("running", "muted", rect.width(), painter.device().devicePixelRatio())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        centre = QPointF(rect.x() + rect.width() / 2, rect.y() + rect.height() / 2)
        painter.translate(centre)
        painter.rotate(angle)
        painter.drawPixmap(QPointF(-rect.width() / 2, -rect.height() / 2), pixmap)
        painter.restore()

    def text(
        self,
        painter: QPainter,
        rect: QRect,
        text: str,
        font: QFont,
        color: QColor,
        *,
        right: bool = False,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> int:
        """One line, elided where it must be; returns the width it took."""
        metrics = QFontMetrics(font)
        width = metrics.horizontalAdvance(text)
        if width > rect.width():
            text = metrics.elidedText(text, elide, rect.width())
            width = metrics.horizontalAdvance(text)
        painter.setFont(font)
        painter.setPen(color)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
        return width
