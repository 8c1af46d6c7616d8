"""The longest stall of the GUI thread while many nodes are read at once, and held against each other at the end.

The nodes are simulated in another process; what that takes of the processors is not there for the window, so that this
tells something on a computer that has nothing else to do.

python installer/run.py exec tests/bench/bench_stall.py [NODES] [LATENCY_MS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from PySide6.QtCore import QEventLoop, QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from table import show  # noqa: E402

from checks.inventory import load_nodes, save_nodes  # noqa: E402
from checks.node import Credentials  # noqa: E402
from gui.app import build  # noqa: E402
from gui.comparison import QUEUE as COMPARE  # noqa: E402
from gui.start import SWITCH_S, options_of  # noqa: E402
from gui.state import BUSY, Phase  # noqa: E402

BOUND_MS = 50
SETTLE_MS = 500
SITE = """
import sys
from pathlib import Path
from checks.inventory import save_nodes
from checks.simulator.site import start_demo
demo = start_demo(Path("resources"), int(sys.argv[2]))
save_nodes(Path(sys.argv[1]), tuple(one for one in demo.nodes if demo.servers.get(one.name)))
print(demo.credentials.user, demo.credentials.password, flush=True)
sys.stdin.read()
demo.close()
"""


def main(count: int, latency_ms: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "nodes.yaml"
        words = [sys.executable, "-c", SITE, str(listed), str(latency_ms)]
        site = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert site.stdout is not None
        user, password = site.stdout.readline().split()
        try:
            measure(listed, count, Credentials(user, password), folder)
        finally:
            site.communicate()


def measure(listed: Path, count: int, who: Credentials, folder: str) -> None:
    real = load_nodes(listed)
    nodes = tuple(replace(real[n % len(real)], name=f"node-{n:03}", group=f"Line {n % 4}") for n in range(count))
    save_nodes(listed, nodes)
    app = QApplication([])
    sys.setswitchinterval(SWITCH_S)  # as the program does
    parts = build(app, options_of(["--nodes", str(listed), "--data", folder]))
    for node in nodes:
        parts.connections.remember(node, who)
    parts.window.resize(1280, 800)
    parts.window.show()
    assert parts.desk is not None
    gaps: list[float] = []
    loop = QEventLoop()
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append(now - last)
        last = now
        if (
            len(gaps) % 16 == 0
            and not any(state.phase in BUSY for state in parts.fleet.states())
            and not parts.background.is_busy(COMPARE)
        ):
            loop.quit()

    settle = QTimer()
    settle.setSingleShot(True)
    settle.timeout.connect(loop.quit)
    settle.start(SETTLE_MS)  # as long as the program itself loads before it reads a node
    loop.exec()
    parts.load()
    began = last = time.perf_counter()
    parts.fleet.scan_all()
    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(1)
    loop.exec()
    timer.stop()
    took = time.perf_counter() - began
    read = sum(state.phase is Phase.DONE for state in parts.fleet.states())
    parts.window.close()
    parts.close()
    gaps.sort()
    rows = [
        ["what", "measured", "bound"],
        ["nodes read", f"{read} of {count} in {took:.1f} s", ""],
        ["longest stall", f"{gaps[-1] * 1000:.0f} ms", f"{BOUND_MS} ms"],
        ["ten longest", ", ".join(f"{gap * 1000:.0f}" for gap in gaps[-10:]) + " ms", ""],
        ["99 of 100 below", f"{statistics.quantiles(gaps, n=100)[98] * 1000:.0f} ms", ""],
    ]
    show("The GUI thread while all nodes are read at once", rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, int(sys.argv[2]) if len(sys.argv) > 2 else 50)
