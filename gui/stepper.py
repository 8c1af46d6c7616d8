"""Where a guided fix stands: numbered stages, those behind ticked, the current one filled."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.icons import Icons
from gui.theme import Theme


class Stepper(QWidget):
    def __init__(self, names: tuple[str, ...], icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = names
        self._icons = icons
        self._theme = theme
        self._current = 0
        self._finished = False
        theme.changed.connect(self.update)

    def set_current(self, current: int, *, finished: bool = False) -> None:
        """Index of the stage that is worked on; `finished` ticks it, too."""
        self._current = current
        self._finished = finished
        self.setAccessibleName(
            self.tr("Stage {number} of {total}: {name}").format(
                number=current + 1, total=len(self._names), name=self._names[current]
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        edge, gap = self._theme.step(5), self._theme.step(1.5)
        bold = self._theme.font(bold=True)
        from PySide6.QtGui import QFontMetrics

        metrics = QFontMetrics(bold)
        width = sum(edge + gap + metrics.horizontalAdvance(name) + self._theme.step(5) for name in self._names)
        return QSize(width, max(edge, metrics.height()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge, gap, x = self._theme.step(5), self._theme.step(1.5), 0
        for number, name in enumerate(self._names):
            behind = number < self._current or (self._finished and number == self._current)
            current = number == self._current and not behind
            circle = QRectF(x, (self.height() - edge) / 2, edge, edge)
            self._draw_circle(painter, circle, number, behind=behind, current=current)
            painter.setFont(self._theme.font(bold=number == self._current))
            painter.setPen(self._theme.color("text" if number == self._current else "muted"))
            width = painter.fontMetrics().horizontalAdvance(name)
            x += edge + gap
            painter.drawText(
                QRectF(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name
            )
            x += width + self._theme.step(5)
        painter.end()

    def _draw_circle(self, painter: QPainter, circle: QRectF, number: int, *, behind: bool, current: bool) -> None:
        if behind:
            edge = round(circle.width())
            pixmap = self._icons.pixmap("pass", "pass", edge, self.devicePixelRatioF())
            painter.drawPixmap(circle.topLeft(), pixmap)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent" if current else "sunken"))
        painter.drawEllipse(circle)
        painter.setPen(self._theme.color("on-accent" if current else "muted"))
        painter.setFont(self._theme.font("small", bold=True))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(number + 1))
