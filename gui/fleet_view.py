"""What the window needs of the fleet: the states of all nodes, and the orders it gives."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import SignalInstance

from checks.node import Node
from gui.state import NodeState


class FleetView(Protocol):
    """A `QObject` with the latest state of each node. Signals arrive on the GUI thread and carry one frozen value."""

    @property
    def nodes_changed(self) -> SignalInstance:
        """Nodes came, went or were replaced: `tuple[NodeState, ...]`, all of them in the order of the node list."""
        ...

    @property
    def node_changed(self) -> SignalInstance:
        """One node has a new state: `NodeState`."""
        ...

    def states(self) -> tuple[NodeState, ...]: ...

    def scan(self, name: str) -> None: ...

    def scan_all(self) -> None: ...

    def cancel(self, name: str) -> None: ...

    def cancel_all(self) -> None: ...

    def add(self, node: Node) -> None: ...

    def replace(self, name: str, node: Node) -> None: ...

    def remove(self, name: str) -> None: ...
