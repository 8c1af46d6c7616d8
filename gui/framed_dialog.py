"""The frame that dialogs share: a head with the title, a body that takes the room, a foot with the buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QLayout, QPushButton, QVBoxLayout, QWidget

from gui.theme import Theme, mark


class FramedDialog(QDialog):
    """Head, body and foot are added from top to bottom: that is also the way of the Tab key."""

    def __init__(self, name: str, title: str, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self._theme = theme
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)

    def add_head(
        self, title: QWidget, *lines: QWidget, beside: QWidget | None = None, spacing: float | None = None
    ) -> None:
        """The title as a heading, lines below it, and one thing right of it. `spacing`: steps between; None: the style's."""
        theme = self._theme
        head = QFrame()
        head.setObjectName("dialogHead")
        box = QVBoxLayout(head)
        box.setContentsMargins(theme.step(5), theme.step(4), theme.step(5), theme.step(3.5))
        if spacing is not None:
            box.setSpacing(theme.step(spacing))
        mark(title, heading=True)
        if beside is None:
            box.addWidget(title)
        else:
            row = QHBoxLayout()
            row.addWidget(title, 1)
            row.addWidget(beside)
            box.addLayout(row)
        for line in lines:
            box.addWidget(line)
        self._box.addWidget(head)

    def add_body(self, body: QWidget) -> None:
        """What takes all the room that is left, up to the edges."""
        self._box.addWidget(body, 1)

    def add_page(self, page: QLayout) -> None:
        """The same for a layout, with the dialog's margins around it."""
        theme = self._theme
        page.setContentsMargins(theme.step(5), theme.step(4), theme.step(5), theme.step(4))
        self._box.addLayout(page, 1)

    def add_strip(self, strip: QWidget) -> None:
        """Something as wide as the dialog that is only as tall as it has to be."""
        self._box.addWidget(strip)

    def add_foot(
        self,
        default: QPushButton | None,
        right: Sequence[QPushButton],
        left: Sequence[QWidget] = (),
        links: Sequence[QPushButton] = (),
    ) -> QFrame:
        """The buttons: links and `left` at the left edge, `right` at the right one. Enter presses `default` alone."""
        theme = self._theme
        foot = QFrame()
        foot.setObjectName("dialogFoot")
        row = QHBoxLayout(foot)
        # A link has a margin of its own to the left of its words.
        edge = theme.step(3 if links else 5)
        row.setContentsMargins(edge, theme.step(3), theme.step(5), theme.step(3))
        row.setSpacing(theme.step(2))
        for widget in (*links, *left):
            row.addWidget(widget)
        row.addStretch(1)
        for button in right:
            row.addWidget(button)
        for link in links:
            mark(link, flat_link=True)
        for button in foot.findChildren(QPushButton):
            button.setAutoDefault(button is default)
        if default is not None:
            default.setDefault(True)
        self._box.addWidget(foot)
        return foot


def quiet_label() -> QLabel:
    """A small line that says what an order came to, or what else there is to know."""
    label = QLabel()
    mark(label, muted=True, small=True)
    return label


def open_dialog(dialog: QDialog) -> None:
    """Show it above its window; it goes for good when it is closed."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
