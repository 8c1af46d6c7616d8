"""A sealed answer of HTTP, taken apart ([MS-WSMV] 2.2.9.1).

pywinrm looks for one spelling of it and hands on, unlooked at, what is spelt otherwise: to a sealed question that would
let anybody answer.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

_SEALED = re.compile(
    r"\s*multipart/(?:x-multi-)?encrypted\s*;(?=.*\bprotocol\s*=\s*\"?application/http-spnego-session-encrypted\b)",
    re.IGNORECASE | re.DOTALL,
)
_PART = re.compile(
    rb"\s*--[ \t]*Encrypted Boundary[ \t]*\r\n(?P<head>(?:[^\r\n-][^\r\n]*\r\n)+)\s*"
    rb"--[ \t]*Encrypted Boundary[ \t]*\r\n[ \t]*Content-Type:[ \t]*application/octet-stream[ \t]*\r\n(?:\r\n)?",
    re.IGNORECASE,
)
"""What stands before one sealed message. Windows puts no empty line there, and a tab before each word; a blank within
the boundary is seen from Exchange's service."""
_END = re.compile(rb"\s*--[ \t]*Encrypted Boundary[ \t]*--\s*", re.IGNORECASE)
_LENGTH = re.compile(rb"\bLength[ \t]*=[ \t]*(\d{1,9})\b", re.IGNORECASE)
SIGNATURE = 16
"""Bytes of NTLM's signature."""


def is_sealed(kind: str) -> bool:
    """Whether a Content-Type says that the body is sealed."""
    return _SEALED.match(kind) is not None


def opened(body: bytes, unwrap: Callable[[bytes, bytes], bytes]) -> bytes:
    """The message in a sealed body; `unwrap` gets what is sealed and its signature.

    Raises `ValueError` where the body is no sealed message or holds more than that, and what `unwrap` does.
    """
    told, place = b"", 0
    while part := _PART.match(body, place):
        length = _LENGTH.search(part["head"])
        start = part.end()
        if length is None or body[start : start + 4] != struct.pack("<i", SIGNATURE):
            raise ValueError("not a message sealed by NTLM")
        sealed = start + 4 + SIGNATURE
        place = sealed + int(length[1])
        told += unwrap(body[sealed:place], body[start + 4 : sealed])
    if not told or not _END.fullmatch(body, place):
        raise ValueError("not a sealed message, or more than one")
    return told
