"""pywinrm's messages, and a reading of what a Receive answers that holds for other nodes than pywinrm had in mind."""

from __future__ import annotations

import base64
import uuid
import xml.etree.ElementTree as ET
from typing import Any
from xml.sax.saxutils import quoteattr

import xmltodict
from winrm.exceptions import WSManFaultError
from winrm.protocol import Protocol

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
NOTHING_YET = 2150858793
_HERE = "8d3c0f7e-put-it-here"
NO_CODE = -1
"""Exit code of a program that ended without one, as one that was ended from outside."""


class NodeProtocol(Protocol):
    """One node, one thread. Heads are pywinrm's own, and so is everything but Send and Receive."""

    def __init__(self, *arguments: Any, **more: Any) -> None:  # noqa: ANN401 (pywinrm's)
        super().__init__(*arguments, **more)
        self._heads: dict[str, tuple[tuple[int, str], str]] = {}

    def send_command_input(self, shell_id: str, command_id: str, stdin_input: str | bytes, end: bool = False) -> None:
        """Write to standard input. pywinrm's own goes over all of it five times more."""
        data = stdin_input.encode() if isinstance(stdin_input, str) else stdin_input
        text = base64.b64encode(data).decode("ascii")
        body = (
            f'<rsp:Stream Name="stdin" CommandId={quoteattr(command_id)} End="{str(end).lower()}">{text}</rsp:Stream>'
        )
        self.send_message(self._message("Send", shell_id, body))

    def get_command_output_raw(self, shell_id: str, command_id: str) -> tuple[bytes, bytes, int, bool]:
        """Standard output, standard error, exit code and whether the program has ended; nothing where nothing came yet."""
        body = f"<rsp:DesiredStream CommandId={quoteattr(command_id)}>stdout stderr</rsp:DesiredStream>"
        try:
            answer = self.send_message(self._message("Receive", shell_id, body))
        except WSManFaultError as error:
            if not is_nothing_yet(error):
                raise
            return b"", b"", NO_CODE, False
        return read_output(answer, command_id)

    def _message(self, action: str, shell_id: str, body: str) -> str:
        """A message with this body in pywinrm's envelope, which is the same for many: only its id is new."""
        about = (self.operation_timeout_sec, shell_id)
        known, head = self._heads.get(action, (None, ""))
        if known != about:
            envelope: dict[str, Any] = self.build_wsman_header(  # pyright: ignore[reportUnknownMemberType]
                resource_uri=f"{SHELL}/cmd", action=f"{SHELL}/{action}", shell_id=shell_id, message_id=_HERE
            )
            envelope["env:Body"] = {f"rsp:{action}": _HERE}
            head = xmltodict.unparse({"env:Envelope": envelope})
            self._heads[action] = about, head
        before, between, after = head.split(_HERE)
        return "".join((before, str(uuid.uuid4()), between, body, after))


def is_nothing_yet(error: WSManFaultError) -> bool:
    """Whether a fault only says that the time for an answer ran out: by its number, by its name where it has none."""
    number = error.wsman_fault_code or error.wmierror_code
    return number == NOTHING_YET if number else subcode_of(error) == "TimedOut"


def subcode_of(error: WSManFaultError) -> str:
    """The name of a fault without its prefix, which each node may choose, or ''."""
    return (error.fault_subcode or "").strip().rpartition(":")[2]


def read_output(answer: bytes, command_id: str) -> tuple[bytes, bytes, int, bool]:
    """What a ReceiveResponse tells of one command. Raises `ValueError` where it holds no base64, `ParseError`."""
    told = {"stdout": b"", "stderr": b""}
    code, ended = NO_CODE, False
    for element in ET.fromstring(answer).iter():
        name = element.tag.rpartition("}")[2]
        if name not in ("Stream", "CommandState") or element.get("CommandId", command_id).upper() != command_id.upper():
            continue
        if name == "Stream":
            stream = element.get("Name", "").lower()
            if stream in told:
                told[stream] += base64.b64decode(element.text or "")
        elif element.get("State", "").endswith("CommandState/Done"):
            ended = True
            code = next((_number(one.text) for one in element if one.tag.rpartition("}")[2] == "ExitCode"), NO_CODE)
    return told["stdout"], told["stderr"], code, ended


def _number(text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError:
        return NO_CODE


__all__ = ["NodeProtocol", "Protocol", "is_nothing_yet", "read_output", "subcode_of"]
