"""Many simulated nodes, some milliseconds away, read by 32 threads: against the ideal, and the memory each node takes.

python installer/run.py exec tests/bench/bench_fleet.py [NODES] [LATENCY_MS]

The nodes live in processes of their own: a real node does not share our interpreter. These share the processors with us,
and what they take of them is told, too: on a computer with two, where both sides together need more than the bound leaves,
the ratio tells of the computer. The ideal is the time of one node alone, times the rounds that 32 at once need. So that it
can be seen what any client pays, pywinrm's bare `run_ps("1")` is put to the same nodes in the same way, against its own
ideal: it sends as many messages as a scan or fewer, computes nothing, and its interpreter too runs one thread at a time.
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

import winrm  # noqa: E402
from far_nodes import WHO, FarNodes  # noqa: E402
from table import show  # noqa: E402

from checks.garbage import looked_for_seldom  # noqa: E402
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


class Spent:
    """What a piece of work took, in seconds: by the clock, and of the processors by us and by the simulated nodes."""

    def __init__(self, theirs: Callable[[], float], work: Callable[[], object]) -> None:
        before, cpu, began = theirs(), time.process_time(), time.perf_counter()
        work()
        self.took_s = time.perf_counter() - began
        self.our_s, self.their_s = time.process_time() - cpu, theirs() - before


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

    def bare(node: Node) -> float:
        began = time.perf_counter()
        session = winrm.Session(
            node.url, auth=(WHO.user, WHO.password), transport="ntlm", message_encryption="always", proxy=None
        )
        if session.run_ps("1").std_out.strip() != b"1":
            raise RuntimeError("a simulated node did not answer run_ps")
        return time.perf_counter() - began

    alone, rest = nodes[:6], nodes[6:]
    cold(alone[0])
    single = statistics.median(cold(node) for node in alone[1:])
    single_warm = statistics.median(warm(one) for one in kept[-5:])
    bare(alone[0])
    single_bare = statistics.median(bare(node) for node in alone[1:])
    memory = resident_kib()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        all_cold = Spent(theirs, lambda: list(pool.map(cold, rest)))
        memory = (resident_kib() - memory) / 1024 / len(rest)
        all_warm = Spent(theirs, lambda: list(pool.map(warm, kept[6:])))
        list(pool.map(lambda one: one[0].close(), kept))
        all_bare = Spent(theirs, lambda: list(pool.map(bare, rest)))
    rounds = math.ceil(len(rest) / AT_ONCE)
    requests = str(kept[-1][1].requests)
    rows = [["what", "alone ms", "ideal s", "took s", "of ideal", "bound", "requests", "ms ours", "ms the node's"]]
    for kind, one, spent, bound, asked in (
        ("cold", single, all_cold, "1.30", requests),
        ("warm", single_warm, all_warm, "1.30", "2-3"),
        ('run_ps("1")', single_bare, all_bare, "", "5"),
    ):
        row = [kind, f"{one * 1000:.0f}", f"{one * rounds:.2f}", f"{spent.took_s:.2f}"]
        row += [f"{spent.took_s / one / rounds:.2f}", bound, asked]
        row += [f"{spent.our_s / len(rest) * 1000:.1f}", f"{spent.their_s / len(rest) * 1000:.1f}"]
        rows.append(row)
    show(f"{len(rest)} nodes, {latency_ms} ms away, {AT_ONCE} at once", rows)
    print(f"  memory a node, session and report kept: {memory:.2f} MiB (bound 1.00)")
    print("  ms ours, ms the node's: processor time for each node\n")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    with looked_for_seldom():  # as the program does
        main(*(numbers + [206, 50][len(numbers) :]))
