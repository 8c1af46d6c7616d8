"""Asks a Hyper-V host about the adapters of a node, over a session of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from checks.beside import Aside, Ask
from checks.errors import CannotReachNode, SignInRefused, ToolError
from checks.facts import HyperVFacts, NodeFacts, Problem
from checks.host_settings import host_node
from checks.hyperv_host import guest_macs, is_worth_asking
from checks.node import Credentials, Node
from checks.probe import HOST_PROBE, decode
from checks.session import Json, Request, Script, Session

HOST_S = 30.0
"""How long a host may take, waiting for its turn included."""
REFUSED_S = 120.0
"""So long a host that refused a sign-in is not asked again with it: many nodes of one host would lock the account."""
SILENT_S = 15.0
"""So long a host that did not answer is not tried again."""
NEEDS = ("system", "machine", "network")


@dataclass(slots=True)
class _Gate:
    """One host and one account: the first question goes alone, the others follow once that one was let in."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    is_open: bool = False
    error: ToolError | None = None
    shut_until: float = 0.0


class HyperVHosts:
    """Safe from several threads. `who` may raise a `ToolError` where nobody can sign in."""

    def __init__(
        self,
        who: Callable[[Node, Node], Credentials],
        open_session: Callable[[Node, Credentials], Session],
        script: Script,
        seconds: float = HOST_S,
    ) -> None:
        self._who = who
        self._open = open_session
        self._script = script
        self._seconds = seconds
        self._lock = threading.Lock()
        self._gates: dict[tuple[str, Credentials], _Gate] = {}

    def aside(self) -> Aside:
        return Aside(HOST_PROBE.field, NEEDS, self.prepare, self._seconds)

    def prepare(self, facts: NodeFacts, node: Node) -> Ask | Problem:
        """What to ask the host of this node, or why it is not asked."""
        host = host_node(node)
        if host is None or not is_worth_asking(facts):
            return Problem(HOST_PROBE.field, "no Hyper-V host to ask", "not-asked")
        macs = guest_macs(facts)
        if isinstance(macs, Problem):
            return Problem(macs.fact, macs.message, macs.code)
        if not macs:
            return Problem(HOST_PROBE.field, "the node shows no adapter of its host", "no-adapter")
        machine = facts.machine
        guest = machine if isinstance(machine, Problem) else machine.guest
        name = "" if isinstance(guest, Problem) else guest.virtual_machine
        return partial(self._ask, host, node, {"Machine": name, "Mac": list(macs)})

    def _ask(self, host: Node, node: Node, parameters: dict[str, Json]) -> HyperVFacts | Problem:
        until = time.monotonic() + self._seconds
        who = self._who(host, node)
        with self._lock:
            gate = self._gates.setdefault((host.url, who), _Gate())
        if gate.is_open:
            return self._talk(gate, host, who, parameters, until)
        if not gate.lock.acquire(timeout=max(0.0, until - time.monotonic())):
            raise CannotReachNode("deadline", node=host.name, seconds=f"{self._seconds:.0f}")
        try:
            if gate.error is not None and time.monotonic() < gate.shut_until:
                raise gate.error
            return self._talk(gate, host, who, parameters, until)
        finally:
            gate.lock.release()

    def _talk(
        self, gate: _Gate, host: Node, who: Credentials, parameters: dict[str, Json], until: float
    ) -> HyperVFacts | Problem:
        session: Session | None = None
        try:
            session = self._open(host, who)
            answer = self._answer(session, parameters, until)
            gate.is_open, gate.error = True, None
        except ToolError as error:
            # A copy: an error that was raised keeps its session alive.
            gate.is_open, gate.error = False, type(error)(error.code, detail=error.detail, **error.fields)
            gate.shut_until = time.monotonic() + (REFUSED_S if isinstance(error, SignInRefused) else SILENT_S)
            raise
        finally:
            if session is not None:
                session.close()
        return answer

    def _answer(self, session: Session, parameters: dict[str, Json], until: float) -> HyperVFacts | Problem:
        found: HyperVFacts | Problem = Problem(HOST_PROBE.field, "the probe ended without an answer")
        request = Request("host-1", self._script, parameters, reads=True)
        for reply in session.run([request], max(1.0, until - time.monotonic())):
            if reply.kind == "result":
                told = decode(HOST_PROBE.field, reply.document)
                found = told if isinstance(told, HyperVFacts | Problem) else found
            elif reply.kind == "problem":
                document = reply.document
                found = Problem(HOST_PROBE.field, str(document.get("message", "")), str(document.get("code", "")))
        return found
