"""Rows of area fleet while nodes are read and held against each other: there, pending, and counted once."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from fake_fleet import done, finding, healthy, report
from pages import Window

from checks import fleet as comparing
from checks.finding import Verdict
from checks.node import Node
from checks.scan import Scanner
from checks.simulator.backend import Misbehaviour
from gui.comparison import answered, awaiting, carried, compared_ids, unanswered
from gui.filter_kind import Filter, amount
from gui.state import Phase

NODE = Node("worker-01", "10.2.0.11")
TWICE = finding("fleet.pod-subnets-apart", Verdict.FAIL, "twice")
APART = finding("fleet.pod-subnets-apart", Verdict.PASS, "apart")
READ = done(NODE, healthy())
TOLD = report(NODE, (*healthy(), APART))


def fleet_rows(window: Window) -> dict[str, str]:
    return {check: verdict for check, verdict in window.verdicts().items() if check.startswith("fleet.")}


def slow(window: Window, latency_ms: int, *names: str) -> None:
    for name in names:
        window.parts.demo.servers[name].misbehaviour = Misbehaviour(latency_ms=latency_ms)


@pytest.fixture
def gate(monkeypatch) -> threading.Event:
    """Comparing waits for it."""
    opened, real = threading.Event(), comparing.with_fleet

    def wait(reports):
        assert opened.wait(20)
        return real(reports)

    monkeypatch.setattr(comparing, "with_fleet", wait)
    return opened


@pytest.fixture
def known(monkeypatch) -> set[str]:
    """Names of the nodes of which a scanner keeps something."""
    names: set[str] = set()
    ask, drop = Scanner.memory, Scanner.forget

    def memory(scanner: Scanner, node: Node) -> object:
        names.add(node.name)
        return ask(scanner, node)

    def forget(scanner: Scanner, name: str) -> None:
        drop(scanner, name)
        names.discard(name)

    monkeypatch.setattr(Scanner, "memory", memory)
    monkeypatch.setattr(Scanner, "forget", forget)
    return names


def test_an_earlier_comparison_stands_pending_until_the_next(words) -> None:
    before = replace(READ, findings=(*healthy(), TWICE))
    again = awaiting(replace(READ, findings=carried(before, report(NODE, healthy()))))
    assert again.findings == before.findings
    assert again.pending == compared_ids()
    assert again.count(Verdict.FAIL) == 1
    assert amount(Filter.ALL, again) == len(healthy()) + len(compared_ids())
    over = answered(again, TOLD)
    assert (over.findings, over.pending, over.report) == (TOLD.findings, frozenset(), TOLD)


def test_a_scan_that_has_begun_meanwhile_keeps_what_it_found() -> None:
    dead = finding("node.kubelet-runs", Verdict.FAIL, "stopped")
    pending = compared_ids() | {"node.containerd-runs"}
    running = replace(READ, phase=Phase.SCANNING, findings=(dead, *healthy()[1:], TWICE), pending=pending)
    told = answered(running, TOLD)
    assert told.findings == (dead, *healthy()[1:], APART)
    assert told.pending == pending, "another comparison follows"
    waiting = answered(replace(running, phase=Phase.WAITING), TOLD)
    assert waiting.pending == {"node.containerd-runs"}


def test_what_could_not_be_compared_is_not_said() -> None:
    failed = unanswered(awaiting(replace(READ, findings=(*healthy(), TWICE))))
    assert (failed.findings, failed.pending) == (healthy(), frozenset())


def test_fleet_rows_pend_from_the_first_row_to_the_comparison(start, gate) -> None:
    window = start()
    slow(window, 150, "worker-01")
    window.choose_node("worker-01")
    window.click("Scan all")
    window.wait(lambda: bool(window.titles()))
    assert set(fleet_rows(window)) == compared_ids()
    total = len(window.titles())
    window.wait(lambda: window.parts.fleet.state("worker-01").phase is Phase.DONE)
    window.wait(lambda: "Stop all" not in window.buttons())
    assert set(fleet_rows(window).values()) == {""}
    assert len(window.titles()) == total
    assert window.button(f"All {total}").isVisible()
    assert window.window.workplace.checklist.view._timer.isActive(), "the rings turn"
    gate.set()
    window.wait(window.is_compared)
    assert len(window.titles()) == total
    assert not window.window.workplace.checklist.view._timer.isActive()


def test_a_scan_of_one_node_lets_the_rows_of_all_pend(start, gate) -> None:
    window = start()
    gate.set()
    window.scan_all()
    window.choose_node("edge-7")
    window.wait(window.is_compared)
    before = {name: window.node_spoken(name) for name in window.node_names()}
    gate.clear()
    window.choose_node("worker-03")
    window.click("Scan again")
    window.wait(lambda: window.parts.fleet.state("edge-7").pending == compared_ids())
    window.choose_node("edge-7")
    window.wait(lambda: set(fleet_rows(window).values()) == {""})
    assert {name: window.node_spoken(name) for name in window.node_names()} == before
    gate.set()
    window.wait(window.is_compared)


def test_a_comparison_that_fails_leaves_nothing_pending(start, qtbot, monkeypatch) -> None:
    window = start()

    def fail(_reports):
        raise ValueError("no")

    monkeypatch.setattr(comparing, "with_fleet", fail)
    window.choose_node("worker-03")
    with qtbot.captureExceptions() as told:
        window.order("Scan again")
        window.wait(lambda: bool(told))
    assert window.parts.fleet.state("worker-03").pending == frozenset()
    window.wait(lambda: fleet_rows(window) == {})


@pytest.mark.parametrize("group", ["", "Line Z"])
def test_a_node_that_goes_or_moves_while_it_is_read_holds_up_nobody(start, known: set[str], group: str) -> None:
    window = start()
    fleet = window.parts.fleet
    slow(window, 300, "worker-01")
    window.choose_node("worker-03")
    window.click("Scan all")
    window.wait(lambda: fleet.state("worker-01").phase is Phase.SCANNING)
    if group:
        fleet.replace("worker-01", replace(fleet.state("worker-01").node, group=group))
        assert fleet.state("worker-01").phase in (Phase.NEVER, Phase.CANCELLED)
    else:
        fleet.remove("worker-01")
    window.wait(window.is_compared)
    # What was learned of it goes as well, behind the scan that ends.
    window.wait(lambda: "worker-02" in known and "worker-01" not in known)
    slow(window, 0, "worker-01")
    if group:
        fleet.scan("worker-01")
        window.wait(lambda: fleet.state("worker-01").phase is Phase.DONE)


def test_a_node_that_moved_to_another_group_is_compared_there(start) -> None:
    window = start()
    fleet = window.parts.fleet
    window.scan_all()
    window.choose_node("worker-03")
    window.wait(window.is_compared)
    fleet.replace("worker-03", replace(fleet.state("worker-03").node, group="Line Z"))
    moved = fleet.state("worker-03")
    assert moved.report.node.group == "Line Z"
    assert moved.pending == compared_ids()
    window.wait(lambda: fleet.state("worker-03").pending == frozenset())
    window.wait(window.is_compared)
