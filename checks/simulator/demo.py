"""The demo's nodes behind the simulated WinRM server: shipped scripts answered in Python from a node's state."""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec

from checks.session import Json, Script
from checks.session.resident import compact
from checks.simulator.backend import Output
from checks.simulator.demo_binding import Thrown
from checks.simulator.demo_fixes import fix
from checks.simulator.demo_hosts import load_demo_hosts
from checks.simulator.demo_load import DemoNode, load_demo_nodes
from checks.simulator.demo_probes import probe
from checks.simulator.demo_state import NodeState
from checks.turn import computing

__all__ = ["DemoBackend", "DemoNode", "DemoSite"]

_ENCODED = re.compile(r"(?i)\s-e(?:nc|ncodedcommand)?\s+\"?([A-Za-z0-9+/=]+)\"?\s*$")
_TEXT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LITERAL = re.compile(r"(?:\$ProgressPreference\s*=\s*['\"]SilentlyContinue['\"]\s*;?\s*)?(\d{1,9})\s*")
ENDED = 0xFFFFFFFF
"""Exit code of a program that was ended from outside."""


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """A script that ended with an error instead of its document."""

    message: str
    type: str = "RuntimeException"
    code: str = "0x80131501"


def run_script(state: NodeState, script: str, parameters: Mapping[str, Json]) -> Mapping[str, Json]:
    """Answer a shipped script by name. Raises `Refusal`."""
    answer = probe(state, script, parameters)
    if answer is None:
        try:
            answer = fix(state, script, parameters)
        except Thrown as thrown:
            raise Refusal(str(thrown), thrown.type_name, thrown.code) from thrown
    if answer is None:
        raise Refusal(f"this simulated node does not know the script {script}")
    return answer


class DemoSite:
    """All simulated nodes of a folder, and what their scripts are called."""

    def __init__(self, folder: Path, scripts: Mapping[str, Script]) -> None:
        self.nodes = load_demo_nodes(folder)
        self.hosts = load_demo_hosts(folder / "hosts")
        self.scripts = scripts

    def backend(self, node: DemoNode, latency_ms: int = 0) -> DemoBackend:
        if node.state is None:
            raise ValueError(f"{node.name} does not answer")
        return DemoBackend(node.state, self.scripts, latency_ms)


class DemoBackend:
    """One simulated node: starts its PowerShell. `latency_ms`: how long each script takes."""

    def __init__(self, node: NodeState | DemoNode, scripts: Mapping[str, Script], latency_ms: int = 0) -> None:
        state = node.state if isinstance(node, DemoNode) else node
        if state is None:
            raise ValueError("a node that does not answer has no back end")
        self.state = state
        self.latency_ms = latency_ms
        self.hanging: frozenset[str] = frozenset()
        """Scripts that never end here, as where the Host Network Service is deadlocked."""
        self.names = {script.sha256: name for name, script in scripts.items()}
        resident = scripts.get("resident")
        self._resident = compact(resident.text) if resident else ""

    def start(self, command_line: str) -> ResidentProgram | FinishedProgram:
        found = _ENCODED.search(command_line)
        if found and re.match(r'(?i)\s*"?(?:[^"]*\\)?powershell(?:\.exe)?"?\s', command_line):
            try:
                text = base64.b64decode(found[1], validate=True).decode("utf-16-le")
            except (binascii.Error, UnicodeDecodeError):
                text = ""
            if self._resident and text == self._resident:
                return ResidentProgram(self)
            literal = _LITERAL.fullmatch(text)
            if literal:
                return FinishedProgram(Output(f"{literal[1]}\r\n".encode(), b"", 0))
        words = "This simulated node runs only the scripts that are shipped with the simulator.\r\n"
        return FinishedProgram(Output(b"", words.encode(), 1))


