"""The inputs of a fix: proposed from the node, checked while they are typed."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from checks.errors import ToolError
from checks.plan import Fix, Parameter
from gui.flow_text import FlowText
from gui.icons import Icons
from gui.notice import Notice
from gui.theme import Theme, mark
from gui.wording import Wording


class FixChoosePage(QScrollArea):
    validity_changed = Signal(bool)
    accepted = Signal()
    """Enter in a field."""

    def __init__(self, fix: Fix, wording: Wording, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fix = fix
        self._wording = wording
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        page = QWidget()
        page.setObjectName("page")
        self.setWidget(page)
        box = QVBoxLayout(page)
        box.setContentsMargins(theme.step(5), theme.step(4), theme.step(5), theme.step(4))
        box.setSpacing(theme.step(1))
        about = FlowText()
        about.setPlainText(wording.fix_about(fix.id)[0])
        box.addWidget(about)
        self._error = Notice(icons, theme)
        self._error.hide()
        box.addWidget(self._error)
        self._fields: dict[str, QLineEdit] = {}
        self._words: dict[str, FlowText] = {}
        for parameter in fix.parameters:
            self._add(box, parameter, theme)
        box.addStretch(1)

    def _add(self, box: QVBoxLayout, parameter: Parameter, theme: Theme) -> None:
        label, hint = self._wording.parameter(self._fix.id, parameter.name)
        name = QLabel(label)
        mark(name, strong=True)
        name.setContentsMargins(0, theme.step(3), 0, 0)
        field = QLineEdit()
        field.setObjectName(parameter.name)
        field.setAccessibleName(label)
        field.setAccessibleDescription(hint)
        name.setBuddy(field)
        under = FlowText()
        mark(under, small=True, muted=True)
        field.textChanged.connect(self._check)
        field.returnPressed.connect(self.accepted)
        for widget in (name, field, under):
            box.addWidget(widget)
        self._fields[parameter.name] = field
        self._words[parameter.name] = under

    def propose(self, values: tuple[tuple[str, str], ...]) -> None:
        """Fill in what the node's facts propose, where the person has typed nothing yet."""
        for name, value in values:
            field = self._fields[name]
            if not field.isModified():
                field.setText(value)
        self._check()

    def values(self) -> dict[str, str]:
        return {name: field.text().strip() for name, field in self._fields.items()}

    def show_error(self, error: ToolError | None) -> None:
        """Why the node could not make a plan of these values."""
        if error is None:
            self._error.show_html("fail", "")
            return
        what, why, todo = (html.escape(part, quote=False) for part in self._wording.error(error))
        self._error.show_html("fail", f"<b>{what}</b> {why} {todo}")
        self.verticalScrollBar().setValue(0)

    @property
    def is_valid(self) -> bool:
        return not any(self._wrong(one) for one in self._fix.parameters)

    def _wrong(self, parameter: Parameter) -> str:
        value = self.values()[parameter.name]
        if parameter.required and not value:
            return "missing"
        return parameter.check(value)

    @Slot()
    def _check(self) -> None:
        """Say under each field what is wrong, else what to mind, else its hint."""
        for parameter in self._fix.parameters:
            field, under = self._fields[parameter.name], self._words[parameter.name]
            wrong = self._wrong(parameter)
            warn = "" if wrong else parameter.warn(field.text().strip())
            code = wrong or warn
            hint = self._wording.parameter(self._fix.id, parameter.name)[1]
            under.setPlainText(self._wording.fix_reason(self._fix.id, code) if code else hint)
            # Nobody has done anything wrong where nothing was typed yet.
            blamed = bool(wrong) and (wrong != "missing" or field.isModified())
            mark(under, error=blamed, muted=not blamed and not warn)
            mark(field, invalid=blamed)
        self.validity_changed.emit(self.is_valid)

    def focus_first(self) -> None:
        for field in self._fields.values():
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            return
