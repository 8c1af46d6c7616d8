"""A session over WinRM: one shell with one resident PowerShell, kept warm; we own deadlines, faults and cleaning up."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from checks.errors import BadReply, Cancelled, CannotReachNode, NotPermitted, ScriptFailed, ToolError
from checks.node import Credentials, Node, SignIn
from checks.session import Counts, Reply, Request, Script
from checks.session.resident import PROGRAM, Parser, arguments, encode

if TYPE_CHECKING:
    from checks.session.transport import Protocol

T = TypeVar("T")

OPERATION_S = 20
"""How long a node may sit on one Receive before it says that there is nothing yet."""
IDLE = "PT300S"
CLOSE_S = 4.0
"""Seconds that cleaning up may take on a network that is gone."""


class WinRmSession:
    """One thread at a time; `cancel` may come from any. Opens itself on first use and again after it broke."""

    def __init__(self, node: Node, credentials: Credentials, scripts: Mapping[str, Script]) -> None:
        if node.sign_in is SignIn.BASIC and not node.https:
            raise NotPermitted("basic-over-http", node=node.name, address=node.address)
        self.node = node
        self._who = credentials
        self._arguments = arguments(scripts["resident"])
        self._counts = Counts()
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._protocol: Protocol | None = None
        self._cut: Callable[[], None] = lambda: None
        self._shell = ""
        self._command = ""
        self._orphans: list[str] = []
        self._known: frozenset[str] = frozenset()
        self._marker = ""
        self._parser = Parser("-")

    @property
    def counts(self) -> Counts:
        return self._counts

    @property
    def is_warm(self) -> bool:
        return bool(self._command)

    def cancel(self) -> None:
        self._cancelled.set()
        self._cut()

    def run(self, requests: Sequence[Request], deadline_s: float, hold_ms: int = 0) -> Iterator[Reply]:
        until = time.monotonic() + deadline_s
        ended = threading.Event()

        def end() -> None:
            ended.set()
            self._cut()

        timer = threading.Timer(deadline_s, end)
        timer.daemon = True
        timer.start()
        try:
            yield from self._run(requests, until, hold_ms)
        except ToolError as error:
            self._break()
            if self._cancelled.is_set():
                self._cancelled.clear()
                raise Cancelled("cancelled", node=self.node.name) from error
            if ended.is_set():
                where = {"node": self.node.name, "seconds": f"{deadline_s:.0f}"}
                raise CannotReachNode("deadline", detail=str(error), **where) from error
            raise
        finally:
            timer.cancel()

    def close(self) -> None:
        """Delete every shell of ours. The node forgets a shell by itself only after its idle time."""
        self._orphans = [*self._orphans, *([self._shell] if self._shell else [])]
        self._shell = self._command = ""
        until = time.monotonic() + CLOSE_S
        timer = threading.Timer(CLOSE_S, lambda: self._cut())
        timer.daemon = True
        timer.start()
        try:
            for shell in self._orphans:
                if time.monotonic() < until:
                    self._forget(shell)
        finally:
            timer.cancel()
            self._orphans = []
            self._hang_up()

    def _run(self, requests: Sequence[Request], until: float, hold_ms: int) -> Iterator[Reply]:
        was_warm = self.is_warm
        if not was_warm:
            self._open(until)
        try:
            self._send(requests, until, hold_ms)
        except ToolError as error:
            # The node did not know the shell, or could not read the message: nothing of it ran. Once more, anew.
            if not was_warm or error.code not in ("shell-gone", "connection-stale"):
                raise
            if error.code == "shell-gone":
                self._shell = ""
            self._break()
            self._open(until)
            self._send(requests, until, hold_ms)
        self._known |= {request.script.sha256 for request in requests}
        waiting = {request.id for request in requests}
        while waiting:
            replies, exit_code = self._receive(until)
            for reply in replies:
                if reply.kind == "done":
                    waiting.discard(reply.id)
                yield reply
            if exit_code is not None:
                self._command = ""
                if waiting:
                    detail = f"exit code {exit_code}\n{self._parser.noise}".strip()
                    raise ScriptFailed("powershell-ended", detail=detail, node=self.node.name)

    def _open(self, until: float) -> None:
        from checks.session.transport import Wires, build_protocol

        if self._cancelled.is_set():
            raise CannotReachNode("cancelled", node=self.node.name)
        for orphan in self._orphans[-2:]:
            self._forget(orphan)
        self._orphans = []
        if self._protocol is None:
            wires = Wires()
            self._cut = wires.cut
            self._protocol = self._translated(lambda: build_protocol(self.node, self._who, wires))
        self._marker = secrets.token_hex(8)
        self._parser = Parser(self._marker)
        self._known = frozenset()
        self._shell = self._ask(
            until, lambda protocol: protocol.open_shell(codepage=65001, noprofile=True, idle_timeout=IDLE)
        )
        shell = self._shell
        self._counts = Counts(self._counts.requests, self._counts.shells + 1)
        self._command = self._ask(
            until,
            lambda protocol: protocol.run_command(
                shell, PROGRAM, self._arguments, console_mode_stdin=True, skip_cmd_shell=False
            ),
        )

    def _send(self, requests: Sequence[Request], until: float, hold_ms: int) -> None:
        known = set(self._known)
        lines: list[bytes] = []
        for number, request in enumerate(requests, 1):
            more = number < len(requests)
            lines.append(encode(self._marker, request, frozenset(known), hold_ms, more=more))
            known.add(request.script.sha256)
        data, shell, command = b"".join(lines), self._shell, self._command
        self._ask(until, lambda protocol: protocol.send_command_input(shell, command, data))

    def _receive(self, until: float) -> tuple[Sequence[Reply], int | None]:
        """Replies that have come, and the exit code once PowerShell has ended."""
        from winrm.exceptions import WinRMOperationTimeoutError

        shell, command = self._shell, self._command
        try:
            stdout, stderr, code, ended = self._ask(
                until, lambda protocol: protocol.get_command_output_raw(shell, command)
            )
        except WinRMOperationTimeoutError:
            if time.monotonic() >= until:
                raise CannotReachNode("silent", node=self.node.name, address=self.node.address) from None
            return (), None
        if stderr:
            self._parser.note(stderr)
        return self._parser.feed(stdout), code if ended else None

    def _ask(self, until: float, call: Callable[[Protocol], T]) -> T:
        """One message to the node, within the deadline; library exceptions become errors with words."""
        from checks.session.transport import set_timeouts

        left = until - time.monotonic()
        if left <= 0:
            raise CannotReachNode("silent", node=self.node.name, address=self.node.address)
        protocol = self._protocol
        if protocol is None:
            raise CannotReachNode("connection-lost", node=self.node.name, address=self.node.address)
        operation = max(1, min(OPERATION_S, int(left)))
        set_timeouts(protocol, operation, operation + 5.0)
        self._counts = Counts(self._counts.requests + 1, self._counts.shells)
        return self._translated(lambda: call(protocol))

    def _translated(self, call: Callable[[], T]) -> T:
        from winrm.exceptions import WinRMOperationTimeoutError, WinRMTransportError

        from checks.session.faults import TRANSLATED, translate

        try:
            return call()
        except (ToolError, WinRMOperationTimeoutError):
            raise
        except WinRMTransportError as error:
            if error.code == 400:
                # The node closed the idle connection, and with it the keys that sealed this message.
                raise BadReply("connection-stale", node=self.node.name, detail="HTTP 400") from error
            raise translate(error, self.node) from error
        except TRANSLATED as error:
            raise translate(error, self.node) from error

    def _break(self) -> None:
        """What we hold of the node is in doubt: the shell is deleted later, the connection is made anew."""
        if self._shell:
            self._orphans.append(self._shell)
        self._shell = self._command = ""
        self._hang_up()

    def _hang_up(self) -> None:
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            protocol.transport.close_session()
        self._cut = lambda: None

    def _forget(self, shell: str) -> None:
        """Delete a shell, best effort."""
        from checks.session.transport import Wires, build_protocol

        try:
            if self._protocol is None:
                wires = Wires()
                self._cut = wires.cut
                self._protocol = build_protocol(self.node, self._who, wires)
            self._ask(time.monotonic() + CLOSE_S, lambda protocol: protocol.close_shell(shell, close_session=False))
        except Exception:  # cleaning up must never hide what went wrong before
            self._hang_up()
