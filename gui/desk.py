"""What the window's orders lead to: dialogs for nodes, fixes and errors. One desk per window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QDialog, QFileDialog

from checks.credentials import is_shared
from checks.errors import Refused, ToolError
from checks.history import Change, changes_of, last_to_undo
from checks.host_settings import host_node
from checks.inventory import load_nodes
from checks.node import Credentials, Node
from checks.plan import Receipt
from checks.receipt import ReceiptStore
from checks.repair import Repair
from checks.scan import Scanner
from gui.background import Background
from gui.confirm_dialog import ConfirmDialog
from gui.connect_dialog import ConnectDialog, Trial
from gui.connections import Connections
from gui.error_dialog import ErrorDialog
from gui.fix_dialog import FixDialog
from gui.fix_flow import CHANGING, FixFlow
from gui.fleet import Fleet
from gui.help_dialog import HelpDialog
from gui.history_dialog import HistoryDialog
from gui.icons import Icons
from gui.main_window import MainWindow
from gui.report_dialog import ReportDialog
from gui.site_dialog import SiteDialog
from gui.theme import Theme
from gui.wording import Wording, now_utc

KEYRING = "keyring"
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
        trial: Trial,
        keep_password: Callable[[Node, str], None],
        forget_password: Callable[[Node], None],
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
        self._trial = trial
        self._keep_password = keep_password
        self._forget_password = forget_password
        self._look = (wording, icons, theme)
        self._flows: dict[str, tuple[FixFlow, FixDialog]] = {}
        fleet.list_not_saved.connect(self.show_error)
        # After the first picture.
        QTimer.singleShot(0, self, self.read_journal)

    def _show(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(object)
    def show_error(self, error: ToolError) -> None:
        """An error that belongs to no node."""
        self._show(ErrorDialog(error, *self._look, self._window))

    @Slot()
    def open_help(self) -> None:
        """Where to ask when nothing here helped."""
        self._show(HelpDialog(*self._look, self._window))

    @Slot(str)
    def open_site(self, name: str) -> None:
        """What is known of this node's cluster, layout and paths."""
        state = self._fleet.state(name)
        if state is not None:
            dialog = SiteDialog(state, self._background, *self._look, self._window)
            self._fleet.states_changed.connect(dialog.take_states)
            self._show(dialog)

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
        self._window.workplace.status.show_journal(self._look[0].journal(found))
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
        self._show(ReportDialog(states, self._window.workplace.current_node, wording, now_utc, theme, self._window))

    # Nodes

    @Slot()
    def add_node(self) -> None:
        dialog = self._node_dialog(None)
        dialog.saved.connect(self._on_added)
        self._show(dialog)

    @Slot(str)
    def edit_node(self, name: str) -> None:
        state = self._fleet.state(name)
        if state is not None:
            dialog = self._node_dialog(state.node)
            dialog.saved.connect(lambda node, who, keep: self._on_edited(name, node, who, keep))
            self._show(dialog)

    def _node_dialog(self, node: Node | None) -> ConnectDialog:
        nodes = [state.node for state in self._fleet.states()]
        names, groups = frozenset(one.name for one in nodes), tuple(one.group for one in nodes)
        dialog = ConnectDialog(node, names, groups, self._trial, self._background, *self._look, self._window)
        dialog.host_saved.connect(self._remember)
        return dialog

    @Slot(object, object, bool)
    def _on_added(self, node: Node, who: Credentials | None, keep: bool) -> None:
        self._remember(node, who, keep)
        self._fleet.add(node)
        self._window.workplace.select_node(node.name)
        self._fleet.scan(node.name)

    def _on_edited(self, name: str, node: Node, who: Credentials | None, keep: bool) -> None:
        self._remember(node, who, keep)
        self._fleet.replace(name, node)
        self._window.workplace.select_node(node.name)
        self._fleet.scan(node.name)

    @Slot(object, object, bool)
    def _remember(self, node: Node, who: Credentials | None, keep: bool) -> None:
        """In memory at once; in the keyring where that is wanted, off this thread: it may ask to be unlocked."""
        if who is None:
            return
        self._connections.remember(node, who)
        if keep:
            self._background.start(
                KEYRING, lambda _: self._keep_password(node, who.password), on_failed=self._on_keyring_failed
            )

    def _on_keyring_failed(self, error: Exception) -> None:
        if not isinstance(error, ToolError):
            raise error
        self.show_error(error)

    @Slot(str)
    def remove_node(self, name: str) -> None:
        """Ask first; nothing changes on the node itself."""
        state = self._fleet.state(name)
        if state is None:
            return
        dialog = ConfirmDialog(
            self.tr("Remove {node} from the list?").format(node=name),
            self._after_removal(state.node),
            self.tr("Remove {node}").format(node=name),
            self._look[2],
            self._window,
        )
        dialog.confirmed.connect(lambda: self._remove(state.node))
        self._show(dialog)

    def _after_removal(self, node: Node) -> str:
        if is_shared(node, self._signed_in(without=node)):
            return self.tr(
                "Its password is kept: another node of the list has it too. Nothing changes on the node itself."
            )
        return self.tr("Its password is removed from this computer's keyring. Nothing changes on the node itself.")

    def _signed_in(self, without: Node) -> tuple[Node, ...]:
        """Whom the list's other nodes need passwords for: themselves and their Hyper-V hosts."""
        nodes = [state.node for state in self._fleet.states() if state.node.name != without.name]
        return (*nodes, *(host for node in nodes if (host := host_node(node)) is not None))

    def _remove(self, node: Node) -> None:
        self._fleet.remove(node.name)
        kept = self._signed_in(without=node)
        host = host_node(node)
        for one in (node,) if host is None else (node, host):
            if not is_shared(one, kept):
                self._forget(one)

    def _forget(self, node: Node) -> None:
        self._connections.forget(node)
        self._background.start(KEYRING, lambda _: self._forget_password(node), on_failed=self._on_keyring_failed)

    @Slot()
    def choose_import(self) -> None:
        dialog = QFileDialog(self._window, self.tr("Import a node list"), "", "YAML (*.yaml *.yml)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.import_nodes)
        self._show(dialog)

    @Slot(str)
    def import_nodes(self, path: str) -> None:
        """Add the nodes of a file; those that are in the list already are left as they are."""
        try:
            nodes = load_nodes(Path(path))
        except ToolError as error:
            self.show_error(error)
            return
        twice = self._fleet.add_all(nodes)
        count = len(nodes) - len(twice)
        added = self.tr("1 node added.") if count == 1 else self.tr("{count} nodes added.").format(count=count)
        left = self.tr("In the list already: {names}.").format(names=", ".join(twice)) if twice else ""
        self._window.workplace.status.show_note(" ".join(part for part in (added, left) if part))
