"""What a client may ask of a node without a command: who it is (Identify), and which shells it has."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Sequence
from xml.sax.saxutils import escape

from checks.simulator import fault_codes, soap

_IDENTITY = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
_PROFILE = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile"
_ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
MOST_CONTEXTS = 32
"""Enumerations that somebody began and nobody ended: the oldest one is forgotten."""


def identity(*, is_known: bool, is_https: bool) -> bytes:
    """The answer to Identify. Its version and its ways to sign in are for those who signed in alone."""
    scheme = "https" if is_https else "http"
    names = [f"{_PROFILE}/{scheme}/spnego-kerberos", *([f"{_PROFILE}/https/basic"] if is_https else [])]
    profiles = "".join(f"<wsmid:SecurityProfileName>{name}</wsmid:SecurityProfileName>" for name in sorted(names))
    return (
        '<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header></s:Header><s:Body>'
        f'<wsmid:IdentifyResponse xmlns:wsmid="{_IDENTITY}">'
        "<wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</wsmid:ProtocolVersion>"
        "<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>"
        f"<wsmid:ProductVersion>OS: {'10.0.20348' if is_known else '0.0.0'} SP: 0.0 Stack: 3.0</wsmid:ProductVersion>"
        f"{f'<wsmid:SecurityProfiles>{profiles}</wsmid:SecurityProfiles>' if is_known else ''}"
        "</wsmid:IdentifyResponse></s:Body></s:Envelope>"
    ).encode()


def shell_document(shell_id: str, owner: str, idle_s: float, run_s: float, quiet_s: float) -> str:
    """A shell as Create and Get answer it. `quiet_s`: since it was last asked anything."""
    return (
        f"<rsp:Shell><rsp:ShellId>{shell_id}</rsp:ShellId><rsp:ResourceUri>{soap.SHELL}/cmd</rsp:ResourceUri>"
        f"<rsp:Owner>{escape(owner)}</rsp:Owner><rsp:ClientIP>127.0.0.1</rsp:ClientIP>"
        f"<rsp:IdleTimeOut>PT{idle_s:.3f}S</rsp:IdleTimeOut><rsp:InputStreams>stdin</rsp:InputStreams>"
        "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams>"
        f"<rsp:ShellRunTime>{_duration(run_s)}</rsp:ShellRunTime>"
        f"<rsp:ShellInactivity>{_duration(quiet_s)}</rsp:ShellInactivity></rsp:Shell>"
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"P{hours // 24}DT{hours % 24}H{minutes}M{rest}S"


class Listing:
    """Enumerations of shells (Enumerate, Pull, Release), from any connection's thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[str, Sequence[str]] = {}

    def answer(self, message: soap.Message, shells: Sequence[str]) -> bytes:
        """`shells`: what there is to list, as documents. Raises `soap.NotUnderstood` over a context that is none."""
        if message.action == "Enumerate":
            if message.is_optimized:
                items, context = self._take(shells, message.most_items)
                return self._told(message, "w", items, context)
            return self._told(message, "n", None, self._keep(shells))
        with self._lock:
            left = self._left.pop(message.context.strip(), None)
        if left is None:
            raise soap.NotUnderstood("no such enumeration context", fault_codes.BAD_CONTEXT, message.message_id)
        if message.action == "Release":
            return soap.reply(f"{_ENUMERATION}/ReleaseResponse", message.message_id, "")
        items, context = self._take(left, message.most_items)
        return self._told(message, "n", items, context)

    def _keep(self, shells: Sequence[str]) -> str:
        context = f"uuid:{str(uuid.uuid4()).upper()}"
        with self._lock:
            self._left[context] = shells
            for oldest in tuple(itertools.islice(self._left, max(0, len(self._left) - MOST_CONTEXTS))):
                del self._left[oldest]
        return context

    def _take(self, shells: Sequence[str], most: int) -> tuple[Sequence[str], str]:
        """The next ones, and under which name the others wait; '' where there are none."""
        return shells[:most], self._keep(shells[most:]) if len(shells) > most else ""

    def _told(self, message: soap.Message, prefix: str, items: Sequence[str] | None, context: str) -> bytes:
        name = f"{message.action}Response"
        body = [f"<n:{name}><n:EnumerationContext>{context}</n:EnumerationContext>"]
        if items is not None:
            body.append(f"<{prefix}:Items>{''.join(items)}</{prefix}:Items>")
            body.append("" if context else f"<{prefix}:EndOfSequence/>")
        return soap.reply(f"{_ENUMERATION}/{name}", message.message_id, f"{''.join(body)}</n:{name}>")
