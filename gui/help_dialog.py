"""Further help: the places where people who run Windows containers on Kubernetes answer questions."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.flow_text import FlowText
from gui.icons import Icons
from gui.theme import Theme, mark
from gui.wording import Wording


class HelpDialog(QDialog):
    def __init__(self, wording: Wording, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = wording.catalogue
        self.setObjectName("helpDialog")
        self.setWindowTitle(words.label("help.title"))
        self.setWindowIcon(icons.app_icon())
        self.resize(theme.step(120), theme.step(62))
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.step(5), theme.step(5), theme.step(5), theme.step(4))
        box.setSpacing(theme.step(2))
        title = QLabel(words.label("help.title"))
        mark(title, heading=True)
        about = FlowText()
        about.setPlainText(words.label("help.about"))
        box.addWidget(title)
        box.addWidget(about)
        box.addSpacing(theme.step(1))
        for link in words.links:
            box.addWidget(self._link(words.label(f"help.{link.id}"), link.address), 0, Qt.AlignmentFlag.AlignLeft)
        box.addStretch(1)
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        mark(close, primary=True)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        box.addLayout(row)
        close.setFocus()

    def _link(self, text: str, address: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(address)
        button.setAutoDefault(False)
        mark(button, flat_link=True)
        button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(address)))
        return button
