"""One node's cluster, layout and paths: every value with where it comes from, or with the reason why it is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from checks.turn import computing
from gui.background import Background
from gui.evidence_table import EvidenceTable
from gui.flow_text import FlowText
from gui.framed_dialog import FramedDialog, quiet_label
from gui.icons import Icons
from gui.site_words import evidence_of, section_title
from gui.state import NodeState
from gui.theme import Theme, mark
from gui.wording import Wording

if TYPE_CHECKING:
    from checks.site_rows import SiteSection

QUEUE = "\nsite"
"""A queue's name that no node can have."""

LABEL_STEPS = 38
"""Width of the first column."""


def _read(state: NodeState) -> tuple[SiteSection, ...]:
    """On a worker thread."""
    from checks.node_site import node_site  # brings rules along: not before the first picture

    with computing():
        return node_site(state.node, state.report)


class _Part(QWidget):
    """One section: its title above its rows."""

    def __init__(self, title: str, wording: Wording, theme: Theme) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.step(1.5))
        label = QLabel(title)
        mark(label, section=True)
        self.table = EvidenceTable(wording, theme, label_steps=LABEL_STEPS)
        self.table.setAccessibleName(title)
        box.addWidget(label)
        box.addWidget(self.table)


class SiteDialog(FramedDialog):
    """Follows its node: what a scan finds meanwhile is shown when it ends."""

    def __init__(
        self,
        state: NodeState,
        background: Background,
        wording: Wording,
        icons: Icons,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        from checks.catalogue import fill

        title = fill(wording.catalogue.label("here.title"), {"node": state.node.name})
        super().__init__("siteDialog", title, theme, parent)
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(theme.step(95), theme.step(80))
        self.resize(theme.step(190), theme.step(165))
        self._state = state
        self._background = background
        self._wording = wording
        self._told: tuple[SiteSection, ...] | None = None
        self._parts: dict[str, _Part] = {}
        """By section. Once made they stay: after a scan, rows that say the same cost nothing."""
        self._build_head(title)
        self._build_body(title)
        self._build_foot()
        self._ask()

    def _build_head(self, title: str) -> None:
        self._title, about, self._scanned = FlowText(), FlowText(), FlowText()
        self._title.setPlainText(title)
        about.setPlainText(self._wording.catalogue.label("here.about"))
        for line in (about, self._scanned):
            mark(line, muted=True, small=True)
        self.add_head(self._title, self._scanned, about, spacing=1)

    def _build_body(self, title: str) -> None:
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # arrow keys scroll it
        self._area.setAccessibleName(title)
        page = QWidget()
        page.setObjectName("page")
        step = self._theme.step
        self._page = QVBoxLayout(page)
        self._page.setContentsMargins(step(5), step(3), step(5), step(6))
        self._page.setSpacing(step(3.5))
        self._page.addStretch(1)
        self._area.setWidget(page)
        self.add_body(self._area)

    def _build_foot(self) -> None:
        copy, close = QPushButton(self.tr("Copy")), QPushButton(self.tr("Close"))
        self._note = quiet_label()
        copy.setToolTip(self.tr("Copy all rows as text"))
        self.add_foot(close, (close,), left=(self._note,), links=(copy,))
        copy.clicked.connect(self._on_copy)
        close.clicked.connect(self.accept)

    # Showing

    @Slot(object)
    def take_states(self, states: tuple[NodeState, ...]) -> None:
        """Some nodes have new states."""
        new = next((one for one in states if one.node.name == self._state.node.name), None)
        if new is not None and (new.node, new.report) != (self._state.node, self._state.report):
            self._state = new
            self._ask()

    def _ask(self) -> None:
        state = self._state
        self._scanned.setPlainText(self._wording.scan_line(state) or self.tr("Not scanned yet."))
        self._background.start(QUEUE, lambda _: _read(state), self._on_read, owner=self)

    def _on_read(self, sections: object) -> None:
        told = cast("tuple[SiteSection, ...]", sections)
        if told == self._told:
            return
        self._told = told
        words, at = self._wording.catalogue, 0
        for section in told:
            part = self._parts.get(section.name)
            if part is None:
                part = self._parts[section.name] = _Part(section_title(section, words), self._wording, self._theme)
                self._page.insertWidget(at, part)
            part.table.set_evidence(tuple(evidence_of(row, words) for row in section.rows))
            at = self._page.indexOf(part) + 1
        named = {section.name for section in told}
        for name, part in self._parts.items():
            part.setVisible(name in named)
        self._note.clear()

    def text(self) -> str:
        """All rows as plain text, for mail and chat."""
        words = self._wording.catalogue
        lines = [self._title.toPlainText()]
        for section in self._told or ():
            lines += ["", section_title(section, words)]
            lines += [self._wording.evidence_text(evidence_of(row, words)) for row in section.rows]
        return "\n".join(lines)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self._note.setText(self.tr("Copied."))
