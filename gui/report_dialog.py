"""A report of one node or of all: to read, to copy, to save as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontMetricsF, QGuiApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from checks.masking import mask
from checks.report import report_lines, scan_document
from checks.site_context import site_lines
from checks.terminal import Cell, aligned, tabbed
from gui.framed_dialog import FramedDialog, quiet_label
from gui.state import NodeState
from gui.theme import Theme, mark
from gui.wording import Wording


class ReportDialog(FramedDialog):
    def __init__(
        self,
        states: tuple[NodeState, ...],
        current: str,
        wording: Wording,
        clock: Callable[[], datetime],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("reportDialog", self.tr("Report"), theme, parent)
        self.resize(theme.step(220), theme.step(150))
        self._states = states
        self._wording = wording
        self._clock = clock
        self._nodes = QComboBox()
        self._nodes.setAccessibleName(self.tr("Nodes in the report"))
        self._nodes.addItem(self.tr("All nodes"), "")
        for state in states:
            self._nodes.addItem(state.node.name, state.node.name)
        self._nodes.setCurrentIndex(max(0, self._nodes.findData(current)))
        self._view = QPlainTextEdit()
        self._view.setReadOnly(True)
        self._view.setTabChangesFocus(True)
        self._view.setAccessibleName(self.tr("Report"))
        mark(self._view, mono=True)
        self.add_head(QLabel(self.tr("Report")), beside=self._nodes)
        page = QVBoxLayout()
        page.addWidget(self._view)
        self.add_page(page)
        self._build_foot()
        self._nodes.currentIndexChanged.connect(self._fill)
        self._fill()

    def _build_foot(self) -> None:
        self._note = quiet_label()
        copy, save, close = (QPushButton(words) for words in (self.tr("Copy"), self.tr("Save…"), self.tr("Close")))
        self.add_foot(close, (copy, save, close), left=(self._note,))
        copy.clicked.connect(self._on_copy)
        save.clicked.connect(self._on_save)
        close.clicked.connect(self.accept)

    def _chosen(self) -> tuple[NodeState, ...]:
        name = str(self._nodes.currentData())
        return tuple(state for state in self._states if name in ("", state.node.name))

    @Slot()
    def _fill(self) -> None:
        text = self._text(tabbed)
        self._view.ensurePolished()
        metrics = QFontMetricsF(self._view.font())
        labels = {label for label, tab, _ in (line.partition("\t") for line in text.splitlines()) if tab}
        widest = max((metrics.horizontalAdvance(f"{label}  ") for label in labels), default=0.0)
        if widest:
            self._view.setTabStopDistance(widest)
        self._view.setPlainText(text)
        self._note.clear()

    def _text(self, cell: Cell) -> str:
        chosen = self._chosen()
        parts = ["\n".join(self._lines(state, cell)) for state in chosen]
        reports = [state.report for state in chosen if state.report is not None]
        if summary := list(site_lines(reports, self._wording.catalogue, cell)):
            parts.insert(0, "\n".join(summary))
        return mask("\n\n".join(parts))

    def _lines(self, state: NodeState, cell: Cell) -> list[str]:
        if state.report is None:
            name = f"{state.node.name} · {state.node.address}"
            return [name, "  " + self.tr("Not scanned yet.")]
        scanned = self.tr("Scanned {time}").format(time=self._wording.exact(state.report.started))
        head, *rest = report_lines(state.report, self._wording.catalogue, cell)
        return [head, f"  {scanned}", *rest]

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text(aligned))
        self._note.setText(self.tr("Copied."))

    @Slot()
    def _on_save(self) -> None:
        dialog = QFileDialog(self, self.tr("Save the report"), "nodepane-report.txt")
        dialog.setNameFilters([self.tr("Text (*.txt)"), self.tr("JSON (*.json)")])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix("json" if ".json" in chosen else "txt"))
        dialog.setDefaultSuffix("txt")
        dialog.fileSelected.connect(self.write)
        dialog.open()

    @Slot(str)
    def write(self, path: str) -> None:
        """Save as text, or as the JSON of the headless twin where the file is called so."""
        text = self._text(aligned)
        if path.lower().endswith(".json"):
            reports = [state.report for state in self._chosen() if state.report is not None]
            document = scan_document(reports, self._wording.catalogue, self._clock())
            text = mask(json.dumps(document, ensure_ascii=False, indent=2))
        try:
            Path(path).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            self._note.setText(self.tr("Not saved: {error}").format(error=error.strerror or error))
        else:
            self._note.setText(self.tr("Saved: {file}").format(file=Path(path).name))