class FinishedProgram:
    """A program that has said all at once and ended."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, data: bytes) -> None:
        raise OSError("the program has ended")

    def read(self, timeout_s: float) -> Output:
        output, self._output = self._output, Output(exit_code=self._output.exit_code)
        return output

    def close(self) -> None:
        pass


@dataclass(slots=True)
class _Job:
    """One request, as it was read from standard input."""

    marker: str
    id: str
    hold_s: float
    script: str
    parameters: Mapping[str, Json]
    problem: Refusal | None = None
    is_last: bool = True
    """No other request follows at once: what is held goes out after it."""
    begun_at: float | None = None


@dataclass(slots=True)
class _Held:
    """Reply lines that are written but not yet let out."""

    lines: list[bytes] = field(default_factory=list[bytes])
    since: float = 0.0
    is_whole: bool = False
    """The last of a burst is among them."""
    tells_start: bool = False
    """The last line says that a script begins: answers before it leave with it."""


class ResidentProgram:
    """The resident PowerShell: request lines in, reply lines out, in order.

    It has no thread of its own: work is done once it was asked, or when its output is read, at the time it would have been done.
    """

    def __init__(self, backend: DemoBackend, clock: Callable[[], float] = time.monotonic) -> None:
        self._backend = backend
        self._clock = clock
        self._ready = threading.Condition()
        self._input = b""
        self._jobs: deque[_Job] = deque()
        self._held = _Held()
        self._hold_s = -1.0
        self._known: set[str] = set()
        self._cuts = backend.state.cuts
        self._ended = False
        self._has_input = True

    def write(self, data: bytes) -> None:
        with self._ready:
            if self._ended or self._is_cut() or not self._has_input:
                raise OSError("the program has ended")
            self._input += data
            *lines, self._input = self._input.split(b"\n")
            for line in lines:
                if line.strip():
                    with computing():
                        self._jobs.append(self._job(line))
            self._ready.notify_all()

    def read(self, timeout_s: float) -> Output:
        until = self._clock() + timeout_s
        with self._ready:
            while True:
                if self._ended or self._is_cut():
                    return Output(exit_code=ENDED)
                if self._due():
                    held, self._held = self._held, _Held()
                    self._hold_s = -1.0 if held.is_whole else self._hold_s * 4
                    return Output(b"".join(held.lines), is_all=not self._jobs and self._has_input)
                if not self._jobs and not self._has_input:
                    return Output(exit_code=0)
                left = until - self._clock()
                wait = self._work()
                if wait is None:
                    continue
                if left <= 0:
                    return Output()
                self._ready.wait(min(left, wait))

    def work(self) -> None:
        """Do what can be done at once: a PowerShell does not wait until somebody listens."""
        with self._ready:
            while self._jobs and not self._ended and not self._is_cut() and self._work() is None:
                pass

    def end_input(self) -> None:
        """It ends by itself once what it was asked is answered."""
        with self._ready:
            self._has_input = False
            self._ready.notify_all()

    def close(self) -> None:
        with self._ready:
            self._ended = True
            self._ready.notify_all()

    def _is_cut(self) -> bool:
        return self._backend.state.cuts != self._cuts

    def _due(self) -> bool:
        """Whether held lines go out: nothing more to do, or the oldest has waited long enough."""
        if not self._held.lines:
            return False
        if not self._jobs or self._held.is_whole:
            return True
        return self._held.tells_start and self._clock() - self._held.since >= self._hold_s

    def _work(self) -> float | None:
        """Do the next piece that is due. None: something was done; else how long to wait for the next."""
        if not self._jobs:
            return 60.0
        job = self._jobs[0]
        if job.begun_at is None:
            job.begun_at = self._clock()
            if self._hold_s < 0:
                self._hold_s = job.hold_s
            self._say(job, "started", {})
            return None
        if job.script in self._backend.hanging:
            return 60.0
        left = job.begun_at + self._backend.latency_ms / 1000 - self._clock()
        if left > 0:
            return left
        with computing():
            self._run(job)
        self._jobs.popleft()
        return None

    def _run(self, job: _Job) -> None:
        begun_at = job.begun_at or 0.0
        try:
            if job.problem:
                raise job.problem
            self._say(job, "result", run_script(self._backend.state, job.script, job.parameters))
        except Refusal as refusal:
            told: dict[str, Json] = {"message": refusal.message, "type": refusal.type, "code": refusal.code}
            self._say(job, "problem", told)
        self._say(job, "done", {"ms": round((self._clock() - begun_at) * 1000)})
        self._held.is_whole = job.is_last

    def _say(self, job: _Job, kind: str, document: Mapping[str, Json]) -> None:
        text = _TEXT.encode(document).encode()
        if not self._held.lines:
            self._held.since = self._clock()
        self._held.tells_start = kind == "started"
        self._held.lines.append(f"{job.marker} {job.id} {kind} ".encode() + base64.b64encode(text) + b"\n")

    def _job(self, line: bytes) -> _Job:
        asked = cast("dict[str, Json]", msgspec.json.decode(base64.b64decode(line)))
        digest = str(asked.get("script", ""))
        name = self._backend.names.get(digest, "")
        problem: Refusal | None = None
        if isinstance(asked.get("text"), str):
            self._known.add(digest)
        if digest not in self._known:
            problem = Refusal("this script was not sent in this session", "", "unknown-script")
        elif not name:
            problem = Refusal("this simulated node runs only the scripts that are shipped with the simulator")
        parameters = asked.get("parameters")
        hold = asked.get("hold", 0)
        return _Job(
            marker=str(asked.get("m", "")),
            id=str(asked.get("id", "")),
            hold_s=hold / 1000 if isinstance(hold, (int, float)) else 0.0,
            script=name,
            parameters=parameters if isinstance(parameters, Mapping) else {},
            problem=problem,
            is_last=not asked.get("more", False),
        )
