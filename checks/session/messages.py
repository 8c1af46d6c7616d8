"""What we say to a node, as pywinrm writes it: each message is written once a process and told with other ids afterwards.

pywinrm makes every message from nested tables and goes over each of their names; for a node's first scan that takes
longer than all its checks.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NoReturn
from xml.sax.saxutils import escape

import xmltodict
from winrm.protocol import Protocol

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
_ID = "8d3c0f7e-id-goes-here"
_SHELL = "8d3c0f7e-shell-goes-here"
_BODY = "8d3c0f7e-body-goes-here"
_PLACES = re.compile(f"({_ID}|{_SHELL}|{_BODY})")
_OWN_ID = re.compile(r"(?<=<a:MessageID>uuid:)[0-9a-f-]{36}(?=</a:MessageID>)")


class Message:
    """One kind of message, with places for what is new each time."""

    def __init__(self, text: str) -> None:
        self._parts = tuple(_PLACES.split(_OWN_ID.sub(_ID, text)))

    def told(self, shell_id: str = "", body: str = "", message_id: str = "") -> str:
        """The message about a shell. `body` is XML; without `message_id` it gets a new one."""
        new = {_ID: message_id or str(uuid.uuid4()), _SHELL: escape(shell_id), _BODY: body}
        return "".join(new.get(part, part) for part in self._parts)


class _Said(Exception):
    """The message that a call would have sent."""


class _Scribe(Protocol):
    """pywinrm, asked for its words alone."""

    def __init__(self, operation_s: int) -> None:
        super().__init__("http://localhost/wsman", username="-", password="-", proxy=None)
        self.operation_timeout_sec = operation_s

    def send_message(self, message: str) -> NoReturn:
        raise _Said(message)


def _written(operation_s: int, call: Callable[[_Scribe], object]) -> Message:
    try:
        call(_Scribe(operation_s))
    except _Said as said:
        return Message(str(said))
    raise AssertionError("pywinrm said nothing")


@lru_cache(maxsize=64)
def create(operation_s: int, how: Iterable[tuple[str, Any]]) -> Message:
    """Make a shell; `how`: the words of `Protocol.open_shell`."""
    return _written(operation_s, lambda scribe: scribe.open_shell(**dict(how)))


@lru_cache(maxsize=64)
def command(operation_s: int, program: str, arguments: tuple[str, ...], how: Iterable[tuple[str, Any]]) -> Message:
    """Start a program; `how`: the words of `Protocol.run_command`."""
    return _written(operation_s, lambda scribe: scribe.run_command(_SHELL, program, arguments, **dict(how)))


@lru_cache(maxsize=64)
def delete(operation_s: int) -> Message:
    """End a shell."""
    return _written(operation_s, lambda scribe: scribe.close_shell(_SHELL, close_session=False))


@lru_cache(maxsize=64)
def exchange(operation_s: int, action: str) -> Message:
    """Send or Receive, whose bodies are ours: pywinrm goes over a whole probe's script five times more."""

    def say(scribe: _Scribe) -> None:
        envelope: dict[str, Any] = scribe.build_wsman_header(  # pyright: ignore[reportUnknownMemberType]
            resource_uri=f"{SHELL}/cmd", action=f"{SHELL}/{action}", shell_id=_SHELL
        )
        envelope["env:Body"] = {f"rsp:{action}": _BODY}
        scribe.send_message(xmltodict.unparse({"env:Envelope": envelope}))

    return _written(operation_s, say)
