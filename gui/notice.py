"""One message on coloured ground: a shape and sentences that can be selected."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from gui.flow_text import FlowText
from gui.icons import Icons
from gui.theme import Theme, mark


class Notice(QFrame):
    """`kind` is warn, info, fail, pass or unknown: the ground, and the shape in its colour."""

    def __init__(self, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._theme = theme
        self._kind = "info"
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.step(3), theme.step(2.5), theme.step(3), theme.step(2.5))
        row.setSpacing(theme.step(2.5))
        self._shape = QLabel()
        self._text = FlowText()
        row.addWidget(self._shape, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        theme.changed.connect(self._draw)

    def show_html(self, kind: str, html: str) -> None:
        """Show these sentences; hidden when there are none."""
        self._kind = kind
        mark(self, banner=kind)
        self._text.setHtml(html)
        self._draw()
        self.setVisible(bool(html))

    def text(self) -> str:
        return self._text.toPlainText()

    @Slot()
    def _draw(self) -> None:
        self._shape.setPixmap(
            self._icons.pixmap(self._kind, self._kind, self._theme.icon_size, self.devicePixelRatioF())
        )
