"""The evidence of a finding: what it is, its value as read, where it was read and when."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from checks.finding import Evidence
from gui.flow_text import FlowText
from gui.theme import Theme
from gui.wording import Wording

WIDEST = (1 << 24) - 1
"""Qt's own: no bound at all."""
VALUE_STEPS = 50
"""A row that leaves its value less than that has its label above it."""
MOST_KEPT = 40
"""Rows that stay when fewer are needed: hardly a finding has more."""


class EvidenceTable(QFrame):
    """One row for each quoted fact; texts can be selected, rows copied from their menu."""

    def __init__(
        self, wording: Wording, theme: Theme, parent: QWidget | None = None, *, label_steps: float = 27
    ) -> None:
        """`label_steps`: width of the first column."""
        super().__init__(parent)
        self._label_steps = label_steps
        self._wording = wording
        self._theme = theme
        self._rows: list[EvidenceRow] = []
        """Once made they stay, hidden where they are not needed: making them is most of what showing a finding takes."""
        self._shown = 0
        self.setProperty("card", "plain")
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(1, 1, 1, 1)
        self._box.setSpacing(0)

    def set_evidence(self, evidence: tuple[Evidence, ...]) -> None:
        while len(self._rows) < len(evidence):
            row = EvidenceRow(self._wording, self._theme, self._label_steps, ruled=bool(self._rows))
            self._rows.append(row)
            self._box.addWidget(row)
        self._shown = len(evidence)
        for row, one in zip(self._rows, evidence, strict=False):
            row.fill(one)
        for number, row in enumerate(self._rows):
            row.setVisible(number < self._shown)
        for row in self._rows[max(self._shown, MOST_KEPT) :]:
            row.deleteLater()
        del self._rows[max(self._shown, MOST_KEPT) :]

    def refresh_times(self) -> None:
        for row in self._rows[: self._shown]:
            row.refresh_time()


class EvidenceRow(QWidget):
    """One quoted fact: its label, and its value above the place and time it was read."""

    def __init__(self, wording: Wording, theme: Theme, label_steps: float, *, ruled: bool) -> None:
        """`ruled`: with a line above it."""
        super().__init__()
        self._wording = wording
        self._evidence = Evidence("", "", "")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        if ruled:
            line = QFrame()
            line.setProperty("line", True)
            outer.addWidget(line)
        box = self._box = QHBoxLayout()
        box.setContentsMargins(theme.step(2.5), theme.step(1.5), theme.step(2.5), theme.step(1.5))
        box.setSpacing(theme.step(2.5))
        outer.addLayout(box)
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setProperty("muted", True)
        self._label.setProperty("small", True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._is_above = False
        """Whether the label stands above its value."""
        self._gaps = theme.step(2.5), theme.step(0.5)
        self._widths = theme.step(label_steps), theme.step(label_steps + VALUE_STEPS)
        self._label.setFixedWidth(self._widths[0])
        box.addWidget(self._label, 0, Qt.AlignmentFlag.AlignTop)
        told = QVBoxLayout()
        told.setSpacing(0)
        self._value, self._source = FlowText(), FlowText()
        self._value.setProperty("mono", True)
        self._source.setProperty("muted", True)
        self._source.setProperty("small", True)
        self._source.setAccessibleName(self.tr("Source"))
        told.addWidget(self._value)
        told.addWidget(self._source)
        told.addStretch(1)  # beside a label of three lines
        box.addLayout(told, 1)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        label, least = self._widths
        above = event.size().width() < least
        if above != self._is_above:
            self._is_above = above
            self._box.setDirection(QBoxLayout.Direction.TopToBottom if above else QBoxLayout.Direction.LeftToRight)
            self._box.setSpacing(self._gaps[above])
            self._label.setMinimumWidth(0 if above else label)
            self._label.setMaximumWidth(WIDEST if above else label)

    def fill(self, evidence: Evidence) -> None:
        if evidence == self._evidence:
            self.refresh_time()
            return
        self._evidence = evidence
        label = self._wording.label(evidence)
        self.setAccessibleName(self._wording.evidence_text(evidence))
        self._label.setText(label)
        self._value.setPlainText(self._wording.value(evidence) or "—")
        self._value.setAccessibleName(label)
        read = self._wording.exact(evidence.read_at) if evidence.read_at else ""
        self._source.setToolTip(self.tr("Read {time}").format(time=read) if read else "")
        self.refresh_time()

    def refresh_time(self) -> None:
        told = self._told_source()
        if self._source.toPlainText() != told:
            self._source.setPlainText(told)

    def _told_source(self) -> str:
        evidence, source = self._evidence, self._wording.source(self._evidence)
        if evidence.read_at is None:
            return source
        read = self.tr("read {ago}").format(ago=self._wording.ago(evidence.read_at))
        return f"{source} · {read}" if source else read

    @Slot(QPoint)
    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, copied in (
            (self.tr("Copy value"), self._wording.value(self._evidence)),
            (self.tr("Copy source"), self._wording.source(self._evidence)),
            (self.tr("Copy row"), self._wording.evidence_text(self._evidence)),
        ):
            menu.addAction(text).triggered.connect(
                lambda _=False, told=copied: QGuiApplication.clipboard().setText(told)
            )
        menu.popup(self.mapToGlobal(at))
