"""What is done to the list of nodes: dialogs to add, change, remove and import, and their passwords."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from checks.credentials import is_shared
from checks.errors import ToolError
from checks.host_settings import host_node
from checks.inventory import load_nodes
from checks.node import Credentials, Node
from gui.background import Background
from gui.confirm_dialog import ConfirmDialog
from gui.connect_dialog import ConnectDialog, Trial
from gui.connections import Connections
from gui.fleet import Fleet
from gui.framed_dialog import open_dialog
from gui.icons import Icons
from gui.main_window import MainWindow
from gui.theme import Theme
from gui.wording import Wording

KEYRING = "keyring"


class NodeDesk(QObject):
    failed = Signal(object)
    """`ToolError` that belongs to no node: a file or the keyring."""

    def __init__(
        self,
        window: MainWindow,
        fleet: Fleet,
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
        self._connections = connections
        self._background = background
        self._trial = trial
        self._keep_password = keep_password
        self._forget_password = forget_password
        self._look = (wording, icons, theme)

    @Slot()
    def add(self) -> None:
        dialog = self._node_dialog(None)
        dialog.saved.connect(self._on_added)
        open_dialog(dialog)

    @Slot(str)
    def edit(self, name: str) -> None:
        state = self._fleet.state(name)
        if state is not None:
            dialog = self._node_dialog(state.node)
            dialog.saved.connect(lambda node, who, keep: self._on_edited(name, node, who, keep))
            open_dialog(dialog)

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
        self.failed.emit(error)

    @Slot(str)
    def remove(self, name: str) -> None:
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
        open_dialog(dialog)

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
        open_dialog(dialog)

    @Slot(str)
    def import_nodes(self, path: str) -> None:
        """Add the nodes of a file; those that are in the list already are left as they are."""
        try:
            nodes = load_nodes(Path(path))
        except ToolError as error:
            self.failed.emit(error)
            return
        twice = self._fleet.add_all(nodes)
        count = len(nodes) - len(twice)
        added = self.tr("1 node added.") if count == 1 else self.tr("{count} nodes added.").format(count=count)
        left = self.tr("In the list already: {names}.").format(names=", ".join(twice)) if twice else ""
        self._window.workplace.status.show_note(" ".join(part for part in (added, left) if part))
