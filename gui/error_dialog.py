"""An error in its three parts, with its details and a copy button."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from checks.errors import ToolError
from gui.empty_page import EmptyPage, Trouble
from gui.icons import Icons
from gui.theme import Theme, mark
from gui.wording import Wording


class ErrorDialog(QDialog):
    def __init__(
        self, error: ToolError, wording: Wording, icons: Icons, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("errorDialog")
        trouble = Trouble(*wording.error(error), wording.detail(error), "fail")
        self.setWindowTitle("Nodepane")
        self.resize(theme.step(140), theme.step(95))
        page = EmptyPage(icons, theme)
        page.show_trouble(trouble, details=True)
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        mark(close, primary=True)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setContentsMargins(theme.step(5), theme.step(3), theme.step(5), theme.step(3))
        row.addStretch(1)
        row.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(page, 1)
        box.addLayout(row)
        close.setFocus()
