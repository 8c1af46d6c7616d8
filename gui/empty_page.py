"""A page for where there is nothing to list: it says why, and what can be done from here."""

from __future__ import annotations

from dataclasses import dataclass

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


class EmptyPage(QScrollArea):
    """Shape, title, sentences, buttons; or an error in three parts with its details."""

    def __init__(self, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._theme = theme
        self._icon = "empty"
        self._token = "muted"
        self._copied = ""
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
        self._fill(QVBoxLayout(column))
        theme.changed.connect(self._redraw)

    def _fill(self, box: QVBoxLayout) -> None:
        theme = self._theme
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.step(2))
        self._shape = QLabel()
        self._title, self._text, self._do = FlowText(), FlowText(), FlowText()
        self._title.setProperty("heading", True)
        self._text.setProperty("muted", True)
        self._detail = FlowText()
        mark(self._detail, mono=True)
        self._buttons = QWidget()
        self._row = ChipLayout(theme.step(2), self._buttons)
        self._details = QPushButton(self.tr("Details"), self._buttons)
        self._details.setCheckable(True)
        self._details.toggled.connect(self._detail.setVisible)
        self._copy = QPushButton(self.tr("Copy for support"), self._buttons)
        mark(self._copy, flat_link=True)
        self._copy.clicked.connect(self._copy_text)
        box.addWidget(self._shape)
        for widget in (self._title, self._text, self._do):
            box.addWidget(widget)
        box.addSpacing(theme.step(2))
        box.addWidget(self._buttons)
        box.addWidget(self._detail)

    def show_words(
        self, icon: str, title: str, text: str, actions: tuple[QAction, ...] = (), *, primary: bool = False
    ) -> None:
        """Plain words and what can be done; with `primary` the first button is the likeliest next step."""
        self._show(icon, "muted", title, text, "", actions, primary)
        self._detail.setPlainText("")
        self._end()

    def show_trouble(self, trouble: Trouble, actions: tuple[QAction, ...] = (), *, details: bool = False) -> None:
        """An error: what happened, why we think so, what to do. `details`: shown at once."""
        self._show(trouble.icon, TOKENS[trouble.icon], trouble.what, trouble.why, trouble.do, actions, True)
        self._detail.setPlainText(trouble.detail)
        self._copied = "\n".join(part for part in (trouble.what, trouble.why, trouble.do, trouble.detail) if part)
        self._end(support=True, details=details and bool(trouble.detail))

    def _show(
        self, icon: str, token: str, title: str, text: str, do: str, actions: tuple[QAction, ...], primary: bool
    ) -> None:
        self._icon, self._token = icon, token
        self._title.setPlainText(title)
        self._text.setPlainText(text)
        self._do.setPlainText(do)
        self._do.setVisible(bool(do))
        self._text.setVisible(bool(text))
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget not in (self._details, self._copy):
                widget.hide()
                widget.deleteLater()
        for number, action in enumerate(actions):
            self._row.addWidget(self._button(action, primary=primary and number == 0))
        self._redraw()

    def _end(self, *, support: bool = False, details: bool = False) -> None:
        self._details.setChecked(details)
        self._detail.setVisible(details)
        for button, shown in ((self._details, support and bool(self._detail.toPlainText())), (self._copy, support)):
            button.setParent(self._buttons)
            self._row.addWidget(button)
            button.setVisible(shown)

    def _button(self, action: QAction, *, primary: bool) -> QPushButton:
        button = QPushButton(action.text(), self._buttons)
        button.setProperty("primary", primary)
        button.setToolTip(action.toolTip())
        button.setEnabled(action.isEnabled())
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
