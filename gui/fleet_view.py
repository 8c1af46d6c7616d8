"""What the window needs of the fleet: the states of all nodes, and the orders it gives."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from checks.node import Node
from gui.state import NodeState


class FleetView(QObject):
    """The latest state of each node. Signals arrive on the GUI thread and carry one frozen value."""

    nodes_changed = Signal(object)
    """Nodes came, went or were replaced: `tuple[NodeState, ...]`, all of them in the order of the node list."""
    states_changed = Signal(object)
    """Some nodes have a new state: `tuple[NodeState, ...]`, told together."""

    def states(self) -> tuple[NodeState, ...]:
        raise NotImplementedError

    def scan(self, name: str) -> None:
        raise NotImplementedError

    def scan_all(self) -> None:
        raise NotImplementedError

    def cancel(self, name: str) -> None:
        raise NotImplementedError

    def cancel_all(self) -> None:
        raise NotImplementedError

    def add(self, node: Node) -> None:
        raise NotImplementedError

    def replace(self, name: str, node: Node) -> None:
        raise NotImplementedError

    def remove(self, name: str) -> None:
        raise NotImplementedError
