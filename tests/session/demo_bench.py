"""One node of the demo behind its WinRM server, and everything of the app that works on it."""

from __future__ import annotations

from pathlib import Path

from checks.finding import Verdict
from checks.plan import Plan, Receipt, StepResult
from checks.receipt import ReceiptStore
from checks.repair import Repair
from checks.scan import NodeReport, ScanDone, Scanner
from checks.session.winrm import WinRmSession
from checks.simulator.demo_state import NodeState
from checks.simulator.site import RunningDemo


class Bench:
    """One node of the demo, and everything that works on it."""

    def __init__(self, demo: RunningDemo, name: str, folder: Path) -> None:
        self.demo = demo
        self.scripts = scripts = demo.site.scripts
        self.node = next(one for one in demo.nodes if one.name == name)
        self.scanner = Scanner(scripts)
        self.receipts = ReceiptStore(folder)
        self.repair = Repair(scripts, self.receipts, self.scanner, sleep=lambda _: None)
        self.results: list[StepResult] = []

    def open(self) -> WinRmSession:
        return WinRmSession(self.node, self.demo.credentials, self.scripts)

    def scan(self) -> NodeReport:
        session = self.open()
        try:
            for event in self.scanner.scan(session, self.node):
                if isinstance(event, ScanDone):
                    return event.report
        finally:
            session.close()
        raise AssertionError("the scan never ended")

    def ill(self) -> set[str]:
        quiet = (Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.INFO)
        return {one.check for one in self.scan().findings if one.verdict not in quiet}

    def snapshot(self) -> dict[str, object]:
        """The state as the node holds it: registry and files, without what a change keeps for itself."""
        state = next(one.state for one in self.demo.site.nodes if one.name == self.node.name)
        own = "c:\\programdata\\nodepane"
        files = {file.path: file.data for file in state.disk if not file.path.lower().startswith(own)}
        values = {(key.path, one.name): (one.kind, one.data) for key in state.registry for one in key.values.values()}
        return {
            "files": files,
            "registry": values,
            "tasks": {name for name in state.tasks if not name.endswith((" apply", " undo", " back"))},
        }

    @property
    def state(self) -> NodeState:
        state = next(one.state for one in self.demo.site.nodes if one.name == self.node.name)
        assert state is not None
        return state

    def rehearse(self, fix: str, values: dict[str, str] | None = None) -> Plan:
        facts = self.scan().facts
        session = self.open()
        try:
            return self.repair.rehearse(session, self.node, fix, facts, values or {})
        finally:
            session.close()

    def undo(self, receipt: Receipt) -> Receipt:
        return self.repair.undo(self.open, self.node, receipt, self.results.append)
