"""No nodes yet: three ways to start."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.actions import Actions
from gui.flow_text import FlowText
from gui.icons import Icons
from gui.theme import Theme, mark


class WelcomePage(QScrollArea):
    def __init__(self, actions: Actions, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._theme = theme
        self._shapes: list[tuple[QLabel, str]] = []
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        page.setObjectName("page")
        self.setWidget(page)
        across = QHBoxLayout(page)
        column = QWidget()
        column.setMaximumWidth(theme.step(160))
        across.addStretch(1)
        across.addWidget(column, 8)
        across.addStretch(1)
        box = QVBoxLayout(column)
        box.setSpacing(theme.step(3))
        box.addStretch(2)
        title, text = FlowText(), FlowText()
        title.setProperty("title", True)
        title.setPlainText(self.tr("No nodes yet"))
        text.setProperty("muted", True)
        text.setPlainText(
            self.tr(
                "Nodepane reads the Windows nodes of a Kubernetes cluster over WinRM, shows what is wrong and repairs it "
                "step by step. Nothing is installed on a node, and nothing is changed without your word."
            )
        )
        box.addWidget(title)
        box.addWidget(text)
        box.addSpacing(theme.step(2))
        for action, words, primary in (
            (actions["open_demo"], self.tr("Simulated nodes, some of them ill, to try everything on."), True),
            (actions["add_node"], self.tr("One of your nodes: its address, and an account that may sign in."), False),
            (actions["import_list"], self.tr("Many nodes at once, from a YAML file with names and addresses."), False),
        ):
            box.addWidget(self._card(action, words, primary=primary))
        box.addStretch(3)
        self._draw()
        theme.changed.connect(self._draw)

    def _card(self, action: QAction, words: str, *, primary: bool) -> QFrame:
        theme = self._theme
        card = QFrame()
        card.setProperty("card", True)
        row = QHBoxLayout(card)
        row.setContentsMargins(theme.step(4), theme.step(3), theme.step(4), theme.step(3))
        row.setSpacing(theme.step(4))
        shape = QLabel()
        self._shapes.append((shape, action.objectName()))
        text = FlowText()
        text.setPlainText(words)
        button = QPushButton(action.text())
        button.setToolTip(action.toolTip())
        button.setAccessibleDescription(words)
        button.setMinimumWidth(theme.step(42))
        mark(button, primary=primary)
        button.clicked.connect(action.trigger)
        row.addWidget(shape)
        row.addWidget(text, 1)
        row.addWidget(button)
        return card

    @Slot()
    def _draw(self) -> None:
        names = {"open_demo": "demo", "add_node": "plus", "import_list": "import"}
        for label, action in self._shapes:
            size, ratio = self._theme.step(6), self.devicePixelRatioF()
            label.setPixmap(self._icons.pixmap(names[action], "accent", size, ratio))
