"""What went wrong between us and a node, in errors with words: library exceptions end here."""

from __future__ import annotations

import socket
import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import requests
import requests.exceptions
import urllib3.exceptions
from spnego.exceptions import SpnegoError
from winrm.exceptions import AuthenticationError, WinRMError, WinRMTransportError, WSManFaultError

from checks.errors import BadReply, CannotReachNode, NotPermitted, SignInRefused, ToolError
from checks.node import Node

SHELL_GONE = 2150858843
_FAULTS: dict[int, tuple[type[ToolError], str]] = {
    5: (NotPermitted, "access-denied"),
    SHELL_GONE: (CannotReachNode, "shell-gone"),
    2150859173: (CannotReachNode, "too-many-shells"),
    2150859174: (CannotReachNode, "too-many-operations"),
    2150859179: (CannotReachNode, "too-many-users"),
}
TRANSLATED = (
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    WinRMError,
    WinRMTransportError,
    SpnegoError,
    ET.ParseError,
    OSError,
    # What pywinrm and requests_ntlm raise over answers that are not of the protocol.
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    StopIteration,
    TypeError,
    ValueError,
    struct.error,
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, what it was raised from, and what it carries as its reason."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        more = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        waiting.extend(cause for cause in more if isinstance(cause, BaseException))


def translate(error: BaseException, node: Node) -> ToolError:
    """The error with words for whatever a library raised while talking to `node`."""
    where = {"node": node.name, "address": node.address, "port": str(node.effective_port), "user": node.user}
    if isinstance(error, ToolError):
        return error
    if isinstance(error, WSManFaultError):
        code = error.wsman_fault_code or error.wmierror_code or 0
        kind, name = _FAULTS.get(code, (CannotReachNode, "wsman-fault"))
        return kind(name, detail=f"{error.reason} ({code})", fault=str(code), **where)
    if isinstance(error, AuthenticationError):
        return SignInRefused("sign-in-refused", **where)
    if isinstance(error, WinRMTransportError):
        return _http(error.code, where)
    if isinstance(error, PermissionError) and "NTLM" in str(error):
        return SignInRefused("ntlm-not-offered", **where)
    return _network(error, where)


def _http(status: int, where: dict[str, str]) -> ToolError:
    detail = f"HTTP {status}"
    if status == 403:
        return NotPermitted("access-denied", detail=detail, **where)
    if status == 404:
        return BadReply("no-winrm-there", detail=detail, **where)
    if status == 413:
        return BadReply("too-big", detail=detail, **where)
    if status == 500:
        return NotPermitted("unencrypted-refused", detail=detail, **where)
    return BadReply("http-status", detail=detail, status=str(status), **where)


def _network(error: BaseException, where: dict[str, str]) -> ToolError:
    causes = tuple(_causes(error))
    detail = f"{type(error).__name__}: {error}"[:600]
    text = " ".join(str(cause) for cause in causes)
    if "ingerprint" in text and "match" in text:
        return CannotReachNode("certificate-changed", detail=detail, **where)
    if any(isinstance(one, requests.exceptions.SSLError | urllib3.exceptions.SSLError) for one in causes):
        return CannotReachNode("certificate-not-trusted", detail=detail, **where)
    if any(isinstance(one, socket.gaierror | urllib3.exceptions.NameResolutionError) for one in causes):
        return CannotReachNode("name-not-found", detail=detail, **where)
    if any(isinstance(one, ConnectionRefusedError) for one in causes):
        return CannotReachNode("connection-refused", detail=detail, **where)
    if any(isinstance(one, requests.exceptions.ConnectTimeout) for one in causes):
        return CannotReachNode("no-answer", detail=detail, **where)
    if any(isinstance(one, requests.exceptions.Timeout) for one in causes):
        return CannotReachNode("silent", detail=detail, **where)
    if any(isinstance(one, urllib3.exceptions.NewConnectionError) for one in causes):
        return CannotReachNode("no-route", detail=detail, **where)
    if any(isinstance(one, requests.exceptions.ConnectionError | ConnectionError) for one in causes):
        return CannotReachNode("connection-lost", detail=detail, **where)
    if any(isinstance(one, urllib3.exceptions.ProtocolError) for one in causes):
        return CannotReachNode("connection-lost", detail=detail, **where)
    return BadReply("not-winrm", detail=detail, **where)
