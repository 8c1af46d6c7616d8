"""pywinrm's messages, and a reading of what a Receive answers that holds for other nodes than pywinrm had in mind."""

from __future__ import annotations

import base64
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import quoteattr

from winrm.exceptions import WSManFaultError
from winrm.protocol import Protocol

from checks.session import messages

NOTHING_YET = 2150858793
NO_CODE = -1
"""Exit code of a program that ended without one, as one that was ended from outside."""


class Answer(bytes):
    """A message from a node that was read already."""

    root: ET.Element


def root_of(answer: bytes) -> ET.Element:
    """The message as elements. Raises `ParseError`."""
    return answer.root if isinstance(answer, Answer) else ET.fromstring(answer)


class NodeProtocol(Protocol):
    """One node, one thread. Messages are pywinrm's own (`checks.session.messages`), and so is what is asked in them."""

    def open_shell(self, **how: Any) -> str:  # noqa: ANN401 # pyright: ignore[reportIncompatibleMethodOverride]
        """Make a shell; its id. Takes pywinrm's settings by their names."""
        answer = self._ask(messages.create(self._operation_s, tuple(how.items())).told())
        selectors = (one.text for one in answer.iter() if one.get("Name") == "ShellId")
        return _named(*selectors, *(one.text for one in answer.iter() if _name(one) == "ShellId"))

    def run_command(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, shell_id: str, command: str, arguments: Iterable[str], **how: bool
    ) -> str:
        """Start a program in a shell; its id. Takes pywinrm's settings by their names."""
        message = messages.command(self._operation_s, command, tuple(arguments), tuple(how.items()))
        answer = self._ask(message.told(shell_id))
        return _named(*(one.text for one in answer.iter() if _name(one) == "CommandId"))

    def close_shell(self, shell_id: str, close_session: bool = True) -> None:
        """End a shell. Raises `AssertionError` where the answer is one to something else."""
        message_id = uuid.uuid4()
        try:
            answer = self._ask(messages.delete(self._operation_s).told(shell_id, message_id=str(message_id)))
            related = next(element.text or "" for element in answer.iter() if element.tag.endswith("RelatesTo"))
        finally:
            if close_session:
                self.transport.close_session()
        if uuid.UUID(related.replace("uuid:", "")) != message_id:
            raise AssertionError("an answer to something else")

    def send_command_input(self, shell_id: str, command_id: str, stdin_input: str | bytes, end: bool = False) -> None:
        """Write to standard input."""
        data = stdin_input.encode() if isinstance(stdin_input, str) else stdin_input
        text = base64.b64encode(data).decode("ascii")
        body = (
            f'<rsp:Stream Name="stdin" CommandId={quoteattr(command_id)} End="{str(end).lower()}">{text}</rsp:Stream>'
        )
        self.send_message(messages.exchange(self._operation_s, "Send").told(shell_id, body))

    def get_command_output_raw(self, shell_id: str, command_id: str) -> tuple[bytes, bytes, int, bool]:
        """Standard output, standard error, exit code and whether the program has ended; nothing where nothing came yet."""
        body = f"<rsp:DesiredStream CommandId={quoteattr(command_id)}>stdout stderr</rsp:DesiredStream>"
        try:
            answer = self.send_message(messages.exchange(self._operation_s, "Receive").told(shell_id, body))
        except WSManFaultError as error:
            if not is_nothing_yet(error):
                raise
            return b"", b"", NO_CODE, False
        return read_output(answer, command_id)

    @property
    def _operation_s(self) -> int:
        return int(self.operation_timeout_sec)

    def _ask(self, message: str) -> ET.Element:
        return root_of(self.send_message(message))


def is_nothing_yet(error: WSManFaultError) -> bool:
    """Whether a fault only says that the time for an answer ran out: by its number, by its name where it has none."""
    number = error.wsman_fault_code or error.wmierror_code
    return number == NOTHING_YET if number else subcode_of(error) == "TimedOut"


def subcode_of(error: WSManFaultError) -> str:
    """The name of a fault without its prefix, which each node may choose, or ''."""
    return (error.fault_subcode or "").strip().rpartition(":")[2]


def read_output(answer: bytes, command_id: str) -> tuple[bytes, bytes, int, bool]:
    """What a ReceiveResponse tells of one command. Raises `ValueError` where it holds no base64, `ParseError`."""
    told = {"stdout": bytearray(), "stderr": bytearray()}
    code, ended = NO_CODE, False
    for element in root_of(answer).iter():
        name = _name(element)
        if name not in ("Stream", "CommandState") or element.get("CommandId", command_id).upper() != command_id.upper():
            continue
        if name == "Stream":
            stream = element.get("Name", "").lower()
            if stream in told:
                told[stream] += base64.b64decode(element.text or "")
        elif element.get("State", "").endswith("CommandState/Done"):
            ended = True
            code = next((_number(one.text) for one in element if _name(one) == "ExitCode"), NO_CODE)
    return bytes(told["stdout"]), bytes(told["stderr"]), code, ended


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _named(*texts: str | None) -> str:
    """The first that is a name at all. Raises `ValueError` where there is none: nothing could be asked for by it."""
    for text in texts:
        if text and text.strip():
            return text.strip()
    raise ValueError("an answer without an id")


def _number(text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError:
        return NO_CODE


__all__ = ["Answer", "NodeProtocol", "Protocol", "is_nothing_yet", "read_output", "root_of", "subcode_of"]
