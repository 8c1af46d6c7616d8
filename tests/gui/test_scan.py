"""Scans of the demo's nodes through the window: filling while they run, stopped, and never in the way."""

from __future__ import annotations

import os
import time

from pages import Window
from PySide6.QtCore import QTimer

from checks.simulator.backend import Misbehaviour
from gui.state import Phase

GAP_S = 0.5
"""A bound for a machine with a processor to spare; tests/bench/bench_stall.py measures the real one."""


def crowd() -> float:
    """How many programs share a processor now, at least one: so much longer each of them waits for its turn."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 1.0
    return max(1.0, load / (os.cpu_count() or 1))


def phase(window: Window, name: str) -> Phase:
    return window.parts.fleet.state(name).phase


def slow(window: Window, latency_ms: int, *names: str) -> None:
    demo = window.parts.demo
    for name, server in demo.servers.items():
        if not names or name in names:
            server.misbehaviour = Misbehaviour(latency_ms=latency_ms)


def test_the_checklist_fills_while_the_scan_runs_and_nothing_waits(start, resources) -> None:
    window = start(latency_ms=120)
    window.choose_node("worker-01")
    seen: list[int] = []
    places: list[dict[str, int]] = []
    gaps: list[float] = []
    last = time.monotonic()

    def beat() -> None:
        nonlocal last
        now = time.monotonic()
        gaps.append(now - last)
        last = now
        if phase(window, "worker-01") is Phase.SCANNING and window.titles():
            seen.append(sum(verdict != "" for verdict in window.verdicts().values()))
            places.append(window.places())

    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(1)
    window.scan_all()
    timer.stop()
    assert seen == sorted(seen)
    assert len(set(seen)) > 2, seen
    assert all(one == places[0] for one in places), "rows jumped"
    window.wait(window.is_compared)
    assert "" not in window.verdicts().values()
    assert max(gaps) < GAP_S * crowd()
    count = len(list((resources / "demo").glob("*.yaml")))
    assert window.says(f"{count} of {count} nodes scanned", "1 unreachable")
    assert window.node_line("worker-04").endswith("does not answer")


def test_one_scan_is_stopped_and_what_was_known_stays(start) -> None:
    window = start(scan=True)
    window.choose_node("worker-03")
    # The nodes are held against each other beside the window, once all were read.
    window.wait(window.is_compared)
    before = window.verdicts()
    slow(window, 400, "worker-03")
    window.click("Scan again")
    window.wait(lambda: phase(window, "worker-03") is Phase.SCANNING or window.button("Stop").isVisible())
    window.click("Stop")
    window.wait(lambda: phase(window, "worker-03") is Phase.CANCELLED)
    window.wait_text("The last scan was stopped")
    assert window.verdicts() == before
    slow(window, 0)
    window.click("Scan again")
    window.wait(lambda: phase(window, "worker-03") is Phase.DONE)


def test_all_scans_are_stopped(start) -> None:
    window = start()
    slow(window, 500)
    window.click("Scan all")
    window.wait_text("Scanning: ")
    window.click("Stop all")
    states = window.parts.fleet.states
    window.wait(lambda: not any(one.phase in (Phase.WAITING, Phase.SCANNING) for one in states()))
    assert {one.phase for one in states()} <= {Phase.CANCELLED, Phase.NEVER, Phase.FAILED}
    window.wait(lambda: "Stop all" not in window.buttons())
    assert window.button("Scan all").isEnabled()


def test_closing_the_window_while_nodes_are_read_is_safe(start) -> None:
    window = start(latency_ms=200)
    window.click("Scan all")
    window.wait(lambda: Phase.SCANNING in {one.phase for one in window.parts.fleet.states()})
    window.window.close()
    began = time.monotonic()
    window.parts.close()
    assert time.monotonic() - began < 6


def test_a_node_that_answers_nonsense_is_unknown_and_the_window_lives(start) -> None:
    window = start()
    window.parts.demo.servers["worker-01"].misbehaviour = Misbehaviour(garbage=True)
    window.choose_node("worker-01")
    window.order("Scan again")
    window.wait(lambda: phase(window, "worker-01") is Phase.FAILED)
    window.wait(lambda: window.node_spoken("worker-01").startswith("worker-01, Unknown"))
    window.wait_text("worker-01", "Copy for support")
