"""What the window's orders lead to: dialogs for fixes, the journal, reports and errors. One desk per window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from checks.errors import Refused, ToolError
from checks.history import Change, changes_of, last_to_undo
from checks.plan import Receipt
from checks.receipt import ReceiptStore
from checks.repair import Repair
from checks.scan import Scanner
from gui.background import Background
from gui.change_words import ChangeWords
from gui.connections import Connections
from gui.error_dialog import ErrorDialog
from gui.fix_dialog import FixDialog
from gui.fix_flow import CHANGING, FixFlow
from gui.fleet import Fleet
from gui.framed_dialog import open_dialog
from gui.help_dialog import HelpDialog
from gui.history_dialog import HistoryDialog
from gui.icons import Icons
from gui.main_window import MainWindow
from gui.node_desk import NodeDesk
from gui.report_dialog import ReportDialog
from gui.site_dialog import SiteDialog
from gui.theme import Theme
from gui.wording import Wording, now_utc

JOURNAL = "journal"


class Desk(QObject):
    def __init__(
        self,
        window: MainWindow,
        fleet: Fleet,
        repair: Repair,
        receipts: ReceiptStore,
        scanner: Scanner,
        connections: Connections,
        background: Background,
        nodes: NodeDesk,
        wording: Wording,
        icons: Icons,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._fleet = fleet
        self._repair = repair
        self._receipts = receipts
        self._scanner = scanner
        self._connections = connections
        self._background = background
        self.nodes = nodes
        self._look = (wording, icons, theme)
        self._changes = ChangeWords(wording, self)
        self._flows: dict[str, tuple[FixFlow, FixDialog]] = {}
        fleet.list_not_saved.connect(self.show_error)
        nodes.failed.connect(self.show_error)
        # After the first picture.
        QTimer.singleShot(0, self, self.read_journal)

    @Slot(object)
    def show_error(self, error: ToolError) -> None:
        """An error that belongs to no node."""
        open_dialog(ErrorDialog(error, *self._look, self._window))

    @Slot()
    def open_help(self) -> None:
        """Where to ask when nothing here helped."""
        open_dialog(HelpDialog(*self._look, self._window))

    @Slot(str)
    def open_site(self, name: str) -> None:
        """What is known of this node's cluster, layout and paths."""
        state = self._fleet.state(name)
        if state is not None:
            dialog = SiteDialog(state, self._background, *self._look, self._window)
            self._fleet.states_changed.connect(dialog.take_states)
            open_dialog(dialog)

    # Fixes

    @Slot(str, str)
    def open_fix(self, name: str, fix: str) -> None:
        """The dialog of a fix; a change that is under way on this node is shown instead of a second one."""
        if self._raise_running(name):
            return
        made = self._make_flow(name, fix)
        if made is not None:
            flow, dialog = made
            dialog.show()
            flow.begin()

    @Slot(str)
    def open_undo(self, name: str) -> None:
        """The last change on this node that can be undone."""
        state = self._fleet.state(name)
        if state is None or self._raise_running(name):
            return
        try:
            last = last_to_undo(changes_of(self._receipts.all()), name, state.node.address)
        except ToolError as error:
            self.show_error(error)
            return
        if last is None:
            self._window.workplace.status.show_note(self.tr("Nothing to undo on {node}.").format(node=name))
        else:
            self._resume(last.receipt)

    @Slot(object)
    def undo_change(self, receipt: Receipt) -> None:
        """The way back from one change of the journal."""
        plan = receipt.plan
        state = self._fleet.state(plan.node)
        if state is None or state.node.address != plan.address:
            self.show_error(Refused("undo-no-node", node=plan.node, address=plan.address))
        elif not self._raise_running(plan.node):
            self._resume(receipt)

    def _resume(self, receipt: Receipt) -> None:
        made = self._make_flow(receipt.plan.node, receipt.plan.fix)
        if made is not None:
            flow, dialog = made
            dialog.show()
            flow.resume(receipt)

    def _raise_running(self, name: str) -> bool:
        known = self._flows.get(name)
        if known is None:
            return False
        flow, dialog = known
        if flow.state.stage not in CHANGING and not dialog.isVisible():
            del self._flows[name]
            dialog.deleteLater()
            flow.deleteLater()
            return False
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return True

    def _make_flow(self, name: str, fix: str) -> tuple[FixFlow, FixDialog] | None:
        state = self._fleet.state(name)
        if state is None:
            return None
        flow = FixFlow(state.node, fix, self._repair, self._scanner, self._connections, self._background, self)
        flow.node_changed.connect(self._fleet.scan)
        flow.node_changed.connect(self.read_journal)
        dialog = FixDialog(flow, *self._look, self._window)
        self._flows[name] = (flow, dialog)
        return flow, dialog

    def flow_of(self, name: str) -> tuple[FixFlow, FixDialog]:
        """The fix that is open on this node. Raises `KeyError`."""
        return self._flows[name]

    @property
    def is_changing(self) -> bool:
        """Whether a change is being applied or undone now."""
        return any(flow.state.stage in CHANGING for flow, _ in self._flows.values())

    def tell_busy(self) -> None:
        """Say why something has to wait for a change that runs."""
        self._window.workplace.status.show_note(self.tr("A change is running on a node. Try again when it is done."))

    # Journal and report

    @Slot()
    def read_journal(self) -> None:
        """Tell the window, off this thread, how much was changed so far."""
        self._background.start(
            JOURNAL, lambda _: changes_of(self._receipts.all()), self._on_journal, self._on_journal_failed, owner=self
        )

    def _on_journal(self, changes: object) -> None:
        assert isinstance(changes, tuple)
        found: tuple[Change, ...] = changes
        self._window.workplace.status.show_journal(self._changes.journal(found))
        for dialog in self._window.findChildren(HistoryDialog):
            dialog.show_changes(found)

    def _on_journal_failed(self, error: Exception) -> None:
        if not isinstance(error, ToolError):
            raise error
        self._window.workplace.status.show_journal(self.tr("The journal can't be read"))
        if self._window.findChildren(HistoryDialog):
            self.show_error(error)

    @Slot()
    def open_history(self) -> None:
        """The journal stands beside the window: an undo has a dialog of its own."""
        for dialog in self._window.findChildren(HistoryDialog):
            dialog.raise_()
            dialog.activateWindow()
            return
        dialog = HistoryDialog(*self._look, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.undo_requested.connect(self.undo_change)
        dialog.show()
        self.read_journal()

    @Slot()
    def open_report(self) -> None:
        wording, _, theme = self._look
        states = self._fleet.states()
        open_dialog(ReportDialog(states, self._window.workplace.current_node, wording, now_utc, theme, self._window))
