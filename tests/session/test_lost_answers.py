"""What was sent and not answered is unknown, never sent again, and read from the node; what nobody keeps goes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from demo_bench import Bench

from checks.errors import Cancelled, CannotReachNode, Refused, ScriptFailed, SignInRefused, ToolError
from checks.plan import Outcome, StepState
from checks.plan_file import sealed
from checks.session import Reply, Request
from checks.session.winrm import WinRmSession
from checks.simulator.demo_fixes import run_due
from checks.simulator.site import RunningDemo, start_demo

FLANNELD, FILES = "worker-02", "worker-03"


@pytest.fixture
def demo(resources: Path) -> Iterator[RunningDemo]:
    running = start_demo(resources)
    yield running
    running.close()


class Wire:
    """Sessions on which something goes wrong: `rules` by the mode of a change, or the name of a script."""

    def __init__(self, bench: Bench, **rules: BaseException | None) -> None:
        self.bench = bench
        self.rules = rules
        self.before = False
        """Whether it goes wrong before anything is sent, not after the node has done it."""
        self.sent: list[str] = []

    def open(self) -> WinRmSession:
        session = self.bench.open()
        session.run = self._ask(session, session.run)
        return session

    def _ask(self, session: WinRmSession, run: Callable[..., Iterator[Reply]]) -> Callable[..., Iterator[Reply]]:
        def ask(requests: Sequence[Request], deadline_s: float, hold_ms: int = 0) -> Iterator[Reply]:
            name = str(requests[0].parameters.get("Mode", "scan")).replace("-", "_")
            if requests[0].script.name == "Get-ChangeResult":
                name = "look"
            wrong = self.rules.get(name)
            if wrong is not None and self.before:
                raise wrong
            self.sent.append(name)
            replies = list(run(requests, deadline_s, hold_ms))
            if wrong is not None:
                raise wrong
            yield from replies

        return ask


def lost() -> CannotReachNode:
    return CannotReachNode("connection-lost", node="x", address="y")


def pass_time(bench: Bench, minutes: int) -> None:
    run_due(bench.state, bench.state.clock() + timedelta(minutes=minutes))


def one_shots(bench: Bench) -> list[str]:
    return sorted(name.rpartition(" ")[2] for name in bench.state.tasks if name.startswith("nodepane 2"))


def apply(bench: Bench, wire: Wire, fix: str):
    return bench.repair.apply(wire.open, bench.node, bench.rehearse(fix), {}, bench.results.append)


@pytest.mark.parametrize(("node", "fix"), [(FLANNELD, "restart-flanneld"), (FILES, "remove-stale-subnet-files")])
def test_a_lost_answer_is_read_from_the_node(demo: RunningDemo, tmp_path: Path, node: str, fix: str) -> None:
    bench = Bench(demo, node, tmp_path)
    before = bench.snapshot()
    wire = Wire(bench, apply=lost())
    receipt = apply(bench, wire, fix)
    assert wire.sent.count("apply") == 1
    assert receipt.outcome is Outcome.FIXED
    assert {one.state for one in receipt.results} == {StepState.DONE}
    assert bench.undo(receipt).outcome is Outcome.UNDONE
    assert bench.snapshot() == before
    assert one_shots(bench) == []


def test_a_change_without_a_result_is_undone_by_what_it_left_so_far(demo: RunningDemo, tmp_path: Path) -> None:
    """Its program was ended on the node: steps are known, the end is not."""
    bench = Bench(demo, FILES, tmp_path)
    before = bench.snapshot()
    folder = "C:\\ProgramData\\Nodepane\\"

    class Ended(Wire):
        def open(self) -> WinRmSession:
            for file in bench.state.disk:
                if file.path.startswith(folder) and file.path.endswith("apply-result.json"):
                    bench.state.disk.remove(file.path)
            return super().open()

    wire = Ended(bench, apply=lost())
    receipt = apply(bench, wire, "remove-stale-subnet-files")
    assert wire.sent.count("keep") == 0
    assert receipt.after_hash == ""
    assert {one.state for one in receipt.results} == {StepState.DONE}
    assert bench.undo(receipt).outcome is Outcome.UNDONE
    assert bench.snapshot() == before


def test_a_script_that_failed_after_it_began_is_in_doubt(demo: RunningDemo, tmp_path: Path) -> None:
    bench = Bench(demo, FILES, tmp_path)
    wire = Wire(bench, apply=ScriptFailed("script-failed", node="x", script="y"))
    receipt = apply(bench, wire, "remove-stale-subnet-files")
    assert (receipt.outcome, wire.sent.count("apply")) == (Outcome.FIXED, 1)


def test_a_script_that_failed_before_it_began_did_nothing(demo: RunningDemo, tmp_path: Path) -> None:
    bench = Bench(demo, FILES, tmp_path)
    plan = bench.rehearse("remove-stale-subnet-files")
    stranger = {"id": "stop-it", "kind": "service", "name": "no-such-service", "action": "stop"}
    broken = sealed(replace(plan, changes=json.dumps([*json.loads(plan.changes), stranger])))
    before = bench.snapshot()
    with pytest.raises(ScriptFailed):
        bench.repair.apply(bench.open, bench.node, broken, {}, bench.results.append)
    assert bench.receipts.all() == ()
    assert bench.snapshot() == before


def test_who_is_no_longer_let_in_asks_once(demo: RunningDemo, tmp_path: Path) -> None:
    bench = Bench(demo, FILES, tmp_path)
    refused = SignInRefused("sign-in-refused", node="x", address="y", user="z")
    wire = Wire(bench, apply=lost(), look=refused)
    receipt = apply(bench, wire, "remove-stale-subnet-files")
    assert receipt.outcome is Outcome.UNKNOWN
    assert [wire.sent.count(name) for name in ("apply", "look", "keep")] == [1, 1, 0]


def test_what_was_never_sent_is_a_plain_error(demo: RunningDemo, tmp_path: Path) -> None:
    bench = Bench(demo, FILES, tmp_path)
    before = bench.snapshot()
    wire = Wire(bench, apply=lost())
    wire.before = True
    with pytest.raises(CannotReachNode):
        apply(bench, wire, "remove-stale-subnet-files")
    assert bench.receipts.all() == ()
    assert bench.snapshot() == before


@pytest.mark.parametrize("end", [KeyboardInterrupt(), Cancelled("cancelled", node="x")], ids=["ended", "cancelled"])
def test_a_program_that_ends_meanwhile_leaves_a_receipt(demo: RunningDemo, tmp_path: Path, end: BaseException) -> None:
    bench = Bench(demo, FILES, tmp_path)
    before = bench.snapshot()
    wire = Wire(bench, apply=end)
    if isinstance(end, ToolError):
        apply(bench, wire, "remove-stale-subnet-files")
    else:
        with pytest.raises(KeyboardInterrupt):
            apply(bench, wire, "remove-stale-subnet-files")
    (receipt,) = bench.receipts.all()
    assert (receipt.outcome, receipt.after_hash) == (Outcome.UNKNOWN, "")
    assert wire.sent.count("look") == 0
    # What it left is read from the node when it is undone.
    assert bench.undo(receipt).outcome is Outcome.UNDONE
    assert bench.snapshot() == before


def test_a_node_that_stays_away_is_unknown(demo: RunningDemo, tmp_path: Path, monkeypatch) -> None:
    bench = Bench(demo, FILES, tmp_path)
    monkeypatch.setattr("checks.errand.RUN_S", 0.5)
    wire = Wire(bench, apply=lost(), look=lost(), keep=lost())
    receipt = apply(bench, wire, "remove-stale-subnet-files")
    assert wire.sent.count("apply") == 1
    assert wire.sent.count("keep") == 0  # nothing to keep: its result was never read
    assert {one.state for one in receipt.results} == {StepState.UNKNOWN}
    assert bench.undo(receipt).outcome is Outcome.UNDONE


def test_a_change_that_is_kept_stays(demo: RunningDemo, tmp_path: Path) -> None:
    bench = Bench(demo, FLANNELD, tmp_path)
    wire = Wire(bench)
    receipt = apply(bench, wire, "restart-flanneld")
    assert (receipt.outcome, receipt.goes_back) == (Outcome.FIXED, None)
    assert wire.sent.count("keep") == 1
    assert one_shots(bench) == []
    after = bench.snapshot()
    pass_time(bench, 30)
    assert bench.snapshot() == after


def test_a_word_that_was_lost_is_looked_up(demo: RunningDemo, tmp_path: Path) -> None:
    bench = Bench(demo, FLANNELD, tmp_path)
    wire = Wire(bench, keep=lost())
    receipt = apply(bench, wire, "restart-flanneld")
    assert wire.sent.count("keep") == 1
    assert (receipt.outcome, receipt.goes_back) == (Outcome.FIXED, None)
    assert receipt.after_hash


def test_a_change_that_nobody_keeps_goes_back(demo: RunningDemo, tmp_path: Path) -> None:
    bench = Bench(demo, FLANNELD, tmp_path)
    before = bench.snapshot()
    wire = Wire(bench, keep=lost())
    wire.before = True  # it never leaves, however often
    receipt = apply(bench, wire, "restart-flanneld")
    assert receipt.outcome is Outcome.UNKNOWN
    assert receipt.goes_back is not None
    assert timedelta(0) < receipt.goes_back - receipt.finished <= timedelta(minutes=10)
    pass_time(bench, 5)
    assert bench.snapshot() != before
    pass_time(bench, 11)
    assert bench.snapshot() == before
    assert one_shots(bench) == ["back"]
    with pytest.raises(Refused) as told:
        bench.undo(receipt)
    assert told.value.code == "undo-went-back"
    again = apply(bench, Wire(bench), "restart-flanneld")
    assert again.outcome is Outcome.FIXED
    assert one_shots(bench) == []


def test_it_does_not_go_back_over_what_others_changed(demo: RunningDemo, tmp_path: Path) -> None:
    bench = Bench(demo, FLANNELD, tmp_path)
    wire = Wire(bench, keep=lost())
    wire.before = True
    receipt = apply(bench, wire, "restart-flanneld")
    state = bench.state
    if settings := state.disk.file("C:\\ProgramData\\Nodepane\\flanneld\\settings.json"):
        state.disk.write(settings.path, settings.data + b" ", state.clock())
    else:
        service = next(one for one in state.services.values() if one.name == "flanneld")
        key = state.registry.key(service.key)
        assert key is not None
        value = key.values["imagepath"]
        state.registry.set(key.path, type(value)(value.name, value.kind, f"{value.text} --other"), state.clock())
    moved = bench.snapshot()
    pass_time(bench, 30)
    assert bench.snapshot() == moved
    with pytest.raises(Refused) as told:
        bench.undo(receipt)
    assert told.value.code == "undo-moved"


def test_before_the_time_comes_a_person_may_undo(demo: RunningDemo, tmp_path: Path) -> None:
    bench = Bench(demo, FLANNELD, tmp_path)
    before = bench.snapshot()
    wire = Wire(bench, keep=lost())
    wire.before = True
    receipt = apply(bench, wire, "restart-flanneld")
    assert bench.undo(receipt).outcome is Outcome.UNDONE
    assert bench.snapshot() == before
    pass_time(bench, 30)
    assert bench.snapshot() == before
    assert one_shots(bench) == []
