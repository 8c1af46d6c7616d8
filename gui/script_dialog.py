"""The exact script that a fix runs on the node, to read, copy or save."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.flow_text import FlowText
from gui.script_save import ScriptSave
from gui.theme import Theme, mark


class ScriptDialog(QDialog):
    def __init__(self, title: str, script: str, steps: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(theme.step(220), theme.step(150))
        self._script = script
        self._steps = steps
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.step(5), theme.step(4), theme.step(5), theme.step(4))
        box.setSpacing(theme.step(2))
        words = FlowText()
        words.setPlainText(
            self.tr(
                "This text goes to the node as it stands. Its inputs travel beside it as JSON and are bound by name; "
                "no value is ever pasted into it."
            )
        )
        mark(words, muted=True)
        box.addWidget(words)
        box.addWidget(self._head(self.tr("Script")))
        box.addWidget(self._view(script, self.tr("Script")), 3)
        box.addWidget(self._head(self.tr("Inputs: the steps")))
        box.addWidget(self._view(steps, self.tr("Inputs")), 1)
        self._note = QLabel()
        mark(self._note, muted=True, small=True)
        row = QHBoxLayout()
        copy, save = QPushButton(self.tr("Copy the script")), QPushButton(self.tr("Save as .ps1…"))
        for button in (copy, save):
            mark(button, flat_link=True)
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addWidget(self._note, 1)
        close = QPushButton(self.tr("Close"))
        row.addWidget(close)
        box.addLayout(row)
        copy.clicked.connect(self._copy)
        saving = ScriptSave(script, self)
        saving.told.connect(self._note.setText)
        save.clicked.connect(saving.ask)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        close.setFocus()

    def _head(self, text: str) -> QLabel:
        label = QLabel(text)
        mark(label, section=True)
        return label

    def _view(self, text: str, name: str) -> QPlainTextEdit:
        view = QPlainTextEdit(text)
        view.setReadOnly(True)
        view.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        view.setAccessibleName(name)
        view.setTabChangesFocus(True)
        mark(view, mono=True)
        return view

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._script)
        self._note.setText(self.tr("Copied."))
