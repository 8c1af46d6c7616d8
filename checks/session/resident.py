"""The line protocol of the resident PowerShell (`resources/scripts/resident.ps1`). Pure: no network, no clock."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

from checks.session import Json, Reply, Request, Script

COMMAND_LINE_LIMIT = 8191
"""Characters that Windows takes in one command line through cmd.exe; WinRM's shells keep it."""
KINDS = frozenset({"started", "result", "problem", "done"})
MAX_NOISE = 16_384
MAX_LINE = 16 * 1024 * 1024
"""Bytes of one line; a node that writes more without an end is not talking this protocol."""

PROGRAM = "powershell.exe"


def compact(text: str) -> str:
    """The script without comment lines and indentation: only what is run travels on the command line."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("#"))


def arguments(bootstrap: Script) -> tuple[str, ...]:
    """Words after `powershell.exe`. Raises ValueError if Windows would cut the line."""
    encoded = base64.b64encode(compact(bootstrap.text).encode("utf-16-le")).decode("ascii")
    words = ("-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-EncodedCommand", encoded)
    length = len(" ".join((PROGRAM, *words)))
    if length > COMMAND_LINE_LIMIT:
        raise ValueError(f"the resident's command line has {length} characters, {COMMAND_LINE_LIMIT} are possible")
    return words


def encode(marker: str, request: Request, known: frozenset[str], hold_ms: int = 0, *, more: bool = False) -> bytes:
    """One request as a line. The script's text is in it unless `known` has its hash; `more`: another line follows."""
    asked: dict[str, Json] = {
        "m": marker,
        "id": request.id,
        "name": request.script.name,
        "script": request.script.sha256,
        "parameters": request.parameters,
        "hold": hold_ms,
        "more": more,
    }
    if request.script.sha256 not in known:
        asked["text"] = request.script.text
    return base64.b64encode(json.dumps(asked).encode("utf-8")) + b"\n"


class Parser:
    """Turns standard output, cut anywhere, into replies; everything else is noise and kept, within bounds."""

    def __init__(self, marker: str) -> None:
        self._line = re.compile(rb"^" + re.escape(marker).encode("ascii") + rb" (\S+) ([a-z]+) ([A-Za-z0-9+/=]*)$")
        self._rest = bytearray()
        self._noise = bytearray()

    @property
    def noise(self) -> str:
        """What was not of the protocol: the last 16 KiB of it."""
        return self._noise.decode("utf-8", "replace")

    def feed(self, data: bytes) -> Sequence[Reply]:
        self._rest += data
        if b"\n" not in data:
            if len(self._rest) > MAX_LINE:
                self.note(bytes(self._rest))
                self._rest.clear()
            return ()
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        replies: list[Reply] = []
        for line in lines:
            reply = self._reply(line.strip(b"\r"))
            if reply is not None:
                replies.append(reply)
            elif line.strip():
                self.note(line + b"\n")
        return [*(Reply(one.id, one.kind, one.document, more=True) for one in replies[:-1]), *replies[-1:]]

    def note(self, data: bytes) -> None:
        """Keep something that was not of the protocol, for instance standard error."""
        self._noise += data
        del self._noise[:-MAX_NOISE]

    def _reply(self, line: bytes) -> Reply | None:
        found = self._line.match(line)
        if found is None or found[2].decode() not in KINDS:
            return None
        try:
            document: object = json.loads(base64.b64decode(found[3], validate=True))
        except (binascii.Error, ValueError, RecursionError):
            return None
        if not isinstance(document, dict):
            return None
        return Reply(found[1].decode("ascii", "replace"), found[2].decode(), cast("Mapping[str, Json]", document))
