"""One step of a plan: its number and title, what stands there before and after, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from checks.plan import StepResult, StepState
from gui.flow_text import FlowText
from gui.icons import Icons
from gui.theme import Theme, mark

_SHAPES = {
    StepState.WAITING: ("never", "muted"),
    StepState.RUNNING: ("running", "accent"),
    StepState.DONE: ("pass", "pass"),
    StepState.FAILED: ("fail", "fail"),
    StepState.UNKNOWN: ("unknown", "unknown"),
}


class StepCard(QFrame):
    def __init__(
        self,
        title: str,
        before: tuple[str, ...],
        after: tuple[str, ...],
        icons: Icons,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icons = icons
        self._theme = theme
        self._result = StepResult("", StepState.WAITING)
        mark(self, card=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 0, 1, 1)
        box.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(theme.step(3), theme.step(2), theme.step(3), theme.step(2))
        head.setSpacing(theme.step(2.5))
        self._shape = QLabel()
        self._title = FlowText()
        self._title.setHtml(title)
        mark(self._title, strong=True)
        self._word = QLabel()
        mark(self._word, muted=True, small=True)
        head.addWidget(self._shape, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        head.addWidget(self._word, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(head)
        if before or after:
            line = QFrame()
            line.setProperty("line", True)
            box.addWidget(line)
        for sign, kind, lines in (("−", "removed", before), ("+", "added", after)):
            for text in lines:
                # A long value may break anywhere, but not between its sign and itself.
                box.addWidget(self._line(f"{sign}\N{NO-BREAK SPACE}{text}", kind))
        self._message = FlowText()
        mark(self._message, small=True, note=True)
        self._message.hide()
        box.addWidget(self._message)
        self._draw()
        theme.changed.connect(self._draw)

    def _line(self, text: str, kind: str) -> FlowText:
        line = FlowText()
        line.setPlainText(text)
        mark(line, diff=kind)
        return line

    def show_result(self, result: StepResult, word: str, message: str) -> None:
        """How far the step is; `word` says it beside the shape, `message` is what the node said of it."""
        self._result = result
        self._word.setText(word)
        self._message.setPlainText(message)
        self._message.setVisible(bool(message))
        mark(self._message, error=result.state is StepState.FAILED)
        self._draw()

    def title(self) -> str:
        return self._title.toPlainText()

    def _draw(self) -> None:
        name, token = _SHAPES[self._result.state]
        self._shape.setPixmap(self._icons.pixmap(name, token, self._theme.step(4), self.devicePixelRatioF()))
