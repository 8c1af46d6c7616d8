"""One table: name, words, shortcut and icon of every action a person can take in the window."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QT_TRANSLATE_NOOP, QLocale, QObject, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from gui.icons import Icons
from gui.language import NAMES
from gui.scheme import Scheme
from gui.theme import Theme


class ActionRow(NamedTuple):
    name: str
    text: object
    """English, marked for translation: what `QT_TRANSLATE_NOOP` gives is typed so."""
    tip: object
    shortcut: str = ""
    icon: str = ""


TABLE = (
    ActionRow(
        "scan_all",
        QT_TRANSLATE_NOOP("Actions", "Scan all"),
        QT_TRANSLATE_NOOP("Actions", "Read all nodes"),
        "Ctrl+F5",
        "refresh",
    ),
    ActionRow(
        "cancel_all",
        QT_TRANSLATE_NOOP("Actions", "Stop all"),
        QT_TRANSLATE_NOOP("Actions", "Stop all scans"),
        "Ctrl+.",
        "cancel",
    ),
    ActionRow(
        "scan_node",
        QT_TRANSLATE_NOOP("Actions", "Scan again"),
        QT_TRANSLATE_NOOP("Actions", "Read this node again"),
        "F5",
        "refresh",
    ),
    ActionRow(
        "cancel_node",
        QT_TRANSLATE_NOOP("Actions", "Stop"),
        QT_TRANSLATE_NOOP("Actions", "Stop this node's scan"),
        "Shift+F5",
        "cancel",
    ),
    ActionRow(
        "add_node",
        QT_TRANSLATE_NOOP("Actions", "Add node…"),
        QT_TRANSLATE_NOOP("Actions", "Add a Windows node"),
        "Ctrl+N",
        "plus",
    ),
    ActionRow(
        "edit_node",
        QT_TRANSLATE_NOOP("Actions", "Edit node…"),
        QT_TRANSLATE_NOOP("Actions", "Change how this node is reached"),
        "F2",
        "edit",
    ),
    ActionRow(
        "remove_node",
        QT_TRANSLATE_NOOP("Actions", "Remove node…"),
        QT_TRANSLATE_NOOP("Actions", "Take this node off the list; nothing changes on the node itself"),
        "Ctrl+Del",
        "remove",
    ),
    ActionRow(
        "undo_last",
        QT_TRANSLATE_NOOP("Actions", "Undo the last change…"),
        QT_TRANSLATE_NOOP("Actions", "Put back what the last fix on this node replaced"),
        "",
        "undo",
    ),
    ActionRow(
        "node_site",
        QT_TRANSLATE_NOOP("Actions", "Cluster and paths…"),
        QT_TRANSLATE_NOOP("Actions", "What is known of this node's cluster, layout and paths, and where it comes from"),
        "Ctrl+I",
        "info",
    ),
    ActionRow(
        "open_demo",
        QT_TRANSLATE_NOOP("Actions", "Open the demo"),
        QT_TRANSLATE_NOOP("Actions", "Look around on simulated nodes"),
        "Ctrl+D",
        "demo",
    ),
    ActionRow(
        "import_list",
        QT_TRANSLATE_NOOP("Actions", "Import a node list…"),
        QT_TRANSLATE_NOOP("Actions", "Read nodes from a YAML file"),
        "Ctrl+O",
        "import",
    ),
    ActionRow(
        "history",
        QT_TRANSLATE_NOOP("Actions", "History"),
        QT_TRANSLATE_NOOP("Actions", "What has been changed from here, and the way back"),
        "Ctrl+H",
        "undo",
    ),
    ActionRow(
        "report",
        QT_TRANSLATE_NOOP("Actions", "Report…"),
        QT_TRANSLATE_NOOP("Actions", "Read, copy or save what the scans found"),
        "Ctrl+R",
        "copy",
    ),
    ActionRow(
        "find",
        QT_TRANSLATE_NOOP("Actions", "Find"),
        QT_TRANSLATE_NOOP("Actions", "Find a node or check"),
        "Ctrl+F",
        "search",
    ),
    ActionRow(
        "clear_find",
        QT_TRANSLATE_NOOP("Actions", "Show everything"),
        QT_TRANSLATE_NOOP("Actions", "Clear the search and the filter"),
    ),
    ActionRow(
        "copy_finding",
        QT_TRANSLATE_NOOP("Actions", "Copy finding"),
        QT_TRANSLATE_NOOP("Actions", "Copy the whole finding as text"),
        "Ctrl+Shift+C",
        "copy",
    ),
    ActionRow(
        "copy_row",
        QT_TRANSLATE_NOOP("Actions", "Copy row"),
        QT_TRANSLATE_NOOP("Actions", "Copy verdict, statement and value"),
        "",
        "copy",
    ),
    ActionRow(
        "copy_address",
        QT_TRANSLATE_NOOP("Actions", "Copy address"),
        QT_TRANSLATE_NOOP("Actions", "Copy the node's address"),
        "",
        "copy",
    ),
    ActionRow(
        "next_pane",
        QT_TRANSLATE_NOOP("Actions", "Next pane"),
        QT_TRANSLATE_NOOP("Actions", "Move between nodes, checklist and finding"),
        "F6",
    ),
    ActionRow(
        "help",
        QT_TRANSLATE_NOOP("Actions", "Further help…"),
        QT_TRANSLATE_NOOP("Actions", "Where to ask when nothing here helped"),
        "F1",
    ),
    ActionRow(
        "quit",
        QT_TRANSLATE_NOOP("Actions", "Quit"),
        QT_TRANSLATE_NOOP("Actions", "Close Nodepane"),
        "Ctrl+Q",
    ),
)


class Actions(QObject):
    """The actions by name; the window says what they do and when they are possible."""

    def __init__(self, window: QWidget, icons: Icons, theme: Theme) -> None:
        super().__init__(window)
        self._icons = icons
        self._actions: dict[str, QAction] = {}
        for row in TABLE:
            action = QAction(self.tr(str(row.text)), window)
            action.setObjectName(row.name)
            if row.shortcut:
                action.setShortcut(QKeySequence(row.shortcut))
            shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{self.tr(str(row.tip))} ({shown})" if shown else self.tr(str(row.tip)))
            window.addAction(action)
            self._actions[row.name] = action
        self.schemes = self._scheme_group(theme)
        self.languages = self._language_group()
        self._theme = theme

    def draw(self) -> None:
        """Give them their icons: menus show them, no first picture does."""
        self._draw()
        self._theme.changed.connect(self._draw)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def _scheme_group(self, theme: Theme) -> QActionGroup:
        group = QActionGroup(self)
        words = {
            Scheme.SYSTEM: self.tr("As the system"),
            Scheme.LIGHT: self.tr("Light"),
            Scheme.DARK: self.tr("Dark"),
        }
        for scheme, text in words.items():
            action = group.addAction(text)
            action.setCheckable(True)
            action.setData(scheme.value)
            action.setChecked(scheme is theme.scheme)
        return group

    def _language_group(self) -> QActionGroup:
        group = QActionGroup(self)
        spoken = QLocale().name()[:2]
        for code, name in NAMES.items():
            action = group.addAction(name)
            action.setCheckable(True)
            action.setData(code)
            action.setChecked(code == spoken)
        return group

    @Slot()
    def _draw(self) -> None:
        for row in TABLE:
            if row.icon:
                self._actions[row.name].setIcon(self._icons.icon(row.icon))
