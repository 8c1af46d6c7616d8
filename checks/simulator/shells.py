"""The shells of one simulated node and what runs in them: the remote shell's rules, without HTTP."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from checks.simulator import fault_codes, soap
from checks.simulator.backend import Backend, EndsWithInput, Misbehaviour, Output, Program, WorksAlone
from checks.simulator.listing import Listing, shell_document

MAX_SHELLS = 30
"""MaxShellsPerUser of Windows."""
SIGNALS = frozenset(("terminate", "ctrl_c", "ctrl_break"))
GATHER_S = 0.001
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
    """A SOAP body; `is_fault` makes it HTTP 500. `cut`: send half of it and drop the line; `mute`: never answer.

    `then`: what the node goes on with once it has answered.
    """

    body: bytes
    is_fault: bool = False
    cut: bool = False
    mute: bool = False
    then: Callable[[], None] | None = None


@dataclass(slots=True)
class _Unread:
    """What a command has said and nobody has received yet."""

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int | None = None

    def take(self, streams: frozenset[str], most: int) -> Output:
        """So many bytes at most of the streams asked for; the exit code once nothing more is in them."""
        stdout = self.stdout[:most] if "stdout" in streams else b""
        stderr = self.stderr[: most - len(stdout)] if "stderr" in streams else b""
        self.stdout, self.stderr = self.stdout[len(stdout) :], self.stderr[len(stderr) :]
        return Output(stdout, stderr, None if self.holds(streams) else self.exit_code)

    def holds(self, streams: frozenset[str]) -> bool:
        """Whether one of the streams has something in it."""
        return ("stdout" in streams and bool(self.stdout)) or ("stderr" in streams and bool(self.stderr))


@dataclass(slots=True)
class _Command:
    program: Program
    unread: _Unread


@dataclass(slots=True)
class _Shell:
    idle_s: float
    used: float
    made: float
    commands: dict[str, _Command] = field(default_factory=dict[str, _Command])
    busy: int = 0
    """Messages about it that are being answered: a shell that is waited for does not idle."""


class Shells:
    """Handles one message after the other, from any connection's thread."""

    def __init__(
        self, backend: Backend, wire: Wire, clock: Callable[[], float] = time.monotonic, owner: str = ""
    ) -> None:
        self._backend = backend
        self._wire = wire
        self._clock = clock
        self._owner = owner
        self._listing = Listing()
        self._lock = threading.Lock()
        self._shells: dict[str, _Shell] = {}
        self.receives = 0
        self.misbehaviour = Misbehaviour()
        self._closed = threading.Event()

    @property
    def open_count(self) -> int:
        self._end_idle()
        with self._lock:
            return len(self._shells)

    def close(self) -> None:
        self._closed.set()
        self.idle_away()

    def idle_away(self) -> None:
        """End all shells, as the node does when they idled for too long."""
        with self._lock:
            ended = list(self._shells.values())
            self._shells.clear()
        _end(ended)

    def _end_idle(self) -> None:
        """End the shells that nobody asked anything of for their idle time."""
        now = self._clock()
        with self._lock:
            idle = [name for name, one in self._shells.items() if not one.busy and now - one.used > one.idle_s]
            ended = [self._shells.pop(name) for name in idle]
        _end(ended)

    def wait(self, seconds: float) -> None:
        """Sleep that ends when the node closes."""
        self._closed.wait(seconds)

    def answer(self, message: soap.Message) -> Answer:
        self._wire.actions.append(message.action)
        self._end_idle()
        if message.action == "Create":
            return self._create(message)
        if message.action == "Delete":
            return self._delete(message)
        if message.action in ("Enumerate", "Pull", "Release"):
            return self._list(message)
        with self._lock:
            shell = self._shells.get(message.shell_id)
            if shell is None:
                return self._gone(message)
            if message.action == "Get":
                return Answer(soap.got(message, self._document(message.shell_id, shell)))
            shell.busy += 1
        try:
            return self._command(message, shell) if message.action == "Command" else self._use(message, shell)
        finally:
            with self._lock:
                shell.busy -= 1
                shell.used = self._clock()

    def _create(self, message: soap.Message) -> Answer:
        if self.misbehaviour.shells_fault:
            return Answer(soap.fault(self.misbehaviour.shells_fault, "refused", message.message_id), True)
        shell_id = message.chosen_id or str(uuid.uuid4()).upper()
        with self._lock:
            if shell_id in self._shells:
                return Answer(soap.fault(fault_codes.IN_USE, "There is a shell of this id.", message.message_id), True)
            if len(self._shells) >= MAX_SHELLS:
                return Answer(soap.fault(fault_codes.TOO_MANY_SHELLS, "too many shells", message.message_id), True)
            now = self._clock()
            shell = self._shells[shell_id] = _Shell(message.idle_s, now, now)
        self._wire.shells_made += 1
        return Answer(soap.created(message, shell_id, self._document(shell_id, shell)))

    def _document(self, shell_id: str, shell: _Shell) -> str:
        now = self._clock()
        return shell_document(shell_id, self._owner, shell.idle_s, now - shell.made, now - shell.used)

    def _list(self, message: soap.Message) -> Answer:
        with self._lock:
            documents = [self._document(name, one) for name, one in self._shells.items()]
        try:
            return Answer(self._listing.answer(message, documents))
        except soap.NotUnderstood as wrong:
            return Answer(soap.fault(wrong.code, str(wrong), wrong.relates_to), True)

    def _gone(self, message: soap.Message) -> Answer:
        return Answer(
            soap.fault(fault_codes.SHELL_GONE, "The shell was not found on the server.", message.message_id), True
        )

    def _delete(self, message: soap.Message) -> Answer:
        with self._lock:
            shell = self._shells.pop(message.shell_id, None)
        if shell is None:
            return self._gone(message)
        _end([shell])
        return Answer(soap.done(message))

    def _command(self, message: soap.Message, shell: _Shell) -> Answer:
        command_id = message.chosen_id or str(uuid.uuid4()).upper()
        if command_id in shell.commands:
            return Answer(soap.fault(fault_codes.IN_USE, "There is a command of this id.", message.message_id), True)
        program = self._backend.start(message.command_line)
        with self._lock:
            self._wire.programs_started += 1
            if self._shells.get(message.shell_id) is shell:
                shell.commands[command_id] = _Command(program, _Unread(self.misbehaviour.noise))
                return Answer(soap.command_started(message, command_id))
        program.close()
        return self._gone(message)

    def _use(self, message: soap.Message, shell: _Shell) -> Answer:
        if message.action == "Signal" and not (message.command_id and message.signal in SIGNALS):
            return Answer(
                soap.fault(fault_codes.NOT_A_PARAMETER, "The parameter is incorrect.", message.message_id), True
            )
        with self._lock:
            command = shell.commands.get(message.command_id)
        if command is None:
            return self._gone(message)
        program = command.program
        if message.action == "Send":
            try:
                program.write(message.data)
                if message.is_end and isinstance(program, EndsWithInput):
                    program.end_input()
            except OSError:
                return Answer(soap.fault(0x80070000 | 232, "The pipe is being closed.", message.message_id), True)
            return Answer(soap.done(message), then=program.work if isinstance(program, WorksAlone) else None)
        if message.action == "Signal":
            program.close()
            if message.signal == "terminate":
                with self._lock:
                    shell.commands.pop(message.command_id, None)
            return Answer(soap.done(message))
        return self._receive(message, command)

    def _receive(self, message: soap.Message, command: _Command) -> Answer:
        wrong = self.misbehaviour
        number = self.receives
        self.receives += 1
        if wrong.fault_code:
            return Answer(soap.fault(wrong.fault_code, "refused", message.message_id), True)
        if wrong.silent_after_receives is not None and number >= wrong.silent_after_receives:
            return Answer(b"", mute=True)
        if wrong.garbage:
            return Answer(b"<html>this is no SOAP")
        output = self._read(message, command)
        with self._lock:
            if message.shell_id not in self._shells and not self._closed.is_set():
                words = "The I/O operation has been aborted because of either a thread exit or an application request."
                return Answer(soap.fault(fault_codes.ABORTED, words, message.message_id), True)
        if output.exit_code is None and not output.stdout and not output.stderr:
            reason = (
                "The WS-Management service cannot complete the operation within the time specified in OperationTimeout."
            )
            return Answer(soap.fault(fault_codes.TIMED_OUT, reason, message.message_id), True)
        cut = wrong.drop_after_receives is not None and number >= wrong.drop_after_receives
        return Answer(soap.received(message, output.stdout, output.stderr, output.exit_code), cut=cut)

    def _read(self, message: soap.Message, command: _Command) -> Output:
        wrong, unread = self.misbehaviour, command.unread
        if unread.exit_code is None:
            self._gather(message, command.program, unread)
        if wrong.swallow_done:
            lines = unread.stdout.split(b"\n")
            kept = [line for line in lines if b" done " not in line]
            unread.exit_code = 1 if len(kept) < len(lines) else unread.exit_code
            unread.stdout = b"\n".join(kept)
        return unread.take(message.streams, min(message.most_output, wrong.drip_bytes or message.most_output))

    def _gather(self, message: soap.Message, program: Program, unread: _Unread) -> None:
        """Wait for something to tell, as long as the client allows, and for what comes with it."""
        until = time.monotonic() + message.timeout_s
        while unread.exit_code is None and not self._closed.is_set():
            left = until - time.monotonic()
            there = unread.holds(message.streams)
            if left <= 0 and not there:
                return
            output = program.read(GATHER_S if there else min(left, 1.0))
            unread.stdout += output.stdout
            unread.stderr += output.stderr
            unread.exit_code = output.exit_code
            is_quiet = not output.stdout and not output.stderr
            if unread.holds(message.streams) and (is_quiet or output.is_all):
                return


def _end(shells: list[_Shell]) -> None:
    for shell in shells:
        for command in shell.commands.values():
            command.program.close()
