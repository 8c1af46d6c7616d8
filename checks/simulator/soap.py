"""The messages of WS-Management's remote shell that a WinRM client and a node exchange ([MS-WSMV])."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from checks.session.soap_text import checked
from checks.simulator.fault_codes import (
    KINDS,
    NO_SUCH_RESOURCE,
    NOT_THE_SCHEMA,
    NOT_UNDERSTOOD,
    UNKNOWN_ACTION,
)
from checks.simulator.headers import SOAP, refused_header

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
ACTIONS = {
    "http://schemas.xmlsoap.org/ws/2004/09/transfer/Create": "Create",
    f"{SHELL}/Command": "Command",
    f"{SHELL}/Send": "Send",
    f"{SHELL}/Receive": "Receive",
    f"{SHELL}/Signal": "Signal",
    "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete": "Delete",
    "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get": "Get",
    **{f"http://schemas.xmlsoap.org/ws/2004/09/enumeration/{name}": name for name in ("Enumerate", "Pull", "Release")},
    "Identify": "Identify",
}
DEFAULT_IDLE_S = 7200.0
"""IdleTimeout of Windows."""
BOTH = frozenset(("stdout", "stderr"))
MOST_ENVELOPE = 153_600
"""Bytes of an answer where the client does not say: MaxEnvelopeSize of WS-Management as Windows had it first."""
ROOM = 4096
"""Of an answer, for what is not the streams."""

_ENVELOPE = (
    '<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer"'
    ' xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"'
    ' xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"'
    f' xmlns:rsp="{SHELL}" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd">'
)

_DURATION = re.compile(r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class NotUnderstood(Exception):
    """A body that is no message of the remote shell; `code` is what a node answers to it."""

    def __init__(self, words: str, code: int = NOT_THE_SCHEMA, relates_to: str = "") -> None:
        super().__init__(words)
        self.code = code
        self.relates_to = relates_to


@dataclass(frozen=True, slots=True)
class Message:
    """One request, as far as the remote shell needs it."""

    action: str
    message_id: str
    shell_id: str
    command_id: str
    timeout_s: float
    command_line: str = ""
    data: bytes = b""
    idle_s: float = DEFAULT_IDLE_S
    signal: str = ""
    """The last word of the signal's name, in lower case: `terminate`, `ctrl_c`, `ctrl_break`."""
    is_end: bool = False
    """Nothing follows on standard input."""
    streams: frozenset[str] = BOTH
    """What a Receive asks for; the other stream waits."""
    max_envelope: int = MOST_ENVELOPE
    chosen_id: str = ""
    """The id that the client gives to its new shell or command itself; a UUID."""
    context: str = ""
    """Which enumeration goes on."""
    most_items: int = 1
    is_optimized: bool = False
    """An Enumerate's answer brings the first items itself."""

    @property
    def most_output(self) -> int:
        """Bytes of output that the answer may carry: base64 makes four of three."""
        return max(self.max_envelope - ROOM, ROOM) // 4 * 3


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _seconds(duration: str, default: float = 60.0) -> float:
    """Seconds of an ISO duration such as PT20S or P0DT0H1M30.5S; `default` where it says nothing usable."""
    found = _DURATION.fullmatch(duration.strip())
    if found is None or not any(found.groups()):
        return default
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def parse(body: bytes) -> Message:
    """Read one request. Raises `NotUnderstood`; entities and document types are refused before the parser sees them."""
    try:
        root = ET.fromstring(checked(body))
    except (ET.ParseError, ValueError, LookupError) as error:
        raise NotUnderstood(str(error)) from error
    if root.tag != f"{{{SOAP}}}Envelope":
        raise NotUnderstood("not an envelope of SOAP 1.2")
    found: dict[str, str] = {}
    words: list[str] = []
    data = b""
    for element in root.iter():
        name, text = _name(element), element.text or ""
        if name in _TEXTS:
            found[name] = text.strip()
        elif name == "Selector" and element.get("Name", "").lower() == "shellid":
            found["ShellId"] = text.strip()
        elif name in ("Identify", "OptimizeEnumeration"):
            found.setdefault("Action" if name == "Identify" else name, name)
        elif name in ("Command", "Arguments"):
            words.append(text)
        elif name == "Stream":
            data += _bytes(text)
            found["End"] = element.get("End", "")
        elif name in ("Shell", "CommandLine"):
            found["chosen"] = element.get("ShellId") or element.get("CommandId") or ""
        if name != "CommandLine" and element.get("CommandId"):
            found["CommandId"] = element.get("CommandId", "")
    if header := refused_header(root):
        raise NotUnderstood(*header, found.get("MessageID", ""))
    return _message(found, " ".join(words), data)


_TEXTS = frozenset(
    (
        "Action",
        "MessageID",
        "OperationTimeout",
        "IdleTimeOut",
        "Code",
        "DesiredStream",
        "MaxEnvelopeSize",
        "ResourceURI",
        "EnumerationContext",
        "MaxElements",
    )
)
"""Elements whose text matters, by the names that they have in every namespace prefix."""


