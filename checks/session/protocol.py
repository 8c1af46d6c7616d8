"""pywinrm's messages, and a reading of what a Receive answers that holds for other nodes than pywinrm had in mind."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from typing import Any

import xmltodict
from winrm.exceptions import WSManFaultError
from winrm.protocol import Protocol

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
NOTHING_YET = 2150858793
NO_CODE = -1
"""Exit code of a program that ended without one, as one that was ended from outside."""


class NodeProtocol(Protocol):
    """One node, one thread. Everything but Receive is pywinrm's own."""

    def get_command_output_raw(self, shell_id: str, command_id: str) -> tuple[bytes, bytes, int, bool]:
        """Standard output, standard error, exit code and whether the program has ended; nothing where nothing came yet."""
        envelope: dict[str, Any] = self.build_wsman_header(  # pyright: ignore[reportUnknownMemberType]
            resource_uri=f"{SHELL}/cmd", action=f"{SHELL}/Receive", shell_id=shell_id
        )
        wanted = {"@CommandId": command_id, "#text": "stdout stderr"}
        envelope["env:Body"] = {"rsp:Receive": {"rsp:DesiredStream": wanted}}
        try:
            answer = self.send_message(xmltodict.unparse({"env:Envelope": envelope}))
        except WSManFaultError as error:
            if not is_nothing_yet(error):
                raise
            return b"", b"", NO_CODE, False
        return read_output(answer, command_id)


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
