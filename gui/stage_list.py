"""The stages of a connection: passed, failed with its advice, or not reached."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from checks.connect import ConnectStage, StageResult
from gui.flow_text import FlowText
from gui.icons import Icons
from gui.notice import Notice
from gui.theme import Theme, mark
from gui.wording import Wording


class StageList(QFrame):
    def __init__(self, wording: Wording, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wording = wording
        self._icons = icons
        self._theme = theme
        self._stages: tuple[ConnectStage, ...] = ()
        self._rows: dict[ConnectStage, tuple[QLabel, QLabel]] = {}
        self._copied: list[str] = []
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.step(2))
        self._box = QVBoxLayout()
        self._box.setSpacing(theme.step(2))
        box.addLayout(self._box)
        self._advice = Notice(icons, theme)
        self._advice.hide()
        self._detail = FlowText()
        mark(self._detail, mono=True)
        self._detail.hide()
        box.addWidget(self._advice)
        box.addWidget(self._detail)

    def _title(self, stage: ConnectStage) -> str:
        return {
            ConnectStage.NAME: self.tr("Name is known"),
            ConnectStage.PORT: self.tr("Port answers"),
            ConnectStage.CERTIFICATE: self.tr("Certificate is trusted"),
            ConnectStage.SIGN_IN: self.tr("Sign-in is accepted"),
            ConnectStage.SHELL: self.tr("A shell opens"),
            ConnectStage.POWERSHELL: self.tr("PowerShell answers"),
        }[stage]

    def begin(self, stages: tuple[ConnectStage, ...]) -> None:
        """All stages, none of them reached yet."""
        while (item := self._box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._stages = stages
        self._rows = {}
        self._copied = []
        self._advice.hide()
        self._detail.hide()
        for stage in stages:
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(self._theme.step(2.5))
            shape, value = QLabel(), QLabel()
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            mark(value, muted=True)
            line.addWidget(shape)
            line.addWidget(QLabel(self._title(stage)), 1)
            line.addWidget(value)
            self._box.addWidget(row)
            self._rows[stage] = (shape, value)
            self._show(stage, "running" if stage is stages[0] else "never", "muted", "")

    def add(self, result: StageResult) -> None:
        """A stage was passed, or failed: then the rest is not reached."""
        took = self.tr("{count} ms").format(count=round(result.duration_s * 1000))
        failed = result.error is not None
        value = " · ".join(part for part in (result.value, took) if part)
        self._show(result.stage, "fail" if failed else "pass", "fail" if failed else "pass", value)
        self._copied.append(f"{'✗' if failed else '✓'} {self._title(result.stage)}: {value}")
        place = self._stages.index(result.stage) + 1
        if result.error is None:
            if place < len(self._stages):
                self._show(self._stages[place], "running", "accent", "")
            return
        for stage in self._stages[place:]:
            self._show(stage, "not-applicable", "not-applicable", self.tr("not reached"))
        told = self._wording.error(result.error)
        what, why, todo = (html.escape(part, quote=False) for part in told)
        self._advice.show_html("fail", f"<b>{what}</b> {why} {todo}")
        detail = self._wording.detail(result.error)
        self._detail.setPlainText(detail)
        self._detail.setVisible(bool(detail))
        self._copied += [*told, detail]

    def _show(self, stage: ConnectStage, icon: str, token: str, value: str) -> None:
        shape, words = self._rows[stage]
        shape.setPixmap(self._icons.pixmap(icon, token, self._theme.icon_size, self.devicePixelRatioF()))
        words.setText(value)

    def text(self) -> str:
        """Everything, for whoever is asked for help."""
        return "\n".join(part for part in self._copied if part)
