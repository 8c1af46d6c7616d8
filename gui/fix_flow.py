"""One guided fix on one node as a small state machine: read → choose → rehearse → review → apply → result → undo."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from checks.errors import Cancelled, Refused, ToolError
from checks.facts import NodeFacts
from checks.fix_list import FIXES
from checks.node import Node
from checks.plan import Fix, Outcome, Plan, Receipt, StepResult
from checks.repair import Repair
from checks.scan import NodeReport, Scanner
from checks.session import Session
from gui.background import Background, Tell
from gui.connections import Connections

FRESH_S = 20.0
"""Facts older than this are read again before a plan is made from them."""


class Stage(StrEnum):
    READING = "reading"
    """The node is read once more: a plan is made from how it is now."""
    CHOOSE = "choose"
    REHEARSING = "rehearsing"
    REVIEW = "review"
    APPLYING = "applying"
    DONE = "done"
    UNDOING = "undoing"
    STOPPED = "stopped"
    """Nothing was changed; `error` says why."""


WORKING = frozenset({Stage.READING, Stage.REHEARSING, Stage.APPLYING, Stage.UNDOING})
CHANGING = frozenset({Stage.APPLYING, Stage.UNDOING})
GOOD_ENDS = frozenset({Outcome.FIXED, Outcome.UNCHANGED, Outcome.UNDONE})


@dataclass(frozen=True, slots=True)
class FlowState:
    """All that the dialog shows. Holds no password: those stay inside the flow."""

    stage: Stage = Stage.READING
    defaults: tuple[tuple[str, str], ...] = ()
    """Proposed values by parameter name."""
    plan: Plan | None = None
    results: Mapping[str, StepResult] = field(default_factory=dict[str, StepResult])
    """By step id, as far as they are known."""
    receipt: Receipt | None = None
    """Of the last change: an apply or an undo."""
    undoable: Receipt | None = None
    """The change that can be undone now."""
    error: ToolError | None = None

    @property
    def is_undo(self) -> bool:
        """Whether the steps are, or were, taken back."""
        undone = self.receipt is not None and self.receipt.kind == "undo"
        return self.stage is Stage.UNDOING or (self.stage is Stage.DONE and undone)

    @property
    def went_well(self) -> bool:
        """It is over, and as it should be."""
        ended = self.stage is Stage.DONE and self.error is None and self.receipt is not None
        return ended and self.receipt is not None and self.receipt.outcome in GOOD_ENDS


class FixFlow(QObject):
    """Works on the node's own queue, so that nothing else talks to the node meanwhile. GUI thread only."""

    changed = Signal(object)
    """`FlowState`."""
    node_changed = Signal(str)
    """Something was sent that may have changed this node (name): scan it again."""

    def __init__(
        self,
        node: Node,
        fix_id: str,
        repair: Repair,
        scanner: Scanner,
        connections: Connections,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.node = node
        self.fix: Fix = FIXES[fix_id]
        self._repair = repair
        self._scanner = scanner
        self._connections = connections
        self._background = background
        self._state = FlowState()
        self._facts: NodeFacts | None = None
        self._read_at = 0.0
        self._secrets: dict[str, str] = {}

    @property
    def state(self) -> FlowState:
        return self._state

    def script_text(self) -> str:
        """The exact script that runs on the node."""
        return self._repair.script_text(self.fix.id)

    # Read

    def begin(self) -> None:
        """Read the node as it is now; then parameters are chosen, or the plan is made at once."""
        self._put(FlowState())
        self._start(self._read, self._on_read, self._stop)

    def _read(self, _: Tell) -> object:
        session = self._connections.session(self.node)
        try:
            return self._scanner.read(session, self.node, self.fix.reads)
        finally:
            self._connections.release(session)

    def _on_read(self, report: object) -> None:
        assert isinstance(report, NodeReport)
        if report.error is not None:
            self._stop(report.error)
            return
        self._facts = report.facts
        self._read_at = time.monotonic()
        if not self.fix.parameters:
            self.rehearse({})
            return
        defaults = tuple((one.name, one.default(report.facts)) for one in self.fix.parameters)
        self._put(FlowState(Stage.CHOOSE, defaults))

    # Rehearse

    def rehearse(self, values: Mapping[str, str]) -> None:
        """Make the plan; nothing is changed on the node."""
        known = self._facts if time.monotonic() - self._read_at < FRESH_S else None
        self._put(replace(self._state, stage=Stage.REHEARSING, error=None))

        def call(_: Tell) -> object:
            session = self._connections.session(self.node)
            try:
                facts = known or self._facts_now(session)
                return self._repair.rehearse(session, self.node, self.fix.id, facts, values)
            finally:
                self._connections.release(session)

        def done(plan: object) -> None:
            assert isinstance(plan, Plan)
            self._secrets = {name: values.get(name, "") for name in plan.secret_parameters}
            self._put(replace(self._state, stage=Stage.REVIEW, plan=plan, results={}, error=None))

        def failed(error: ToolError) -> None:
            if self.fix.parameters and isinstance(error, Refused):
                self._put(replace(self._state, stage=Stage.CHOOSE, error=error))
            else:
                self._stop(error)

        self._start(call, done, failed)

    def _facts_now(self, session: Session) -> NodeFacts:
        report = self._scanner.read(session, self.node, self.fix.reads)
        if report.error is not None:
            raise report.error
        return report.facts

    def choose_again(self) -> None:
        """From the review back to the parameters."""
        if self._state.stage is Stage.REVIEW and self.fix.parameters:
            self._put(replace(self._state, stage=Stage.CHOOSE, plan=None, error=None))

    # Apply and undo

    def apply(self) -> None:
        """Do what the plan says. It is sent once; what becomes of it is read."""
        plan = self._state.plan
        if self._state.stage is not Stage.REVIEW or plan is None:
            return
        self._put(replace(self._state, stage=Stage.APPLYING, results={}, error=None))

        def call(tell: Tell) -> object:
            self._connections.close(self.node.name)
            return self._repair.apply(self._open, self.node, plan, self._secrets, tell)

        self._start(call, self._on_receipt, self._on_apply_failed)

    def _on_apply_failed(self, error: ToolError) -> None:
        self._stop(error)
        if not isinstance(error, Refused):
            self.node_changed.emit(self.node.name)

    def undo(self) -> None:
        """Put back what the last change replaced, as long as the node is as that change left it."""
        receipt = self._state.undoable
        if receipt is None or self._state.stage in WORKING:
            return
        self._put(replace(self._state, stage=Stage.UNDOING, results={}, error=None))

        def call(tell: Tell) -> object:
            self._connections.close(self.node.name)
            return self._repair.undo(self._open, self.node, receipt, tell)

        def failed(error: ToolError) -> None:
            self._put(replace(self._state, stage=Stage.DONE, error=error))
            self.node_changed.emit(self.node.name)

        self._start(call, self._on_receipt, failed)

    def resume(self, receipt: Receipt) -> None:
        """Stand where an earlier change ended, to undo it."""
        self._put(FlowState(Stage.DONE, plan=receipt.plan, receipt=receipt, undoable=receipt))

    def _on_receipt(self, receipt: object) -> None:
        assert isinstance(receipt, Receipt)
        can_undo = self.fix.can_undo and receipt.left_something
        self._put(
            replace(
                self._state,
                stage=Stage.DONE,
                results={one.id: one for one in receipt.results},
                receipt=receipt,
                undoable=receipt if can_undo else None,
            )
        )
        self.node_changed.emit(self.node.name)

    def cancel(self) -> None:
        """Stop reading or rehearsing. A change that was sent is not stopped half-way: the node ends it by itself."""
        if self._state.stage in WORKING - CHANGING:
            self._connections.cancel(self.node.name)

    # Inside

    def _open(self) -> Session:
        return self._connections.fresh(self.node)

    def _start(
        self, call: Callable[[Tell], object], on_done: Callable[[object], None], on_failed: Callable[[ToolError], None]
    ) -> None:
        def failed(error: Exception) -> None:
            if isinstance(error, ToolError):
                on_failed(error)
                return
            on_failed(ToolError("unexpected", detail=f"{type(error).__name__}: {error}", node=self.node.name))
            raise error

        self._background.start(self.node.name, call, on_done, failed, self._on_step, owner=self)

    def _on_step(self, result: object) -> None:
        if isinstance(result, StepResult):
            self._put(replace(self._state, results={**self._state.results, result.id: result}))

    def _stop(self, error: ToolError) -> None:
        told = error if not isinstance(error, Cancelled) else Cancelled("cancelled", node=self.node.name)
        self._put(replace(self._state, stage=Stage.STOPPED, error=told))

    def _put(self, state: FlowState) -> None:
        if state != self._state or state.stage is Stage.READING:
            self._state = state
            self.changed.emit(state)
