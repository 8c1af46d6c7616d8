"""A crash's report: what happened in three parts, with a button that copies it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from gui.flow_text import FlowText
from gui.theme import Theme, mark


class CrashDialog(QDialog):
    """Says what happened in three parts and holds the report for whoever looks into it."""

    def __init__(self, report: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("crashDialog")
        self._report = report
        self.setWindowTitle(self.tr("Something unexpected happened"))
        self.resize(theme.step(170), theme.step(110))
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.step(5), theme.step(4), theme.step(5), theme.step(4))
        box.setSpacing(theme.step(3))
        head = QLabel(self.tr("Something unexpected happened in Nodepane."))
        mark(head, heading=True)
        words = FlowText()
        words.setPlainText(
            self.tr(
                "This is a fault of Nodepane, not of a node. Nothing is sent to a node because of it. You can go on; if "
                "something looks wrong, start Nodepane again. The report below tells developers what happened; it "
                "holds no passwords."
            )
        )
        view = QPlainTextEdit(report)
        view.setReadOnly(True)
        view.setTabChangesFocus(True)
        view.setAccessibleName(self.tr("Report"))
        mark(view, mono=True)
        row = QHBoxLayout()
        copy, close = QPushButton(self.tr("Copy the report")), QPushButton(self.tr("Go on"))
        copy.setAutoDefault(False)
        close.setDefault(True)
        mark(close, primary=True)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        for widget in (head, words):
            box.addWidget(widget)
        box.addWidget(view, 1)
        box.addLayout(row)
        copy.clicked.connect(self._copy)
        close.clicked.connect(self.accept)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
