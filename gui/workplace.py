"""All that the window holds: arranges pages and actions; knows no rules and nothing of nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from checks.finding import Finding
from gui.actions import Actions
from gui.checklist_page import ChecklistPage, is_trouble
from gui.finder import Finder
from gui.finding_panel import FindingPanel
from gui.fleet_view import FleetView
from gui.icons import Icons
from gui.later import Later
from gui.node_list import NodeList
from gui.orders import Orders
from gui.panes import Panes
from gui.scheme import Scheme
from gui.state import BUSY, NodeState
from gui.status_line import StatusLine
from gui.theme import Theme
from gui.top_bar import TopBar
from gui.wording import Wording

if TYPE_CHECKING:
    from gui.welcome_page import WelcomePage

TIMES_MS = 5000
"""How often relative times are told anew."""


class Workplace(QWidget):
    scheme_chosen = Signal(str)
    """The person chose colours (already applied); name of a `Scheme`."""
    first_painted = Signal()
    """The first picture is on the screen: what it could do without may be made now."""
    language_chosen = Signal(str)
    """Two letters; whoever built the window builds it anew in that language."""

    def __init__(self, fleet: FleetView, wording: Wording, icons: Icons, theme: Theme, settings: QSettings) -> None:
        """`settings`: where the splitters stood is kept there."""
        super().__init__()
        self._fleet = fleet
        self._wording = wording
        self._icons = icons
        self._theme = theme
        self._settings = settings
        self._states: dict[str, NodeState] = {}
        self._is_painted = False
        self._later = Later(self)
        self.first_painted.connect(self._complete)
        self._actions = Actions(self, icons, theme)
        self._top = TopBar(self._actions, icons, theme)
        self.nodes = NodeList(wording, icons, theme, self._actions)
        self.orders = Orders(self._actions, fleet, self.nodes)
        self.checklist = ChecklistPage(wording, icons, theme, self._actions)
        self.finding = FindingPanel(wording, icons, theme)
        self.panes = Panes(self.nodes, self.checklist, self.finding, theme)
        self._finder = Finder(self._top, self.nodes, self.checklist, self._actions, self)
        self._welcome: WelcomePage | None = None
        self.status = StatusLine(theme)
        self._arrange()
        self._connect()
        self._times = QTimer(self)
        self._times.setInterval(TIMES_MS)
        self._times.timeout.connect(self._refresh_times)
        panes = settings.value("window/panes")
        if panes is not None:
            self.panes.restore(panes)
        self._on_nodes(fleet.states())
        self.settle()

    # Building

    def _arrange(self) -> None:
        self._pages = QStackedWidget()
        self._pages.addWidget(self.panes)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._top)
        box.addWidget(self._pages, 1)
        box.addWidget(self.status)
        self.setMinimumSize(self._theme.step(160), self._theme.step(110))

    def _welcome_page(self) -> WelcomePage:
        from gui.welcome_page import WelcomePage

        if self._welcome is None:
            self._welcome = WelcomePage(self._actions, self._icons, self._theme)
            self._pages.addWidget(self._welcome)
        return self._welcome

    def _connect(self) -> None:
        self._fleet.nodes_changed.connect(self._on_nodes)
        self._fleet.states_changed.connect(self._on_states)
        self.nodes.node_chosen.connect(self._on_node_chosen)
        self.nodes.opened.connect(self._on_node_opened)
        self.checklist.check_changed.connect(self._on_check)
        self.checklist.check_opened.connect(self._on_check_opened)
        self.finding.fix_requested.connect(self.orders.fix_requested)
        self.finding.check_wanted.connect(self.checklist.select_check)
        self.finding.close_wanted.connect(self._close_finding)
        self.panes.finding_shown_changed.connect(self._choose_primary)
        self._top.scheme_chosen.connect(self._on_scheme)
        self._top.language_chosen.connect(self.language_chosen)
        for name, slot in {
            "copy_finding": self.finding.copy_finding,
            "copy_address": self._copy_address,
            "next_pane": self._next_pane,
            "quit": lambda: self.window().close(),
        }.items():
            self._actions[name].triggered.connect(lambda _=False, run=slot: run())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._times.start()
        if not self.focusWidget():
            self.nodes.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self.first_painted.emit)  # its children paint in the same pass

    @Slot()
    def _complete(self) -> None:
        """What the first picture could do without; part by part, so that nothing stands still for it."""
        for part in (
            self._show_icon,
            self._actions.draw,
            self._top.fill_menu,
            self.checklist.head.prepare,
            self.checklist.prepare,
            self.finding.prepare,
        ):
            self._later.ask(part)

    def _show_icon(self) -> None:
        self.window().setWindowIcon(self._icons.app_icon())

    @property
    def ground(self) -> str:
        """The colour behind everything, as `#rrggbb`: the window has it before it has a workplace."""
        return self._theme.hex("surface")

    def leave(self) -> None:
        """The window closes."""
        self._settings.setValue("window/panes", self.panes.save())
        self._times.stop()

    # What the fleet says

    @Slot(object)
    def _on_nodes(self, states: tuple[NodeState, ...]) -> None:
        self._states = {state.node.name: state for state in states}
        self.nodes.set_states(states)
        self._pages.setCurrentWidget(self.panes if states else self._welcome_page())
        self._later.ask(self._show_current)
        self._later.ask(self._show_fleet)

    @Slot(object)
    def _on_states(self, states: tuple[NodeState, ...]) -> None:
        self._states.update({state.node.name: state for state in states})
        self.nodes.set_some(states)
        if any(state.node.name == self.current_node for state in states):
            self._later.ask(self._show_current)
        self._later.ask(self._show_fleet)

    def _show_fleet(self) -> None:
        states = tuple(self._states.values())
        busy = any(state.phase in BUSY for state in states)
        self.status.show_states(states)
        self.nodes.set_running(busy)
        self._actions["scan_all"].setEnabled(bool(states))
        self._actions["report"].setEnabled(bool(states))
        self._actions["cancel_all"].setEnabled(busy)
        self._top.set_busy(busy)

    # Node → checklist → finding

    @property
    def current_node(self) -> str:
        """Name of the node that is shown; empty where there is none."""
        return self.nodes.current_node

    def select_node(self, name: str) -> None:
        """Show this node."""
        self.nodes.choose(name)
        self.settle()

    @property
    def is_settled(self) -> bool:
        """Whether everything that is known is shown, and every part of the window made."""
        return self._later.is_idle

    def settle(self) -> None:
        """Show now what waits for a moment to be shown in."""
        self._later.settle()

    def select_check(self, check: str) -> None:
        """Show this check's finding."""
        self.settle()
        self.checklist.select_check(check)

    @Slot()
    def _on_node_chosen(self) -> None:
        self.panes.close_finding()
        self._later.ask(self._show_current)

    def _show_current(self) -> None:
        state = self._states.get(self.current_node)
        self.checklist.show_state(state)
        busy = state is not None and state.phase in BUSY
        for name in ("edit_node", "remove_node", "undo_last", "node_site", "copy_address"):
            self._actions[name].setEnabled(state is not None)
        self._actions["scan_node"].setEnabled(state is not None and not busy)
        self._actions["cancel_node"].setEnabled(busy)
        if state is not None and not busy and not self.checklist.current_check:
            self.checklist.select_check(self.checklist.worst_check())
        self._later.ask(self._show_finding)

    def _show_finding(self) -> None:
        state = self.checklist.state  # of the rows that stand there: another node's come a moment later
        check = self.checklist.current_check
        shown: Finding | None = None
        if state is not None and not is_trouble(state):
            shown = next((finding for finding in state.findings if finding.check == check), None)
        self.finding.show_finding(state, shown, check)
        self._choose_primary()
        for name in ("copy_finding", "copy_row"):
            self._actions[name].setEnabled(shown is not None)

    @Slot(str)
    def _on_check(self, _check: str) -> None:
        self._later.ask(self._show_finding)

    @Slot(str)
    def _on_check_opened(self, _check: str) -> None:
        was_narrow = self.panes.is_narrow
        self.panes.open_finding()
        if was_narrow or not QGuiApplication.mouseButtons():
            self._focus_finding()

    def _focus_finding(self) -> None:
        if self.panes.is_finding_shown:
            self.settle()
            self.finding.focus_story()

    @Slot()
    def _close_finding(self) -> None:
        self.panes.close_finding()
        self.checklist.view.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_node_opened(self) -> None:
        if not QGuiApplication.mouseButtons():
            self.checklist.view.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _choose_primary(self) -> None:
        """One filled button at a time: a fix that is offered, else the page's own first step, else scanning."""
        taken = self.checklist.has_primary or (self.finding.offers_fix and self.panes.is_finding_shown)
        self._top.set_primary(not taken)

    # What else is asked for

    @Slot()
    def _copy_address(self) -> None:
        state = self._states.get(self.current_node)
        if state is not None:
            QGuiApplication.clipboard().setText(state.node.address)

    @Slot()
    def _next_pane(self) -> None:
        """Nodes → checklist → finding → nodes."""
        if self.nodes.hasFocus():
            self.checklist.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif self.checklist.view.hasFocus() and self.panes.is_finding_shown:
            self._focus_finding()
        else:
            self.nodes.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot(str)
    def _on_scheme(self, name: str) -> None:
        self._theme.set_scheme(Scheme(name))
        self.nodes.refresh_words()
        self.scheme_chosen.emit(name)

    @Slot()
    def _refresh_times(self) -> None:
        self.checklist.refresh_times()
        self.finding.refresh_times()
