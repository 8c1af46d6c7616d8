"""Saves a script as a file that Windows PowerShell 5.1 reads as it was written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

NAME = "Invoke-Change.ps1"


class ScriptSave(QObject):
    told = Signal(str)
    """How it went, in a few words."""

    def __init__(self, script: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._script = script

    @Slot()
    def ask(self) -> None:
        """Ask where to."""
        dialog = QFileDialog(self._window, self.tr("Save the script"), NAME, "*.ps1")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("ps1")
        dialog.fileSelected.connect(self.write)
        dialog.open()

    @Slot(str)
    def write(self, path: str) -> None:
        try:
            # 5.1 reads a file without this mark in the system's code page.
            Path(path).write_text(self._script, encoding="utf-8-sig", newline="\r\n")
        except OSError as error:
            self.told.emit(self.tr("Not saved: {error}").format(error=error.strerror or error))
        else:
            self.told.emit(self.tr("Saved: {file}").format(file=path))
