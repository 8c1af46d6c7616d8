"""What went wrong between us and a node, in errors with words: library exceptions end here."""

from __future__ import annotations

import http.client
import socket
import ssl
import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import requests
import requests.exceptions
import urllib3.exceptions
from cryptography.exceptions import UnsupportedAlgorithm
from spnego.exceptions import SpnegoError
from winrm.exceptions import (
    AuthenticationError,
    WinRMError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
    WSManFaultError,
)

from checks.errors import BadReply, CannotReachNode, NotPermitted, SignInRefused, ToolError
from checks.node import Node
from checks.session.authorities import tls_code
from checks.session.protocol import subcode_of

SHELL_GONE = 2150858843
_FAULTS: dict[int, tuple[type[ToolError], str]] = {
    5: (NotPermitted, "access-denied"),
    0x80070005: (NotPermitted, "access-denied"),
    995: (CannotReachNode, "shell-gone"),  # a Receive that waited when its shell was ended
    SHELL_GONE: (CannotReachNode, "shell-gone"),
    2150859173: (CannotReachNode, "too-many-shells"),
    2150859174: (CannotReachNode, "too-many-operations"),
    2150859175: (CannotReachNode, "too-many-requests"),
    2150859176: (CannotReachNode, "too-many-requests"),
    2150859179: (CannotReachNode, "too-many-users"),
    2150859180: (NotPermitted, "remote-shells-off"),
    # The same again where a session configuration of its own sets the quota.
    2150859236: (CannotReachNode, "too-many-shells"),
    2150859237: (CannotReachNode, "too-many-users"),
    2150859238: (CannotReachNode, "too-many-shells"),
    2150859239: (CannotReachNode, "too-many-requests"),
    2150859240: (CannotReachNode, "too-many-requests"),
    2150859241: (CannotReachNode, "too-many-operations"),
}
"""By the numbers of wsmerror.h."""
_NAMES = {"AccessDenied": 5, "InvalidSelectors": SHELL_GONE, "QuotaLimit": 2150859173}
"""What a fault without a number says, by the name of its subcode."""
_CERTIFICATE = {
    9: "certificate-expired",  # not valid yet
    10: "certificate-expired",
    62: "certificate-other-name",
    64: "certificate-other-name",  # names another IP address
}
"""OpenSSL's X509_V_ERR_* numbers."""
_NO_HTTP = (http.client.BadStatusLine, http.client.LineTooLong, http.client.UnknownProtocol)
TRANSLATED = (
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    WinRMError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
    SpnegoError,
    ET.ParseError,
    OSError,
    http.client.HTTPException,
    # What pywinrm, requests_ntlm and cryptography raise over answers that are not of the protocol.
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    StopIteration,
    UnsupportedAlgorithm,
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
        code = error.wsman_fault_code or error.wmierror_code or _NAMES.get(subcode_of(error), 0)
        kind, name = _FAULTS.get(code, (CannotReachNode, "wsman-fault"))
        named = str(code) if code else (subcode_of(error) or (error.fault_code or "").rpartition(":")[2] or "0")
        return kind(name, detail=f"{error.reason} ({named})", fault=named, **where)
    if isinstance(error, WinRMOperationTimeoutError):
        return CannotReachNode("silent", detail="the node's own time for the operation ran out", **where)
    if isinstance(error, AuthenticationError):
        return SignInRefused("sign-in-refused", **where)
    if isinstance(error, WinRMTransportError):
        return _http(error.code, node, where)
    if isinstance(error, PermissionError) and "NTLM" in str(error):  # offered, and then no challenge came
        return SignInRefused("ntlm-not-offered", **where)
    return _network(error, where)


def _http(status: int, node: Node, where: dict[str, str]) -> ToolError:
    detail = f"HTTP {status}"
    if status == 200:  # where a challenge was due
        return BadReply("not-winrm", detail=detail, **where)
    if status == 400:
        # The node closed the idle connection, and with it the keys that sealed this message.
        return BadReply("connection-stale", detail=detail, **where)
    if status == 403:
        return NotPermitted("access-denied", detail=detail, **where)
    if status == 404:
        return BadReply("no-winrm-there", detail=detail, **where)
    if status == 413:
        return BadReply("too-big", detail=detail, **where)
    if status == 500 and not node.https:
        return NotPermitted("unencrypted-refused", detail=detail, **where)
    return BadReply("http-status", detail=detail, status=str(status), **where)


def _network(error: BaseException, where: dict[str, str]) -> ToolError:
    causes = tuple(_causes(error))
    detail = type(error).__name__ if isinstance(error, UnicodeError) else f"{type(error).__name__}: {error}"[:600]
    text = " ".join(str(cause) for cause in causes)
    if "ingerprint" in text and "match" in text:
        return CannotReachNode("certificate-changed", detail=detail, **where)
    for one in causes:
        if isinstance(one, ssl.SSLCertVerificationError):
            code = _CERTIFICATE.get(one.verify_code, "certificate-not-trusted")
            return CannotReachNode(code, detail=detail, **where)
    if any(isinstance(one, requests.exceptions.SSLError | urllib3.exceptions.SSLError) for one in causes):
        code = next((tls_code(one) for one in causes if isinstance(one, ssl.SSLError)), "no-tls")
        return CannotReachNode(code, detail=detail, **where)
    if any(isinstance(one, socket.gaierror | urllib3.exceptions.NameResolutionError) for one in causes):
        return CannotReachNode("name-not-found", detail=detail, **where)
    if any(type(one) in _NO_HTTP for one in causes):
        return BadReply("not-winrm", detail=detail, **where)
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
