"""The windows as a person meets them: things are found by what is written on them, and waited for, never slept for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fake_fleet import FakeFleet
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTextEdit,
    QTreeView,
    QWidget,
)
from shiboken6 import isValid

from checks.finding import Finding
from gui.app import Parts
from gui.checklist_model import CheckRole
from gui.main_window import MainWindow
from gui.node_list_model import NodeRole
from gui.state import NodeState
from gui.theme import Theme

LIMIT_MS = 20_000
Widget = TypeVar("Widget", bound=QWidget)


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def rows(view: QTreeView, parent: QModelIndex | None = None) -> list[QModelIndex]:
    """Rows that can be chosen, from top to bottom."""
    model = view.model()
    found: list[QModelIndex] = []
    for row in range(model.rowCount(parent or QModelIndex())):
        index = model.index(row, 0, parent or QModelIndex())
        if index.flags() & Qt.ItemFlag.ItemIsSelectable:
            found.append(index)
        found += rows(view, index)
    return found


class Page:
    """Any window or dialog."""

    def __init__(self, qtbot, root: QWidget) -> None:
        self.qtbot = qtbot
        self.root = root

    def find(self, kind: type[Widget], name: str) -> Widget:
        """The visible widget with this text or accessible name; the first where several do the same."""
        found = [one for one in self.root.findChildren(kind) if one.isVisible() and name in _names(one)]
        assert found, f"no {kind.__name__} {name!r} in {self.root.windowTitle()!r}: {self.buttons()}"
        return found[0]

    def buttons(self) -> list[str]:
        return [
            one.text() or one.accessibleName() for one in self.root.findChildren(QAbstractButton) if one.isVisible()
        ]

    def rest(self) -> None:
        """Wait until what was done shows; a dialog shows it at once."""

    def button(self, name: str) -> QAbstractButton:
        return self.find(QAbstractButton, name)

    def click(self, name: str) -> None:
        button = self.button(name)
        assert button.isEnabled(), name
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        self.rest()

    def field(self, name: str) -> QLineEdit:
        return self.find(QLineEdit, name)

    def type(self, name: str, text: str) -> None:
        """Replace what stands in a field, key by key."""
        field = self.field(name)
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClick(field, Qt.Key.Key_Delete)
        self.qtbot.keyClicks(field, text)
        self.rest()

    def choose(self, name: str, text: str) -> None:
        box = self.find(QComboBox, name)
        assert box.findText(text) >= 0, [box.itemText(row) for row in range(box.count())]
        box.setCurrentIndex(box.findText(text))

    def tick(self, name: str, on: bool = True) -> None:
        box = self.find(QCheckBox, name)
        if box.isChecked() != on:
            self.qtbot.keyClick(box, Qt.Key.Key_Space)

    def texts(self) -> str:
        """Everything that can be read now."""
        told: list[str] = [self.root.windowTitle()]
        for one in self.root.findChildren(QWidget):
            if one.isVisible() and not any(isinstance(above, QDialog) for above in _above(one, self.root)):
                told += [_text(one)]
        return "\n".join(text for text in told if text)

    def says(self, *words: str) -> bool:
        told = self.texts()
        return all(word in told for word in words)

    def wait(self, done: Callable[[], bool], limit_ms: int = LIMIT_MS) -> None:
        self.qtbot.waitUntil(done, timeout=limit_ms)

    def wait_text(self, *words: str) -> None:
        try:
            self.wait(lambda: self.says(*words))
        except Exception as error:
            raise AssertionError(f"{words} not in:\n{self.texts()}") from error

    def press(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= modifier
        target = QApplication.focusWidget() or self.root
        self.qtbot.keyClick(target, key, held)
        self.rest()


class Window(Page):
    """The main window. `parts` are the program's objects where it is the real one."""

    fleet: FakeFleet
    theme: Theme

    def __init__(self, qtbot, window: MainWindow, parts: Parts | None) -> None:
        super().__init__(qtbot, window)
        self.window = window
        self.parts = parts

    def rest(self) -> None:
        if isValid(self.window):
            self.wait(lambda: self.window.workplace.is_settled)

    def put(self, state: NodeState) -> None:
        """One node has a new state, and the window shows it."""
        self.fleet.put(state)
        self.rest()

    def put_all(self, states: tuple[NodeState, ...]) -> None:
        """These nodes and no others, and the window shows them."""
        self.fleet.put_all(states)
        self.rest()

    def node_names(self) -> list[str]:
        return [str(index.data(NodeRole.NAME)) for index in rows(self.window.workplace.nodes)]

    def node_line(self, name: str) -> str:
        return next(
            str(i.data(NodeRole.LINE)) for i in rows(self.window.workplace.nodes) if i.data(NodeRole.NAME) == name
        )

    def node_spoken(self, name: str) -> str:
        role = Qt.ItemDataRole.AccessibleTextRole
        return next(str(i.data(role)) for i in rows(self.window.workplace.nodes) if i.data(NodeRole.NAME) == name)

    def choose_node(self, name: str) -> None:
        self._click_row(self.window.workplace.nodes, lambda index: index.data(NodeRole.NAME) == name)

    def choose_check(self, title: str) -> None:
        self._click_row(self.window.workplace.checklist.view, lambda index: index.data() == title)

    def _click_row(self, view: QTreeView, wanted: Callable[[QModelIndex], bool]) -> None:
        [index] = [one for one in rows(view) if wanted(one)]
        view.scrollTo(index)
        self.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
        self.rest()

    def titles(self) -> list[str]:
        """The checklist's rows, from top to bottom."""
        return [str(index.data()) for index in rows(self.window.workplace.checklist.view)]

    def places(self) -> dict[str, int]:
        """Where each row of the checklist begins, in pixels."""
        view = self.window.workplace.checklist.view
        return {str(index.data(CheckRole.CHECK)): view.visualRect(index).top() for index in rows(view)}

    def verdicts(self) -> dict[str, str]:
        """Check id and verdict of each row; '' while it is not judged."""
        found: dict[str, str] = {}
        for index in rows(self.window.workplace.checklist.view):
            finding = index.data(CheckRole.FINDING)
            judged = isinstance(finding, Finding) and not index.data(CheckRole.PENDING)
            found[str(index.data(CheckRole.CHECK))] = finding.verdict.value if judged else ""
        return found

    def is_compared(self) -> bool:
        """Whether what was found by holding the nodes against each other is shown."""
        found = [verdict for check, verdict in self.verdicts().items() if check.startswith("fleet.")]
        return bool(found) and "" not in found

    def order(self, text: str) -> None:
        """An entry of the menu."""
        found = [one for one in self.window.findChildren(QAction) if one.text().replace("&", "") == text]
        assert found, text
        assert found[0].isEnabled(), text
        found[0].trigger()
        self.rest()

    def dialog(self, title: str) -> Page:
        """The open dialog with this title."""
        self.wait(lambda: bool(self._dialogs(title)))
        [found] = self._dialogs(title)
        return Page(self.qtbot, found)

    def _dialogs(self, title: str) -> list[QDialog]:
        found = self.window.findChildren(QDialog)
        return [one for one in found if one.isVisible() and title in one.windowTitle()]

    def has_dialog(self, title: str) -> bool:
        return bool(self._dialogs(title))

    def scan_all(self) -> None:
        """Scan, and wait for the end."""
        self.order("Scan all")
        self.wait(lambda: self.says("nodes scanned"))
        total = len(self.node_names())
        self.wait_text(f"{total} of {total} nodes scanned")


def _names(widget: QWidget) -> tuple[str, ...]:
    words = [widget.accessibleName(), widget.objectName()]
    if isinstance(widget, QAbstractButton | QLabel):
        words.append(widget.text().replace("&", ""))
    return tuple(words)


def _above(widget: QWidget, root: QWidget) -> list[QWidget]:
    """What the widget stands in, below this root."""
    found: list[QWidget] = []
    above = widget
    while above is not None and above is not root:
        found.append(above)
        above = above.parentWidget()
    return found


def _text(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
        return widget.text()
    if isinstance(widget, QTextEdit | QPlainTextEdit):
        return widget.toPlainText().replace("\N{NO-BREAK SPACE}", " ")
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return widget.accessibleName() if isinstance(widget, QProgressBar) else ""
