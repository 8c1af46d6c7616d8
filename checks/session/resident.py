"""The line protocol of the resident PowerShell (`resources/scripts/resident.ps1`). Pure: no network, no clock."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import cast

import msgspec

from checks.session import Json, Reply, Request, Script

COMMAND_LINE_LIMIT = 8191
"""Characters that Windows takes in one command line through cmd.exe; WinRM's shells keep it."""
KINDS = frozenset({"started", "result", "problem", "done"})
MAX_NOISE = 16_384
MAX_LINE = 16 * 1024 * 1024
"""Bytes of one line; a node that writes more without an end is not talking this protocol."""

PROGRAM = "powershell.exe"
_HERE_STRING = re.compile(r"(?:^|[\s(=,{;])@[\"'][ \t]*$", re.MULTILINE)
MAX_KNOWN = 256
"""Answers of which a session remembers that it could read them: a scan brings fifteen."""
_Document = Mapping[str, Json]
_Told = tuple[str, str, _Document | Callable[[], _Document], bytes]


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
    if request.script.sha256 in known:
        return base64.b64encode(json.dumps(asked).encode("ascii")) + b"\n"
    head = json.dumps(asked)[:-1] + ","
    # Base64 of parts that are multiples of three bytes long is the parts' base64: the text's own is made once.
    text = spoken(request.script.text) if request.reads else request.script.text
    return base64.b64encode((head + " " * (-len(head) % 3)).encode("ascii")) + _text(text) + b"\n"


@lru_cache(maxsize=64)
def spoken(text: str) -> str:
    """A script as it travels: comments and indentation stay here, a quarter of it, and lines keep their numbers.

    One with a here-string, in which neither is what it looks like, travels whole. So does all that changes a node: what was
    shown is what is sent.
    """
    if _HERE_STRING.search(text):
        return text
    lines: list[str] = []
    is_comment = False
    for line in text.splitlines():
        told = line.strip()
        if is_comment or told.startswith("<#"):
            is_comment = not told.endswith("#>")
            told = ""
        elif told.startswith("#"):
            told = ""
        lines.append(told)
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=64)
def _text(text: str) -> bytes:
    """The end of a request that has a script's text in it: a program that opens many nodes sends them all the same."""
    return base64.b64encode(f'"text": {json.dumps(text)}}}'.encode("ascii"))


class Parser:
    """Turns standard output, cut anywhere, into replies; everything else is noise and kept, within bounds."""

    def __init__(self, marker: str) -> None:
        self._marker = marker.encode("ascii")
        self._rest = bytearray()
        self._noise = bytearray()
        self._known: dict[bytes, None] = {}

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
        told: list[_Told] = []
        for line in lines:
            one = self._told(line.strip(b"\r"))
            if one is not None:
                told.append(one)
            elif line.strip():
                self.note(line + b"\n")
        return [
            Reply(id_, kind, document, more=number < len(told), digest=digest)
            for number, (id_, kind, document, digest) in enumerate(told, 1)
        ]

    def note(self, data: bytes) -> None:
        """Keep something that was not of the protocol, for instance standard error."""
        self._noise += data
        del self._noise[:-MAX_NOISE]

    def _told(self, line: bytes) -> _Told | None:
        """Id, kind, document and its digest of a line of the protocol: four words with one space between, nothing else.

        What stands before them is noise that did not end its line, such as a prompt, a banner or a byte order mark.
        """
        start = line.find(self._marker)
        words = line[start:].split(b" ")
        if start < 0 or len(words) != 4 or words[0] != self._marker or not words[1]:
            return None
        kind = words[2].decode("ascii", "replace")
        if kind not in KINDS:
            return None
        digest = hashlib.sha256(words[3]).digest() if kind == "result" else b""
        document = partial(_read, words[3]) if digest in self._known else self._first_read(words[3], digest)
        if document is None:
            return None
        if start:
            self.note(line[:start] + b"\n")
        return words[1].decode("ascii", "replace"), kind, document, digest

    def _first_read(self, word: bytes, digest: bytes) -> _Document | None:
        """The document, or None where it is none. `digest`: what to know it by when it comes again, empty if it should not."""
        try:
            document = _read(word)
        except (binascii.Error, ValueError, RecursionError):
            return None
        if digest:
            self._known[digest] = None
            if len(self._known) > MAX_KNOWN:
                del self._known[next(iter(self._known))]
        return document


def _read(word: bytes) -> _Document:
    """The document of a reply. Raises `ValueError`, `binascii.Error` or `RecursionError` where it is none."""
    text = binascii.a2b_base64(word, strict_mode=True)
    document: object
    try:
        document = msgspec.json.decode(text)  # in half the time
    except msgspec.DecodeError:
        document = json.loads(text.decode())  # which takes halves of characters and numbers that are none
    if not isinstance(document, dict):
        raise ValueError("a reply's document is an object")
    return cast("_Document", document)
