"""Many simulated nodes, some milliseconds away, read by 32 threads: against the ideal, and the memory each node takes.

python installer/run.py exec tests/bench/bench_fleet.py [NODES] [LATENCY_MS]

The nodes live in processes of their own: a real node does not share our interpreter. These share the processors with us,
and what they take of them is told, too: on a computer with two, where both sides together need more than the bound leaves,
the ratio tells of the computer. The ideal is the time of one node alone, times the rounds that 32 at once need.
"""

from __future__ import annotations

import math
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from far_nodes import WHO, FarNodes  # noqa: E402
from table import show  # noqa: E402

from checks.node import Node  # noqa: E402
from checks.scan import NodeReport, Scanner  # noqa: E402
from checks.scripts import load_scripts  # noqa: E402
from checks.session.winrm import WinRmSession  # noqa: E402

AT_ONCE = 32


def resident_kib() -> int:
    """Resident memory of this process; 0 where the system does not tell (only Linux does, this way)."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def main(count: int, latency_ms: int) -> None:
    processes = max(1, min(4, (os.cpu_count() or 2) - 1))
    with ExitStack() as stack:
        far = [stack.enter_context(FarNodes(-(-count // processes), latency_ms)) for _ in range(processes)]
        nodes = [node for one in far for node in one.nodes][:count]
        measure(nodes, latency_ms, lambda: sum(one.processor_s() for one in far))


def measure(nodes: list[Node], latency_ms: int, theirs: Callable[[], float]) -> None:
    scripts = load_scripts(ROOT / "resources" / "scripts")
    scanner = Scanner(scripts)
    kept: list[tuple[WinRmSession, NodeReport]] = []

    def cold(node: Node) -> float:
        began = time.perf_counter()
        session = WinRmSession(node, WHO, scripts)
        report = scanner.read(session, node)
        if report.error:
            raise report.error
        kept.append((session, report))
        return time.perf_counter() - began

    def warm(one: tuple[WinRmSession, NodeReport]) -> float:
        began = time.perf_counter()
        report = scanner.read(*(one[0], one[1].node))
        if report.error or report.shells:
            raise report.error or RuntimeError("a warm rescan started a PowerShell")
        return time.perf_counter() - began

    alone, rest = nodes[:6], nodes[6:]
    cold(alone[0])
    single = statistics.median(cold(node) for node in alone[1:])
    single_warm = statistics.median(warm(one) for one in kept[-5:])
    memory, cpu, their_cpu, began = resident_kib(), time.process_time(), theirs(), time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(cold, rest))
        took, cpu, their_cpu = time.perf_counter() - began, time.process_time() - cpu, theirs() - their_cpu
        memory = (resident_kib() - memory) / 1024 / len(rest)
        began = time.perf_counter()
        list(pool.map(warm, kept[6:]))
        took_warm = time.perf_counter() - began
        list(pool.map(lambda one: one[0].close(), kept))
    rounds = math.ceil(len(rest) / AT_ONCE)
    rows = [["what", "alone ms", "ideal s", "took s", "of ideal", "bound", "requests a node"]]
    for kind, one, all_, report in (("cold", single, took, kept[-1][1]), ("warm", single_warm, took_warm, None)):
        requests = str(report.requests) if report else "2-3"
        ideal = one * rounds
        rows.append(
            [f"{kind}", f"{one * 1000:.0f}", f"{ideal:.2f}", f"{all_:.2f}", f"{all_ / ideal:.2f}", "1.30", requests]
        )
    show(f"{len(rest)} nodes, {latency_ms} ms away, {AT_ONCE} at once", rows)
    print(f"  memory a node, session and report kept: {memory:.2f} MiB (bound 1.00)")
    ours, others = cpu / len(rest) * 1000, their_cpu / len(rest) * 1000
    print(f"  processor time a cold scan: {ours:.1f} ms ours, {others:.1f} ms the simulated node's\n")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers + [206, 50][len(numbers) :]))
