"""One node's cold and warm scan against a bare `run_ps("1")` of pywinrm, on the same simulated node, in one run.

python installer/run.py exec tests/bench/bench_scan.py [ROUNDS]

The node lives in a process of its own: a real one does not share our interpreter. Twice: with nothing between us and a
PowerShell that costs nothing to start, so that it compares processor time alone, the simulated node's own included; and
with each request taking 20 ms, as over a network. A node is read for the first time, as nobody knows it; again over a new
session, knowing what it was asked before; and warm.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import winrm  # noqa: E402
from far_nodes import WHO, FarNodes  # noqa: E402
from table import milliseconds, ratio, show, side_by_side  # noqa: E402

from checks.garbage import looked_for_seldom  # noqa: E402
from checks.scan import NodeReport, ScanDone, Scanner  # noqa: E402
from checks.scripts import load_scripts  # noqa: E402
from checks.session import Script  # noqa: E402
from checks.session.winrm import WinRmSession  # noqa: E402


def main(rounds: int) -> None:
    for latency_ms in (0, 20):
        compare(rounds, latency_ms)


def compare(rounds: int, latency_ms: int) -> None:
    scripts = load_scripts(ROOT / "resources" / "scripts")
    with FarNodes(1, latency_ms) as far:
        measure(rounds, latency_ms, far, scripts)


def measure(rounds: int, latency_ms: int, far: FarNodes, scripts: Mapping[str, Script]) -> None:
    node, who = far.nodes[0], WHO
    known = Scanner(scripts)
    reports: dict[str, NodeReport] = {}

    def scan(session: WinRmSession, kind: str, scanner: Scanner = known) -> None:
        for event in scanner.scan(session, node):
            if isinstance(event, ScanDone):
                reports[kind] = event.report
        error = reports[kind].error
        if error:
            raise error

    def bare() -> None:
        session = winrm.Session(
            node.url, auth=(who.user, who.password), transport="ntlm", message_encryption="always", proxy=None
        )
        if session.run_ps("1").std_out.strip() != b"1":
            raise RuntimeError("the simulated node did not answer run_ps")

    def cold() -> None:
        session = WinRmSession(node, who, scripts)
        scan(session, "cold", Scanner(scripts))
        session.close()

    def again() -> None:
        session = WinRmSession(node, who, scripts)
        scan(session, "again")
        session.close()

    kept = WinRmSession(node, who, scripts)
    try:
        cold()
        scan(kept, "warm")
        times = side_by_side(rounds, bare, cold, again, lambda: scan(kept, "warm"))
        bare_requests = messages(far, bare)
        rows = [
            ["what", "ms: median (min–max)", "of run_ps", "bound", "requests", "PowerShells"],
            ['pywinrm run_ps("1")', milliseconds(times[0]), "1.00", "", str(bare_requests), "1"],
        ]
        kinds = (("cold", times[1], "2.00"), ("again", times[2], ""), ("warm", times[3], "0.50"))
        for kind, own, bound in kinds:
            report = reports[kind]
            counts = [str(report.requests), str(report.shells)]
            rows.append([f"scan, {kind}", milliseconds(own), ratio(own, times[0]), bound, *counts])
        show(
            f"One node, {len(reports['warm'].findings)} checks, {latency_ms} ms a request, {rounds} rounds in turn",
            rows,
        )
    finally:
        kept.close()


def messages(far: FarNodes, call: Callable[[], None]) -> str:
    """How many messages a call sends, counted by the node."""
    before = far.messages()
    call()
    return str(far.messages() - before)


if __name__ == "__main__":
    with looked_for_seldom():  # as the program does
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
