"""The whole road on the demo, over the wire: found, rehearsed, applied, green; undone, and ill as before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.plan import Outcome, StepResult, StepState
from checks.receipt import ReceiptStore
from checks.repair import Repair
from checks.scan import NodeReport, ScanDone, Scanner
from checks.session.winrm import WinRmSession
from checks.simulator.site import RunningDemo, start_demo

PROXY = "http://proxy.example.com:3128"
REPAIRS = (
    ("worker-02", "restart-flanneld", {}),
    ("worker-03", "remove-stale-subnet-files", {}),
    ("worker-05", "set-proxy-variables", {"HTTPS_PROXY": PROXY}),
)
STAYS = {"restart-flanneld": {"network.hns-network-exists"}}
"""What an undo leaves mended: taking away the network that flanneld made would cut off every pod."""


@pytest.fixture
def demo(resources: Path) -> Iterator[RunningDemo]:
    running = start_demo(resources)
    yield running
    running.close()


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
        quiet = ("pass", "not_applicable")
        return {one.check for one in self.scan().findings if one.verdict.value not in quiet}

    def snapshot(self) -> dict[str, object]:
        """The state as the node holds it: registry and files, without what a change keeps for itself."""
        state = next(one.state for one in self.demo.site.nodes if one.name == self.node.name)
        own = "c:\\programdata\\nodepane"
        files = {file.path: file.data for file in state.disk if not file.path.lower().startswith(own)}
        values = {(key.path, one.name): (one.kind, one.data) for key in state.registry for one in key.values.values()}
        return {
            "files": files,
            "registry": values,
            "tasks": {name for name in state.tasks if not name.endswith((" apply", " undo"))},
        }


@pytest.mark.parametrize(("name", "fix", "values"), REPAIRS, ids=[name for name, _, _ in REPAIRS])
def test_each_fix_turns_its_findings_green(demo: RunningDemo, tmp_path, name: str, fix: str, values) -> None:
    bench = Bench(demo, name, tmp_path)
    facts = bench.scan().facts
    ill = bench.ill()
    assert ill

    before = bench.snapshot()
    session = bench.open()
    plan = bench.repair.rehearse(session, bench.node, fix, facts, values)
    session.close()
    assert plan.steps
    assert bench.snapshot() == before

    receipt = bench.repair.apply(bench.open, bench.node, plan, values, bench.results.append)
    assert receipt.outcome is Outcome.FIXED, receipt
    assert {one.state for one in receipt.results} == {StepState.DONE}
    assert bench.ill() == set()

    undone = bench.repair.undo(bench.open, bench.node, receipt, bench.results.append)
    assert undone.outcome is Outcome.UNDONE
    assert bench.snapshot() == before
    assert bench.ill() == ill - STAYS.get(fix, set())


def test_a_network_that_cuts_the_session_is_looked_up_afterwards(demo: RunningDemo, tmp_path) -> None:
    bench = Bench(demo, "worker-02", tmp_path)
    state = next(one.state for one in demo.site.nodes if one.name == "worker-02")
    state.hns.blip = True
    facts = bench.scan().facts
    session = bench.open()
    plan = bench.repair.rehearse(session, bench.node, "restart-flanneld", facts, {})
    session.close()
    receipt = bench.repair.apply(bench.open, bench.node, plan, {}, bench.results.append)
    assert state.cuts == 1
    assert receipt.outcome is Outcome.FIXED
    assert bench.ill() == set()
