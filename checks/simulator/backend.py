"""The seam behind the simulated WinRM server: who runs what a client starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Output:
    """What a program wrote since it was last asked; `exit_code` is set once it has ended and all is read."""

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int | None = None
    is_all: bool = False
    """It waits for input: nothing more comes by itself, so there is nothing to gather."""


class Program(Protocol):
    """One program that runs on the simulated node."""

    def write(self, data: bytes) -> None:
        """Give bytes to its standard input; `OSError` once it has ended."""
        ...

    def read(self, timeout_s: float) -> Output:
        """Wait at most `timeout_s` for output or its end; an empty output when nothing came."""
        ...

    def close(self) -> None:
        """End it, if it still runs. Never raises."""
        ...


@runtime_checkable
class EndsWithInput(Protocol):
    """A program that notices when nothing follows on its standard input."""

    def end_input(self) -> None: ...


@runtime_checkable
class WorksAlone(Protocol):
    """A program that may be given time to work before anybody reads what it writes."""

    def work(self) -> None: ...


class Backend(Protocol):
    """One simulated node."""

    def start(self, command_line: str) -> Program: ...


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """What a listener does wrong, for tests and demonstrations."""

    latency_ms: int = 0
    """Added to every request."""
    refuse_status: int = 0
    """Every request is answered with this HTTP status and no SOAP (401, 403, 500, …)."""
    fault_code: int = 0
    """Receive is answered with this WS-Management fault."""
    shells_fault: int = 0
    """Create is answered with this fault (2150859173: too many shells)."""
    drop_after_receives: int | None = None
    """The connection is cut in the middle of the answer to Receive number n+1."""
    silent_after_receives: int | None = None
    """From Receive number n+1 on nothing is answered any more."""
    garbage: bool = False
    """Receive is answered with something that is not XML."""
    noise: bytes = b""
    """Written to standard output before everything else."""
    swallow_done: bool = False
    """`done` lines never arrive, and the program ends after the others."""
    drip_bytes: int = 0
    """Output comes in pieces of so many bytes, one a Receive."""
    silent: bool = False
    """Connections are taken, and no request is ever answered."""
    drop: bool = False
    """Every request ends with its connection."""
    garbage_http: bool = False
    """Every request is answered with something that is not HTTP."""
    drip_ms: int = 0
    """Every answer leaves byte by byte, so long apart."""
