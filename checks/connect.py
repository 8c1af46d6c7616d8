"""Tries a connection stage by stage: the first one that fails carries the advice, what comes after it is not reached."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from checks.errors import CannotReachNode, ScriptFailed, ToolError
from checks.facts import Problem, SystemFacts
from checks.node import Node
from checks.probe import PROBES, ExtraPaths, decode
from checks.profile import release_of
from checks.session import Request, Script, Session

PORT_S = 8.0
ANSWER_S = 30.0


class ConnectStage(StrEnum):
    NAME = "name"
    PORT = "port"
    CERTIFICATE = "certificate"
    SIGN_IN = "sign-in"
    SHELL = "shell"
    POWERSHELL = "powershell"


@dataclass(frozen=True, slots=True)
class StageResult:
    """A stage that was reached. `error` None: it is passed, and `value` says what was seen (an address, a release)."""

    stage: ConnectStage
    value: str
    duration_s: float
    error: ToolError | None = None


_STAGE_OF: Mapping[str, ConnectStage] = {
    "certificate-changed": ConnectStage.CERTIFICATE,
    "certificate-not-trusted": ConnectStage.CERTIFICATE,
    "certificate-expired": ConnectStage.CERTIFICATE,
    "certificate-other-name": ConnectStage.CERTIFICATE,
    "ca-file": ConnectStage.CERTIFICATE,
    "no-tls": ConnectStage.CERTIFICATE,
    "tls-not-agreed": ConnectStage.CERTIFICATE,
    "basic-over-http": ConnectStage.SIGN_IN,
    "sign-in-refused": ConnectStage.SIGN_IN,
    "sign-in-refused-elsewhere": ConnectStage.SIGN_IN,
    "ntlm-not-offered": ConnectStage.SIGN_IN,
    "basic-not-offered": ConnectStage.SIGN_IN,
    "not-sealed": ConnectStage.SIGN_IN,
    "no-password": ConnectStage.SIGN_IN,
    "no-user": ConnectStage.SIGN_IN,
    "unencrypted-refused": ConnectStage.SIGN_IN,
    "script-failed": ConnectStage.POWERSHELL,
    "powershell-ended": ConnectStage.POWERSHELL,
    "deadline": ConnectStage.POWERSHELL,
    "silent": ConnectStage.POWERSHELL,
}


def stages_of(node: Node) -> tuple[ConnectStage, ...]:
    """The stages on the way to this node: a certificate only with HTTPS."""
    return tuple(one for one in ConnectStage if node.https or one is not ConnectStage.CERTIFICATE)


def try_connection(
    node: Node, open_session: Callable[[], Session], scripts: Mapping[str, Script]
) -> Iterator[StageResult]:
    """Yield each stage as it is passed; the last one has the error, if there is one. Reads one probe, changes nothing."""
    where = {"node": node.name, "address": node.address, "port": str(node.effective_port)}
    began = time.monotonic()
    try:
        found = socket.getaddrinfo(node.address, node.effective_port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        told = CannotReachNode("name-not-found", detail=str(error), **where)
        yield StageResult(ConnectStage.NAME, "", time.monotonic() - began, told)
        return
    yield StageResult(ConnectStage.NAME, str(found[0][4][0]), time.monotonic() - began)
    began = time.monotonic()
    wrong = _knock(node, where)
    yield StageResult(ConnectStage.PORT, str(node.effective_port), time.monotonic() - began, wrong)
    if wrong is None:
        yield from _sign_in(node, open_session, scripts["Get-SystemFact"])


def _knock(node: Node, where: dict[str, str]) -> ToolError | None:
    try:
        socket.create_connection((node.address, node.effective_port), timeout=PORT_S).close()
    except ConnectionRefusedError as error:
        return CannotReachNode("connection-refused", detail=str(error), **where)
    except TimeoutError as error:
        return CannotReachNode("no-answer", detail=str(error), **where)
    except OSError as error:
        return CannotReachNode("no-route", detail=str(error), **where)
    return None


def _sign_in(node: Node, open_session: Callable[[], Session], script: Script) -> Iterator[StageResult]:
    """The rest is one real conversation; its error tells which stage it got to."""
    began = time.monotonic()
    rest = [one for one in stages_of(node) if one not in (ConnectStage.NAME, ConnectStage.PORT)]
    facts: object = None
    error: ToolError | None = None
    session: Session | None = None
    try:
        session = open_session()
        request = Request("connect-1", script, PROBES["system"].parameters(ExtraPaths()), reads=True)
        for reply in session.run([request], ANSWER_S):
            if reply.kind == "result":
                facts = decode("system", reply.document)
    except ToolError as told:
        error = told
    finally:
        if session is not None:
            session.close()
    took = time.monotonic() - began
    if error is None and (facts is None or isinstance(facts, Problem)):
        detail = facts.message if isinstance(facts, Problem) else ""
        error = ScriptFailed("script-failed", detail=detail, node=node.name, script=script.name)
    last = _STAGE_OF.get(error.code, ConnectStage.SHELL) if error else None
    for stage in rest:
        if stage is last:
            yield StageResult(stage, "", took, error)
            return
        value = {ConnectStage.SIGN_IN: node.sign_in.value, ConnectStage.POWERSHELL: _release(facts)}.get(stage, "")
        yield StageResult(stage, value, took)


def _release(facts: object) -> str:
    return release_of(facts) if isinstance(facts, SystemFacts) else ""
