"""Simulated nodes in a process of their own: a real node does not share our interpreter.

Run as a program it serves them: `far_nodes.py COUNT LATENCY_MS`.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)] if str(ROOT) not in sys.path else []

from checks.node import Credentials, Node  # noqa: E402

WHO = Credentials("demo", "demo")


class FarNodes:
    """So many nodes, each request to them `latency_ms` away. Use it as a context."""

    def __init__(self, count: int, latency_ms: int) -> None:
        words = [sys.executable, __file__, str(count), str(latency_ms)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.nodes: tuple[Node, ...] = ()

    def __enter__(self) -> FarNodes:
        ports: list[int] = json.loads(self._said(""))
        self.nodes = tuple(Node(f"n{port}", "127.0.0.1", port, user=WHO.user) for port in ports)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate("")

    def processor_s(self) -> float:
        """Processor time that their process has taken so far."""
        return float(json.loads(self._said("?\n"))["processor_s"])

    def messages(self) -> int:
        """Messages of the remote shell that they were sent so far."""
        return int(json.loads(self._said("?\n"))["messages"])

    def _said(self, asked: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(asked)
        self._process.stdin.flush()
        return self._process.stdout.readline()


def serve(count: int, latency_ms: int) -> None:
    """Many nodes, each with a state of its own. Tells their ports, then for each line of its input what they have done so
    far, and ends with its input."""
    from checks.scripts import load_scripts
    from checks.simulator.backend import Misbehaviour
    from checks.simulator.demo import DemoSite
    from checks.simulator.server import SimulatorServer

    scripts = load_scripts(ROOT / "resources" / "scripts")
    servers: list[SimulatorServer] = []
    while len(servers) < count:
        site = DemoSite(ROOT / "resources" / "demo", scripts)
        for one in (one for one in site.nodes if one.state is not None):
            servers.append(SimulatorServer(site.backend(one), WHO))
            servers[-1].misbehaviour = Misbehaviour(latency_ms=latency_ms)
    gc.freeze()  # hundreds of nodes in one process: looking through them for garbage is no node's work
    print(json.dumps([server.port for server in servers[:count]]), flush=True)
    for _ in sys.stdin:
        done = {"processor_s": time.process_time(), "messages": sum(len(one.wire.actions) for one in servers)}
        print(json.dumps(done), flush=True)
    for server in servers:
        server.close()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
