"""The evidence of a finding: what it is, its value as read, where it was read and when."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from checks.finding import Evidence
from gui.flow_text import FlowText
from gui.theme import Theme
from gui.wording import Wording


class EvidenceTable(QFrame):
    """One row for each quoted fact; texts can be selected, rows copied from their menu."""

    def __init__(self, wording: Wording, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wording = wording
        self._theme = theme
        self._times: list[tuple[FlowText, Evidence]] = []
        self.setProperty("card", "plain")
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(1, 1, 1, 1)
        self._rows.setSpacing(0)

    def set_evidence(self, evidence: tuple[Evidence, ...]) -> None:
        self._times.clear()
        while (item := self._rows.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for number, one in enumerate(evidence):
            if number:
                line = QFrame()
                line.setProperty("line", True)
                self._rows.addWidget(line)
            self._rows.addWidget(self._row(one))

    def refresh_times(self) -> None:
        for text, evidence in self._times:
            told = self._source(evidence)
            if text.toPlainText() != told:
                text.setPlainText(told)

    def _row(self, evidence: Evidence) -> QWidget:
        theme = self._theme
        row = QWidget()
        row.setAccessibleName(self._wording.evidence_text(evidence))
        box = QHBoxLayout(row)
        box.setContentsMargins(theme.step(2.5), theme.step(1.5), theme.step(2.5), theme.step(1.5))
        box.setSpacing(theme.step(2.5))
        label = QLabel(self._wording.label(evidence))
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("muted", True)
        label.setProperty("small", True)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        label.setFixedWidth(theme.step(27))
        box.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(self._value(evidence), 1)
        row.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        row.customContextMenuRequested.connect(lambda at: self._menu(row, at, evidence))
        return row

    def _value(self, evidence: Evidence) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(0)
        value = FlowText()
        value.setProperty("mono", True)
        value.setPlainText(evidence.value or "—")
        value.setAccessibleName(self._wording.label(evidence))
        source = FlowText()
        source.setProperty("muted", True)
        source.setProperty("small", True)
        source.setPlainText(self._source(evidence))
        source.setAccessibleName(self.tr("Source"))
        if evidence.read_at:
            source.setToolTip(self.tr("Read {time}").format(time=self._wording.exact(evidence.read_at)))
        self._times.append((source, evidence))
        box.addWidget(value)
        box.addWidget(source)
        return box

    def _source(self, evidence: Evidence) -> str:
        if evidence.read_at is None:
            return evidence.source
        read = self.tr("read {ago}").format(ago=self._wording.ago(evidence.read_at))
        return f"{evidence.source} · {read}" if evidence.source else read

    def _menu(self, row: QWidget, at: QPoint, evidence: Evidence) -> None:
        menu = QMenu(row)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, copied in (
            (self.tr("Copy value"), evidence.value),
            (self.tr("Copy source"), evidence.source),
            (self.tr("Copy row"), self._wording.evidence_text(evidence)),
        ):
            menu.addAction(text).triggered.connect(
                lambda _=False, told=copied: QGuiApplication.clipboard().setText(told)
            )
        menu.popup(row.mapToGlobal(at))
