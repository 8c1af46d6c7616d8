"""Asks before something is taken away: the button names what it does, and leaving is what Enter and Escape do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from gui.flow_text import FlowText
from gui.framed_dialog import FramedDialog
from gui.theme import Theme, mark


class ConfirmDialog(FramedDialog):
    confirmed = Signal()

    def __init__(self, question: str, text: str, verb: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("confirmDialog", "Nodepane", theme, parent)
        body = QVBoxLayout()
        body.setSpacing(theme.step(2))
        head, words = QLabel(question), FlowText()
        head.setWordWrap(True)
        mark(head, heading=True)
        words.setPlainText(text)
        body.addWidget(head)
        body.addWidget(words)
        body.addStretch(1)
        cancel, confirm = QPushButton(self.tr("Cancel")), QPushButton(verb)
        mark(confirm, danger=True)
        self.add_page(body)
        self.add_foot(cancel, (cancel, confirm))
        cancel.clicked.connect(self.reject)
        confirm.clicked.connect(self._on_confirmed)
        cancel.setFocus()
        self.resize(theme.step(115), theme.step(48))

    def _on_confirmed(self) -> None:
        self.accept()
        self.confirmed.emit()
