"""What a person can order in the window, from the actions to whoever carries it out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from gui.actions import Actions
from gui.fleet_view import FleetView
from gui.node_list import NodeList


class Orders(QObject):
    """Scans go to the fleet; what takes a dialog is told to whoever opens it. Orders for a node mean the chosen one."""

    fix_requested = Signal(str, str)
    """Node name, fix id."""
    add_node_requested = Signal()
    edit_node_requested = Signal(str)
    remove_node_requested = Signal(str)
    undo_requested = Signal(str)
    """Node name."""
    site_requested = Signal(str)
    """Node name: what is known of its cluster, layout and paths."""
    open_demo_requested = Signal()
    import_requested = Signal()
    help_requested = Signal()
    history_requested = Signal()
    report_requested = Signal()

    def __init__(self, actions: Actions, fleet: FleetView, nodes: NodeList) -> None:
        super().__init__(nodes)
        self._nodes = nodes
        for name, order in {
            "scan_all": fleet.scan_all,
            "cancel_all": fleet.cancel_all,
            "add_node": self.add_node_requested.emit,
            "open_demo": self.open_demo_requested.emit,
            "import_list": self.import_requested.emit,
            "history": self.history_requested.emit,
            "report": self.report_requested.emit,
            "help": self.help_requested.emit,
        }.items():
            actions[name].triggered.connect(lambda _=False, run=order: run())
        for name, order in {
            "scan_node": fleet.scan,
            "cancel_node": fleet.cancel,
            "edit_node": self.edit_node_requested.emit,
            "remove_node": self.remove_node_requested.emit,
            "undo_last": self.undo_requested.emit,
            "node_site": self.site_requested.emit,
        }.items():
            actions[name].triggered.connect(lambda _=False, run=order: self._of_node(run))

    def _of_node(self, order: Callable[[str], object]) -> None:
        if self._nodes.current_node:
            order(self._nodes.current_node)
