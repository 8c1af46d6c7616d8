"""The latest state of each node; starts and stops scans, and keeps the node list's file up to date."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from checks.errors import Cancelled, ToolError
from checks.node import Node
from checks.turn import first
from gui.background import Background, Job, Tell
from gui.comparison import Comparison, Pairs, answered, awaiting, carried, compared_ids, unanswered
from gui.connections import Connections
from gui.fleet_view import FleetView
from gui.gatherer import Gatherer
from gui.state import BUSY, NodeState, Phase

if TYPE_CHECKING:
    from checks.scan import NodeReport, Scanner

TIDY_MS = 30_000


class Fleet(FleetView):
    """The fleet over real scans. All methods on the GUI thread."""

    list_not_saved = Signal(object)
    """`ToolError`: the node list's file could not be written; the list in memory goes on."""

    def __init__(
        self,
        nodes: tuple[Node, ...],
        scanner: Callable[[], Scanner],
        connections: Connections,
        background: Background,
        checks: Callable[[], frozenset[str]],
        save: Callable[[tuple[Node, ...]], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self._connections = connections
        self._background = background
        self._checks = checks
        self._save = save
        self._states = {node.name: NodeState(node) for node in nodes}
        self._jobs: dict[str, Job] = {}
        self._stops: dict[str, threading.Event] = {}
        self._changed = Gatherer(self._tell_changed, self)
        self._comparison = Comparison(background, self, self._on_compared, self._on_not_compared)
        self._tidy = QTimer(self)
        self._tidy.setInterval(TIDY_MS)
        self._tidy.timeout.connect(self._close_idle)
        self._tidy.start()

    # Reading

    def states(self) -> tuple[NodeState, ...]:
        return tuple(self._states.values())

    def state(self, name: str) -> NodeState | None:
        return self._states.get(name)

    # Scanning

    def scan(self, name: str) -> None:
        """Read this node again; nothing happens while it is being read or waits for that."""
        state = self._states.get(name)
        if state is None or state.phase in BUSY:
            return
        self._put(replace(state, phase=Phase.WAITING))
        node = state.node
        stop = self._stops[name] = threading.Event()
        self._jobs[name] = self._background.start(
            name,
            lambda tell: self._read(node, stop, tell),
            lambda report: self._on_report(node, stop, report),
            lambda error: self._on_failed(node, stop, error),
            lambda event: self._on_event(node, stop, event),
        )

    def scan_all(self) -> None:
        for name in tuple(self._states):
            self.scan(name)

    def cancel(self, name: str) -> None:
        """Stop this node's scan; what was known stays."""
        state, job = self._states.get(name), self._jobs.get(name)
        if state is None or job is None or state.phase not in BUSY:
            return
        if self._background.drop(job):
            self._end(name, replace(state, phase=self._phase_before(state), pending=frozenset()))
        else:
            self._stops[name].set()
            self._connections.cancel(name)

    def cancel_all(self) -> None:
        for name in tuple(self._jobs):
            self.cancel(name)

    def _read(self, node: Node, stop: threading.Event, tell: Tell) -> NodeReport:
        """On a worker thread."""
        from checks.scan import ScanDone

        compared_ids()  # read here, so that nothing has to be read on the GUI thread
        session = self._connections.session(node)
        try:
            if stop.is_set():  # before there was a session to stop
                raise Cancelled("cancelled", node=node.name)
            report: NodeReport | None = None
            for event in self._scanner().scan(session, node, stop=stop):
                if isinstance(event, ScanDone):
                    report = event.report
                else:
                    tell(event)
            if report is None:
                raise Cancelled("cancelled", node=node.name)
            return report
        finally:
            self._connections.release(session)

    def _on_event(self, node: Node, stop: threading.Event, event: object) -> None:
        from checks.scan import FindingReady, ProbeStarted

        state = self._running(node, stop)
        if state is None:
            return
        if state.phase is Phase.WAITING and isinstance(event, ProbeStarted | FindingReady):
            state = replace(state, phase=Phase.SCANNING, pending=self._checks() | compared_ids())
            self._put(state)
        if isinstance(event, FindingReady):
            finding = event.finding
            known = {one.check: one for one in state.findings}
            known[finding.check] = finding
            self._put(replace(state, findings=tuple(known.values()), pending=state.pending - {finding.check}))

    def _on_report(self, node: Node, stop: threading.Event, report: object) -> None:
        from checks.scan import NodeReport

        state = self._running(node, stop)
        if state is None or not isinstance(report, NodeReport):
            return
        unread = report.error is not None and not report.profile
        found = report.findings if unread else carried(state, report)
        phase = Phase.FAILED if unread else Phase.DONE
        ended = NodeState(node, phase, found, report=report, error=report.error, scanned_at=datetime.now(UTC))
        self._end(node.name, awaiting(ended))

    def _on_failed(self, node: Node, stop: threading.Event, error: Exception) -> None:
        from checks.scan import unread_report

        state = self._running(node, stop)
        if state is None:
            return
        if isinstance(error, Cancelled):
            self._end(node.name, replace(state, phase=self._phase_before(state), pending=frozenset()))
        elif isinstance(error, ToolError):
            self._on_report(node, stop, unread_report(node, error, datetime.now(UTC)))
        else:
            told = ToolError("unexpected", detail=f"{type(error).__name__}: {error}", node=node.name)
            self._on_report(node, stop, unread_report(node, told, datetime.now(UTC)))
            raise error

    @staticmethod
    def _phase_before(state: NodeState) -> Phase:
        """After stopping: findings of the scan before stand as they are."""
        if state.report is None:
            return Phase.CANCELLED if state.findings else Phase.NEVER
        return Phase.CANCELLED

    # The list

    def add(self, node: Node) -> None:
        """A node at the end of the list; its name is not there yet."""
        self._states[node.name] = NodeState(node)
        self._list_changed()

    def replace(self, name: str, node: Node) -> None:
        """Another way to reach it, or another name; what was found with the old way is forgotten."""
        self._abandon(name)
        old = self._states.get(name)
        kept = old is not None and replace(old.node, group=node.group) == node
        new = self._regrouped(old, node) if old is not None and kept else NodeState(node)
        self._states = {node.name if key == name else key: new if key == name else s for key, s in self._states.items()}
        self._compare_soon()
        self._list_changed()

    def _regrouped(self, state: NodeState, node: Node) -> NodeState:
        report = replace(state.report, node=node) if state.report is not None else None
        if state.phase in BUSY:
            state = replace(state, phase=self._phase_before(state), pending=frozenset())
        return replace(state, node=node, report=report)

    def remove(self, name: str) -> None:
        self._abandon(name)
        self._states.pop(name, None)
        self._compare_soon()
        self._list_changed()

    def _abandon(self, name: str) -> None:
        """Nobody waits any more for what runs on this node."""
        self.cancel(name)
        self._jobs.pop(name, None)
        self._stops.pop(name, None)
        self._close(name)
        # Behind the scan that was just cancelled: it still writes down what it learned.
        self._background.start(name, lambda _: self._scanner().forget(name))

    def add_all(self, nodes: tuple[Node, ...]) -> tuple[str, ...]:
        """Several at once, after an import; answers the names left out because they stand in the list already."""
        there = {name.casefold() for name in self._states}
        twice = tuple(node.name for node in nodes if node.name.casefold() in there)
        self._states.update({node.name: NodeState(node) for node in nodes if node.name.casefold() not in there})
        self._list_changed()
        return twice

    def _list_changed(self) -> None:
        self._changed.clear()
        self.nodes_changed.emit(self.states())
        try:
            self._save(tuple(state.node for state in self._states.values()))
        except ToolError as error:
            self.list_not_saved.emit(error)

    # Ending

    def stop(self) -> None:
        """Stop every scan and close every session; some seconds at most."""
        self._tidy.stop()
        self.cancel_all()
        for name in self._connections.open_names():
            self._close(name)

    def _close(self, name: str) -> None:
        self._background.start(name, lambda _: self._connections.close(name))

    @Slot()
    def _close_idle(self) -> None:
        for name in self._connections.idle_names():
            if not self._background.is_busy(name):
                self._close(name)

    # Telling

    def _current(self, node: Node) -> NodeState | None:
        """The state that this answer belongs to; None where the node was changed or removed meanwhile."""
        state = self._states.get(node.name)
        return state if state is not None and state.node == node else None

    def _running(self, node: Node, stop: threading.Event) -> NodeState | None:
        """The same for an answer of the scan that `stop` stops: None where that was given up, or another one has begun."""
        return self._current(node) if self._stops.get(node.name) is stop else None

    def _end(self, name: str, state: NodeState) -> None:
        self._jobs.pop(name, None)
        self._stops.pop(name, None)
        self._put(state)
        self._compare_soon()

    def _compare_soon(self) -> None:
        """Hold the nodes against each other, once no scan runs any more."""
        if self._jobs:
            return
        read = [state for state in self._states.values() if state.report is not None]
        for state in read:
            self._put(awaiting(state))
        self._comparison.start([state.report for state in read if state.report is not None])

    def _on_compared(self, pairs: Pairs) -> None:
        for old, new in pairs:
            state = self._current(old.node)
            # A report that has come meanwhile is held against the others itself.
            if state is not None and state.report is old:
                self._put(answered(state, new))

    def _on_not_compared(self) -> None:
        for state in self.states():
            if state.phase not in BUSY:
                self._put(unanswered(state))

    def _put(self, state: NodeState) -> None:
        if self._states.get(state.node.name) != state:
            self._states[state.node.name] = state
            self._changed.add(state.node.name)

    def _tell_changed(self, names: tuple[str, ...]) -> None:
        states = tuple(state for name in names if (state := self._states.get(name)) is not None)
        if states:
            with first():
                self.states_changed.emit(states)
