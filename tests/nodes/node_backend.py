"""The PowerShell of a planted node behind the simulated WinRM server: every request runs for real."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
from pathlib import Path

from checks.simulator.backend import Output


class NodeProgram:
    """One `powershell.exe` on the node, with pipes; its output is gathered by threads of its own."""

    def __init__(self, command: list[str | Path]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self._queue: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._open = 2
        self._threads = [
            threading.Thread(target=self._gather, args=(name,), daemon=True) for name in ("stdout", "stderr")
        ]
        for thread in self._threads:
            thread.start()

    def _gather(self, name: str) -> None:
        stream = getattr(self._process, name)
        with contextlib.suppress(OSError, ValueError):
            while data := stream.read(65536):
                self._queue.put((name, data))
        with contextlib.suppress(OSError, ValueError):
            stream.close()
        self._queue.put(("end", b""))

    def write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(data)

    def read(self, timeout_s: float) -> Output:
        parts = {"stdout": b"", "stderr": b""}
        with contextlib.suppress(queue.Empty):
            name, data = self._queue.get(timeout=timeout_s)
            while True:
                if name == "end":
                    self._open -= 1
                else:
                    parts[name] += data
                name, data = self._queue.get_nowait()
        code = None
        if self._open <= 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._process.wait(2)
        return Output(parts["stdout"], parts["stderr"], code)

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for thread in self._threads:
            thread.join(2)


class NodeBackend:
    """Starts what a client asks for on the node in `folder`."""

    def __init__(self, winnode: Path, folder: Path) -> None:
        self._winnode = winnode
        self._folder = folder

    def start(self, command_line: str) -> NodeProgram:
        program, _, words = command_line.partition(" ")
        assert program.lower() in ("powershell", "powershell.exe")
        return NodeProgram([self._winnode, "run", self._folder, *words.split()])
