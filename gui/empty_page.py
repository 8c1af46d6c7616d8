"""A page for where there is nothing to list: it says why, and what can be done from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.chip_layout import ChipLayout
from gui.flow_text import FlowText
from gui.icons import Icons
from gui.theme import Theme, mark


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error in its three parts, and what a technician would ask for."""

    what: str
    why: str
    do: str
    detail: str = ""
    icon: str = "unreachable"
    """Its shape; one of `TOKENS`."""


TOKENS = {"unreachable": "unknown", "warn": "warn", "fail": "fail", "cancel": "muted"}
"""Shapes of trouble and their colours."""


class _Support(NamedTuple):
    """What an error shows besides: what to do, a technician's words and the buttons for them."""

    do: FlowText
    details: QPushButton
    copy: QPushButton
    detail: FlowText


class EmptyPage(QScrollArea):
    """Shape, title, sentences, buttons; or an error in three parts with its details."""

    def __init__(self, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._theme = theme
        self._icon = "empty"
        self._token = "muted"
        self._copied = ""
        self._support: _Support | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        page.setObjectName("page")
        self.setWidget(page)
        outer = QVBoxLayout(page)
        outer.setContentsMargins(theme.step(6), theme.step(6), theme.step(6), theme.step(6))
        outer.addStretch(2)
        column = QWidget()
        column.setMaximumWidth(theme.step(120))
        outer.addWidget(column, 0, Qt.AlignmentFlag.AlignVCenter)
        outer.addStretch(3)
        self._box = QVBoxLayout(column)
        self._fill(self._box)
        theme.changed.connect(self._redraw)

    def _fill(self, box: QVBoxLayout) -> None:
        theme = self._theme
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.step(2))
        self._shape = QLabel()
        self._title, self._text = FlowText(), FlowText()
        self._title.setProperty("heading", True)
        self._text.setProperty("muted", True)
        self._buttons = QWidget()
        self._row = ChipLayout(theme.step(2), self._buttons)
        for widget in (self._shape, self._title, self._text):
            box.addWidget(widget)
        box.addSpacing(theme.step(2))
        box.addWidget(self._buttons)

    def _make_support(self) -> _Support:
        """What only an error has. Most pages never show one."""
        support = _Support(
            FlowText(),
            QPushButton(self.tr("Details"), self._buttons),
            QPushButton(self.tr("Copy for support"), self._buttons),
            FlowText(),
        )
        mark(support.detail, mono=True)
        support.details.setCheckable(True)
        support.details.toggled.connect(support.detail.setVisible)
        mark(support.copy, flat_link=True)
        support.copy.clicked.connect(self._copy_text)
        self._box.insertWidget(self._box.indexOf(self._text) + 1, support.do)
        self._box.addWidget(support.detail)
        return support

    def show_words(
        self,
        icon: str,
        title: str,
        text: str,
        actions: tuple[QAction, ...] = (),
        *,
        primary: bool = False,
        first: str = "",
    ) -> None:
        """Plain words and what can be done; with `primary` the first button is the likeliest next step.

        `first`: words on the first button, where those of its action do not fit here.
        """
        self._show(icon, "muted", title, text, actions, primary, first)
        if self._support is not None:
            for widget in self._support:
                widget.hide()

    def show_trouble(self, trouble: Trouble, actions: tuple[QAction, ...] = (), *, details: bool = False) -> None:
        """An error: what happened, why we think so, what to do. `details`: shown at once."""
        if self._support is None:
            self._support = self._make_support()
        support = self._support
        self._show(trouble.icon, TOKENS[trouble.icon], trouble.what, trouble.why, actions, True)
        support.do.setPlainText(trouble.do)
        support.do.setVisible(bool(trouble.do))
        support.detail.setPlainText(trouble.detail)
        self._copied = "\n".join(part for part in (trouble.what, trouble.why, trouble.do, trouble.detail) if part)
        support.details.setChecked(details and bool(trouble.detail))
        support.detail.setVisible(support.details.isChecked())
        for button, shown in ((support.details, bool(trouble.detail)), (support.copy, True)):
            self._row.addWidget(button)
            button.setVisible(shown)

    def _show(
        self,
        icon: str,
        token: str,
        title: str,
        text: str,
        actions: tuple[QAction, ...],
        primary: bool,
        first: str = "",
    ) -> None:
        self._icon, self._token = icon, token
        self._title.setPlainText(title)
        self._text.setPlainText(text)
        self._text.setVisible(bool(text))
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget not in (self._support or ()):
                widget.hide()
                widget.deleteLater()
        for number, action in enumerate(actions):
            button = self._button(action, primary=primary and number == 0)
            if first and number == 0:
                button.setText(first)
            self._row.addWidget(button)
        self._redraw()

    def _button(self, action: QAction, *, primary: bool) -> QPushButton:
        button = QPushButton(action.text(), self._buttons)
        button.setProperty("primary", primary)
        button.setToolTip(action.toolTip())
        button.setEnabled(action.isEnabled())
        action.enabledChanged.connect(button.setEnabled)
        button.clicked.connect(action.trigger)
        button.show()
        return button

    def title(self) -> str:
        return self._title.toPlainText()

    @Slot()
    def _copy_text(self) -> None:
        QGuiApplication.clipboard().setText(self._copied)

    @Slot()
    def _redraw(self) -> None:
        self._shape.setPixmap(
            self._icons.pixmap(self._icon, self._token, self._theme.step(10), self.devicePixelRatioF())
        )
