"""A session over WinRM: one shell with one resident PowerShell, kept warm; we own deadlines, faults and cleaning up."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from checks.errors import Cancelled, CannotReachNode, NotPermitted, ScriptFailed, SignInRefused, ToolError
from checks.node import Credentials, Node, SignIn
from checks.session import Counts, Reply, Request, Script
from checks.session.deadlines import after
from checks.session.pace import Pace
from checks.session.resident import PROGRAM, Parser, arguments, encode
from checks.turn import computing

if TYPE_CHECKING:
    from checks.session.transport import Protocol

T = TypeVar("T")

OPERATION_S = 20
"""How long a node may sit on one Receive before it says that there is nothing yet."""
IDLE = "PT300S"
START_S = 30.0
"""How long a PowerShell may take to begin, before the time of the first question counts."""
CLOSE_S = 4.0
"""Seconds that cleaning up may take on a network that is gone."""
PAUSE_S = 0.05
"""Between answers that say nothing: a node that sends them at once, for ever, must not keep us busy."""
MOST_BYTES = 300_000
"""Of standard input in one Send: as base64 in its envelope it must fit into the 500 KB that nodes take."""
ONCE_MORE = frozenset(
    ("shell-gone", "connection-stale", "connection-lost", "too-many-operations", "powershell-ended", "wsman-fault")
)
"""How a PowerShell that was kept warm turns out to be gone."""


class WinRmSession:
    """One thread at a time; `cancel` may come from any. Opens itself on first use and again after it broke."""

    def __init__(self, node: Node, credentials: Credentials, scripts: Mapping[str, Script]) -> None:
        if node.sign_in is SignIn.BASIC and not node.https:
            raise NotPermitted("basic-over-http", node=node.name, address=node.address)
        if not credentials.user:
            raise SignInRefused("no-user", node=node.name)
        if not credentials.password:
            # Without one, Windows would sign in as whoever runs this program.
            raise SignInRefused("no-password", node=node.name, user=credentials.user)
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

        timer = after(deadline_s, end)
        try:
            yield from self._run(requests, until, hold_ms)
        except ToolError as error:
            self._break()
            if isinstance(error, SignInRefused):
                self._orphans.clear()  # deleting them would be one more refused sign-in
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
        timer = after(CLOSE_S, lambda: self._cut())
        try:
            for shell in tuple(self._orphans):
                if time.monotonic() < until and shell in self._orphans:
                    self._forget(shell)
        finally:
            timer.cancel()
            self._orphans = []
            self._hang_up()

    def _run(self, requests: Sequence[Request], until: float, hold_ms: int) -> Iterator[Reply]:
        may_repeat = self.is_warm and all(request.reads for request in requests)
        try:
            for reply in self._once(requests, until, hold_ms):
                may_repeat = False
                yield reply
        except ToolError as error:
            over = self._cancelled.is_set() or time.monotonic() >= until
            if not may_repeat or over or error.code not in ONCE_MORE:
                raise
            if error.code == "shell-gone":
                self._shell = ""
            self._break()
            yield from self._once(requests, until, hold_ms)

    def _once(self, requests: Sequence[Request], until: float, hold_ms: int) -> Iterator[Reply]:
        start_s = 0.0 if self.is_warm else START_S
        if not self.is_warm:
            self._open(until)
        self._send(requests, until, hold_ms)
        self._known |= {request.script.sha256 for request in requests}
        waiting = {request.id for request in requests}
        pace = Pace(requests, hold_ms, start_s)
        while waiting:
            pace.check(self.node.name)
            replies, exit_code = self._receive(min(until, pace.until + 1.0))
            for reply in replies:
                if reply.id not in waiting:
                    continue  # of an older question, or more than was to come of this one
                pace.hear(reply)
                if reply.kind == "done":
                    waiting.discard(reply.id)
                yield reply
            if exit_code is not None:
                self._break()
                if waiting:
                    detail = f"exit code {exit_code}\n{self._parser.noise}".strip()
                    raise ScriptFailed("powershell-ended", detail=detail, node=self.node.name)
            elif not replies and waiting:
                time.sleep(PAUSE_S)

    def _open(self, until: float) -> None:
        for orphan in tuple(self._orphans[:2]):
            self._forget(orphan)
        self._connect()
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
                shell, PROGRAM, self._arguments, console_mode_stdin=False, skip_cmd_shell=False
            ),
        )

    def _send(self, requests: Sequence[Request], until: float, hold_ms: int) -> None:
        """All requests in one Send, or in as few as fit: a request's line may be cut anywhere."""
        known = set(self._known)
        lines: list[bytes] = []
        for number, request in enumerate(requests, 1):
            more = number < len(requests)
            lines.append(encode(self._marker, request, frozenset(known), hold_ms, more=more))
            known.add(request.script.sha256)
        data, shell, command = b"".join(lines), self._shell, self._command
        for start in range(0, len(data), MOST_BYTES):
            piece = data[start : start + MOST_BYTES]
            self._ask(until, lambda protocol, piece=piece: protocol.send_command_input(shell, command, piece))

    def _receive(self, until: float) -> tuple[Sequence[Reply], int | None]:
        """Replies that have come, none where the node has nothing yet; and the exit code once PowerShell has ended."""
        from winrm.exceptions import WinRMOperationTimeoutError

        shell, command = self._shell, self._command

        def ask(protocol: Protocol) -> tuple[bytes, bytes, int, bool]:
            try:
                return protocol.get_command_output_raw(shell, command)
            except WinRMOperationTimeoutError:
                return b"", b"", 0, False

        stdout, stderr, code, ended = self._ask(until, ask)
        if stderr:
            self._parser.note(stderr)
        with computing():
            return self._parser.feed(stdout), code if ended else None

    def _connect(self) -> None:
        """A protocol with connections of its own, if there is none."""
        from checks.session.transport import Wires, build_protocol

        if self._protocol is None:
            wires = Wires()
            self._cut = wires.cut
            self._protocol = self._translated(lambda: build_protocol(self.node, self._who, wires))

    def _ask(self, until: float, call: Callable[[Protocol], T]) -> T:
        """One message to the node, within the deadline, unless somebody asked to stop."""
        if self._cancelled.is_set():
            raise Cancelled("cancelled", node=self.node.name)
        return self._exchange(until, call)

    def _exchange(self, until: float, call: Callable[[Protocol], T]) -> T:
        """One message to the node; library exceptions become errors with words."""
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
        with computing():
            return self._translated(lambda: call(protocol))

    def _translated(self, call: Callable[[], T]) -> T:
        from checks.session.faults import TRANSLATED, translate

        try:
            return call()
        except ToolError:
            raise
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
        """Delete a shell, best effort; one that could not be reached stays on the list of orphans."""
        try:
            self._connect()
            self._exchange(
                time.monotonic() + CLOSE_S, lambda protocol: protocol.close_shell(shell, close_session=False)
            )
            self._orphans.remove(shell)
        except SignInRefused:
            self._orphans.clear()  # asking for each of them would lock the account
            self._hang_up()
        except ToolError as error:
            if error.code in ("shell-gone", "not-winrm", "wsman-fault", "access-denied"):
                self._orphans.remove(shell)  # answered: asking again would tell no more
            self._hang_up()
        except Exception:  # cleaning up must never hide what went wrong before
            self._hang_up()
