"""The bar above the panes: the likeliest order, adding a node, the search, and a menu for the rest."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QPushButton, QWidget

from gui.actions import Actions
from gui.icons import Icons
from gui.theme import Theme, mark


class SearchField(QLineEdit):
    left = Signal()
    """Enter, Down or Escape: the person goes on in the list."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class TopBar(QFrame):
    scheme_chosen = Signal(str)
    """Name of a `Scheme`."""
    language_chosen = Signal(str)
    """Two letters."""

    def __init__(self, actions: Actions, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self._actions = actions
        self._icons = icons
        self._busy = False
        self._primary = True
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.step(3), theme.step(2), theme.step(3), theme.step(2))
        row.setSpacing(theme.step(2))
        self._scan = QPushButton()
        self._scan.clicked.connect(self._on_scan)
        self._add = QPushButton(actions["add_node"].text())
        self._add.setToolTip(actions["add_node"].toolTip())
        self._add.clicked.connect(actions["add_node"].trigger)
        self.search = SearchField()
        self.search.setPlaceholderText(self.tr("Find a node or check (Ctrl+F)"))
        self.search.setAccessibleName(self.tr("Find a node or check"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(theme.step(40))
        self.search.setMaximumWidth(theme.step(70))
        self._menu = QPushButton()
        mark(self._menu, quiet=True)
        self._menu.setToolTip(self.tr("Menu"))
        self._menu.setAccessibleName(self.tr("Menu"))
        self._menu.setMenu(QMenu(self))
        actions.schemes.triggered.connect(self._on_scheme)
        actions.languages.triggered.connect(self._on_language)
        row.addWidget(self._scan)
        row.addWidget(self._add)
        row.addStretch(1)
        row.addWidget(self.search, 4)
        row.addWidget(self._quiet("history"))
        self._report = self._quiet("report")
        row.addWidget(self._report)
        row.addWidget(self._menu)
        self._draw()
        theme.changed.connect(self._draw)

    def _quiet(self, name: str) -> QPushButton:
        action = self._actions[name]
        button = QPushButton(action.text())
        mark(button, quiet=True)
        button.setToolTip(action.toolTip())
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        return button

    def fill_menu(self) -> None:
        """What the menu holds: no first picture shows it."""
        menu = self._menu.menu()
        for name in (
            "scan_all",
            "scan_node",
            "cancel_all",
            "",
            "add_node",
            "import_list",
            "open_demo",
            "",
            "history",
            "report",
            "",
        ):
            if name:
                menu.addAction(self._actions[name])
            else:
                menu.addSeparator()
        colours = menu.addMenu(self.tr("Colours"))
        colours.addActions(self._actions.schemes.actions())
        languages = menu.addMenu(self.tr("Language"))
        languages.addActions(self._actions.languages.actions())
        menu.addSeparator()
        menu.addAction(self._actions["help"])
        menu.addAction(self._actions["quit"])

    def set_busy(self, busy: bool) -> None:
        """While nodes are being read, the same button stops them."""
        self._busy = busy
        self._draw()

    def set_primary(self, primary: bool) -> None:
        """Whether scanning is the likeliest next step: only one button is filled at a time."""
        self._primary = primary
        self._draw()

    @Slot()
    def _draw(self) -> None:
        action = self._actions["cancel_all" if self._busy else "scan_all"]
        self._scan.setText(action.text())
        self._scan.setToolTip(action.toolTip())
        self._scan.setEnabled(action.isEnabled())
        mark(self._scan, primary=self._primary and not self._busy)
        self._menu.setIcon(self._icons.icon("menu"))

    @Slot()
    def _on_scan(self) -> None:
        self._actions["cancel_all" if self._busy else "scan_all"].trigger()

    @Slot(QAction)
    def _on_scheme(self, action: QAction) -> None:
        self.scheme_chosen.emit(str(action.data()))

    @Slot(QAction)
    def _on_language(self, action: QAction) -> None:
        self.language_chosen.emit(str(action.data()))
