"""Asks before something is taken away: the button names what it does, and leaving is what Enter and Escape do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.flow_text import FlowText
from gui.theme import Theme, mark


class ConfirmDialog(QDialog):
    confirmed = Signal()

    def __init__(self, question: str, text: str, verb: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("confirmDialog")
        self.setWindowTitle("Nodepane")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(theme.step(5), theme.step(4), theme.step(5), theme.step(4))
        body.setSpacing(theme.step(2))
        head, words = QLabel(question), FlowText()
        head.setWordWrap(True)
        mark(head, heading=True)
        words.setPlainText(text)
        body.addWidget(head)
        body.addWidget(words)
        body.addStretch(1)
        foot = QFrame()
        foot.setObjectName("dialogFoot")
        row = QHBoxLayout(foot)
        row.setContentsMargins(theme.step(5), theme.step(3), theme.step(5), theme.step(3))
        row.setSpacing(theme.step(2))
        cancel, confirm = QPushButton(self.tr("Cancel")), QPushButton(verb)
        mark(confirm, danger=True)
        confirm.setAutoDefault(False)
        cancel.setDefault(True)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(confirm)
        box.addLayout(body, 1)
        box.addWidget(foot)
        cancel.clicked.connect(self.reject)
        confirm.clicked.connect(self._on_confirmed)
        cancel.setFocus()
        self.resize(theme.step(115), theme.step(48))

    def _on_confirmed(self) -> None:
        self.accept()
        self.confirmed.emit()
