"""The shells of one simulated node and what runs in them: the remote shell's rules, without HTTP."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field

from checks.simulator import soap
from checks.simulator.backend import Backend, Misbehaviour, Output, Program

MAX_SHELLS = 30
"""MaxShellsPerUser of Windows."""
GATHER_S = 0.005
"""Lines that a program writes together arrive together."""


@dataclass(slots=True)
class Wire:
    """What a node was asked, for counting in tests."""

    actions: list[str] = field(default_factory=list[str])
    http_requests: int = 0
    shells_made: int = 0
    programs_started: int = 0
    refused_sign_ins: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A SOAP body; `is_fault` makes it HTTP 500. `cut`: send half of it and drop the line; `mute`: never answer."""

    body: bytes
    is_fault: bool = False
    cut: bool = False
    mute: bool = False


class Shells:
    """Handles one message after the other, from any connection's thread."""

    def __init__(self, backend: Backend, wire: Wire) -> None:
        self._backend = backend
        self._wire = wire
        self._lock = threading.Lock()
        self._shells: dict[str, dict[str, Program]] = {}
        self._held: dict[str, bytes] = {}
        self.receives = 0
        self.misbehaviour = Misbehaviour()
        self._closed = threading.Event()

    @property
    def open_count(self) -> int:
        with self._lock:
            return len(self._shells)

    def close(self) -> None:
        self._closed.set()
        self.idle_away()

    def idle_away(self) -> None:
        """End all shells, as the node does when they idled for too long."""
        with self._lock:
            programs = [program for shell in self._shells.values() for program in shell.values()]
            self._shells.clear()
        for program in programs:
            program.close()

    def wait(self, seconds: float) -> None:
        """Sleep that ends when the node closes."""
        self._closed.wait(seconds)

    def answer(self, message: soap.Message) -> Answer:
        self._wire.actions.append(message.action)
        match message.action:
            case "Create":
                return self._create(message)
            case "Delete":
                return self._delete(message)
            case "Command":
                return self._command(message)
            case _:
                return self._use(message)

    def _create(self, message: soap.Message) -> Answer:
        if self.misbehaviour.shells_fault:
            return Answer(soap.fault(self.misbehaviour.shells_fault, "refused", message.message_id), True)
        shell_id = str(uuid.uuid4()).upper()
        with self._lock:
            if len(self._shells) >= MAX_SHELLS:
                return Answer(soap.fault(soap.TOO_MANY_SHELLS, "too many shells", message.message_id), True)
            self._shells[shell_id] = {}
        self._wire.shells_made += 1
        return Answer(soap.created(message, shell_id))

    def _gone(self, message: soap.Message) -> Answer:
        return Answer(soap.fault(soap.SHELL_GONE, "The shell was not found on the server.", message.message_id), True)

    def _delete(self, message: soap.Message) -> Answer:
        with self._lock:
            programs = self._shells.pop(message.shell_id, None)
        if programs is None:
            return self._gone(message)
        for program in programs.values():
            program.close()
        return Answer(soap.done(message))

    def _command(self, message: soap.Message) -> Answer:
        with self._lock:
            known = message.shell_id in self._shells
        if not known:
            return self._gone(message)
        program = self._backend.start(message.command_line)
        self._wire.programs_started += 1
        command_id = str(uuid.uuid4()).upper()
        with self._lock:
            if message.shell_id in self._shells:
                self._shells[message.shell_id][command_id] = program
                self._held[command_id] = self.misbehaviour.noise
                return Answer(soap.command_started(message, command_id))
        program.close()
        return self._gone(message)

    def _use(self, message: soap.Message) -> Answer:
        with self._lock:
            program = self._shells.get(message.shell_id, {}).get(message.command_id)
        if program is None:
            return self._gone(message)
        if message.action == "Send":
            try:
                program.write(message.data)
            except OSError:
                return Answer(soap.fault(0x80070000 | 232, "The pipe is being closed.", message.message_id), True)
            return Answer(soap.done(message))
        if message.action == "Signal":
            program.close()
            return Answer(soap.done(message))
        return self._receive(message, program)

    def _receive(self, message: soap.Message, program: Program) -> Answer:
        wrong = self.misbehaviour
        number = self.receives
        self.receives += 1
        if wrong.fault_code:
            return Answer(soap.fault(wrong.fault_code, "refused", message.message_id), True)
        if wrong.silent_after_receives is not None and number >= wrong.silent_after_receives:
            return Answer(b"", mute=True)
        if wrong.garbage:
            return Answer(b"<html>this is no SOAP")
        output = self._read(message, program)
        if output.exit_code is None and not output.stdout and not output.stderr:
            reason = (
                "The WS-Management service cannot complete the operation within the time specified in OperationTimeout."
            )
            return Answer(soap.fault(soap.TIMED_OUT, reason, message.message_id), True)
        cut = wrong.drop_after_receives is not None and number >= wrong.drop_after_receives
        return Answer(soap.received(message, output.stdout, output.stderr, output.exit_code), cut=cut)

    def _read(self, message: soap.Message, program: Program) -> Output:
        wrong = self.misbehaviour
        until = time.monotonic() + message.timeout_s
        held = self._held.pop(message.command_id, b"")
        stdout, stderr, exit_code = held, b"", None
        while exit_code is None and not self._closed.is_set():
            left = until - time.monotonic()
            if left <= 0 and not stdout:
                break
            wait = GATHER_S if stdout or stderr else min(left, 1.0)
            output = program.read(wait)
            stdout, stderr, exit_code = stdout + output.stdout, stderr + output.stderr, output.exit_code
            if (stdout or stderr) and not output.stdout and not output.stderr:
                break
        if wrong.swallow_done:
            lines = stdout.split(b"\n")
            kept = [line for line in lines if b" done " not in line]
            exit_code = 1 if len(kept) < len(lines) else exit_code
            stdout = b"\n".join(kept)
        if wrong.drip_bytes and len(stdout) > wrong.drip_bytes:
            self._held[message.command_id] = stdout[wrong.drip_bytes :]
            return Output(stdout[: wrong.drip_bytes])
        return Output(stdout, stderr, exit_code)
