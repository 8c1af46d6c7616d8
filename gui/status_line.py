"""The line at the foot of the window: how far the scans are, and how many nodes could not be reached."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QWidget

from gui.state import BUSY, NodeState, Phase
from gui.theme import Theme, mark


class StatusLine(QFrame):
    """Progress is a line here and rings in the rows; nothing ever waits in front of the window."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.step(3), theme.step(1.5), theme.step(3), theme.step(1.5))
        row.setSpacing(theme.step(3.5))
        self._scanned = QLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(theme.step(40))
        self._bar.setAccessibleName(self.tr("Nodes scanned"))
        self._unread = QLabel()
        self._note = QLabel()
        self._journal = QLabel()
        for label in (self._scanned, self._unread, self._note, self._journal):
            mark(label, muted=True, small=True)
        row.addWidget(self._scanned)
        row.addWidget(self._bar)
        row.addWidget(self._unread)
        row.addStretch(1)
        row.addWidget(self._note)
        row.addWidget(self._journal)

    def show_states(self, states: tuple[NodeState, ...]) -> None:
        done = sum(state.phase in (Phase.DONE, Phase.FAILED) for state in states)
        failed = sum(state.phase is Phase.FAILED for state in states)
        busy = any(state.phase in BUSY for state in states)
        template = self.tr("Scanning: {done} of {total} nodes") if busy else self.tr("{done} of {total} nodes scanned")
        self._scanned.setText(template.format(done=done, total=len(states)) if states else "")
        self._bar.setVisible(bool(states))
        # A bar paints each value at once, and with it everything else that waits to be painted.
        self._bar.setUpdatesEnabled(False)
        self._bar.setRange(0, max(1, len(states)))
        self._bar.setValue(done)
        self._bar.setUpdatesEnabled(True)
        self._unread.setText(self.tr("{count} unreachable").format(count=failed) if failed else "")

    def show_journal(self, text: str) -> None:
        """How much was changed from here so far."""
        self._journal.setText(text)

    def show_note(self, text: str) -> None:
        """A few words at the right end: what has just been done."""
        self._note.setText(text)

    def text(self) -> str:
        labels = (self._scanned, self._unread, self._note, self._journal)
        return " · ".join(label.text() for label in labels if label.text())