def _message(found: dict[str, str], command_line: str, data: bytes) -> Message:
    message_id = found.get("MessageID", "")
    action = ACTIONS.get(found.get("Action", ""), "")
    if not action:
        raise NotUnderstood("no action of the remote shell", UNKNOWN_ACTION, message_id)
    resource = found.get("ResourceURI", "")
    if resource and not resource.lower().startswith(SHELL):
        raise NotUnderstood(f"there is no {resource[:200]} here", NO_SUCH_RESOURCE, message_id)
    most = found.get("MaxEnvelopeSize", "")
    chosen, items = found.get("chosen", ""), found.get("MaxElements", "")
    streams = frozenset(found.get("DesiredStream", "").split()) & BOTH
    return Message(
        action=action,
        message_id=message_id,
        shell_id=found.get("ShellId", ""),
        command_id=found.get("CommandId", ""),
        timeout_s=_seconds(found.get("OperationTimeout", "")),
        command_line=command_line,
        data=data,
        idle_s=_seconds(found.get("IdleTimeOut", ""), DEFAULT_IDLE_S),
        signal=found.get("Code", "").rpartition("/")[2].lower(),
        is_end=found.get("End", "").strip().lower() in ("true", "1"),
        streams=streams or BOTH,
        max_envelope=int(most) if most.isascii() and most.isdigit() and len(most) < 10 else MOST_ENVELOPE,
        chosen_id=chosen.upper() if _UUID.fullmatch(chosen) else "",
        context=found.get("EnumerationContext", ""),
        most_items=int(items) if items.isascii() and items.isdigit() and 0 < len(items) < 10 else 1,
        is_optimized="OptimizeEnumeration" in found,
    )


def _bytes(text: str) -> bytes:
    with contextlib.suppress(ValueError):
        return binascii.a2b_base64(text, strict_mode=True)
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)  # broken into lines
    except ValueError as error:
        raise NotUnderstood("a stream that is not base64") from error


def reply(action: str, relates_to: str, body: str) -> bytes:
    """An answer with a body that is XML already."""
    return (
        f"{_ENVELOPE}<s:Header><a:Action>{escape(action)}</a:Action>"
        f"<a:MessageID>uuid:{uuid.uuid4()}</a:MessageID>"
        "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def created(message: Message, shell_id: str, shell: str) -> bytes:
    """`shell`: the new shell as a document."""
    body = (
        "<x:ResourceCreated><a:Address>http://127.0.0.1/wsman</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{SHELL}/cmd</w:ResourceURI>"
        f'<w:SelectorSet><w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet>'
        "</a:ReferenceParameters></x:ResourceCreated>"
        f"{shell}"
    )
    return reply("http://schemas.xmlsoap.org/ws/2004/09/transfer/CreateResponse", message.message_id, body)


def command_started(message: Message, command_id: str) -> bytes:
    body = f"<rsp:CommandResponse><rsp:CommandId>{command_id}</rsp:CommandId></rsp:CommandResponse>"
    return reply(f"{SHELL}/CommandResponse", message.message_id, body)


def received(message: Message, stdout: bytes, stderr: bytes, exit_code: int | None) -> bytes:
    command = quoteattr(message.command_id)
    parts: list[str] = []
    for name, data in (("stdout", stdout), ("stderr", stderr)):
        if data:
            text = base64.b64encode(data).decode("ascii")
            parts.append(f'<rsp:Stream Name="{name}" CommandId={command}>{text}</rsp:Stream>')
    if exit_code is None:
        parts.append(f'<rsp:CommandState CommandId={command} State="{SHELL}/CommandState/Running"/>')
    else:
        for name in ("stdout", "stderr"):
            parts.append(f'<rsp:Stream Name="{name}" CommandId={command} End="true"/>')
        parts.append(
            f'<rsp:CommandState CommandId={command} State="{SHELL}/CommandState/Done">'
            f"<rsp:ExitCode>{exit_code}</rsp:ExitCode></rsp:CommandState>"
        )
    body = f"<rsp:ReceiveResponse>{''.join(parts)}</rsp:ReceiveResponse>"
    return reply(f"{SHELL}/ReceiveResponse", message.message_id, body)


def got(message: Message, shell: str) -> bytes:
    """The answer to Get."""
    return reply("http://schemas.xmlsoap.org/ws/2004/09/transfer/GetResponse", message.message_id, shell)


def done(message: Message) -> bytes:
    """The answers to Send, Signal and Delete, which tell nothing more than that."""
    if message.action == "Delete":
        return reply("http://schemas.xmlsoap.org/ws/2004/09/transfer/DeleteResponse", message.message_id, "")
    body = f"<rsp:{message.action}Response/>"
    return reply(f"{SHELL}/{message.action}Response", message.message_id, body)


def fault(code: int, reason: str, relates_to: str = "") -> bytes:
    """A SOAP fault with a WSManFault of that number, as a node writes it."""
    if code == NOT_UNDERSTOOD:
        body = "<s:Fault><s:Code><s:Value>s:MustUnderstand</s:Value></s:Code><s:Reason>"
        body += f'<s:Text xml:lang="en-US">{escape(reason)}</s:Text></s:Reason></s:Fault>'
        return reply("http://schemas.xmlsoap.org/ws/2004/08/addressing/fault", relates_to, body)
    namespace = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
    who, kind = KINDS.get(code, ("Receiver", "w:InternalError"))
    body = (
        f"<s:Fault><s:Code><s:Value>s:{who}</s:Value><s:Subcode><s:Value>{kind}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{escape(reason)}</s:Text></s:Reason>'
        f'<s:Detail><f:WSManFault xmlns:f="{namespace}" Code="{code}" Machine="127.0.0.1">'
        f"<f:Message>{escape(reason)}</f:Message></f:WSManFault></s:Detail></s:Fault>"
    )
    return reply("http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", relates_to, body)
