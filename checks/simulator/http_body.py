"""The body of an HTTP request: in one piece or in chunks, and never more than a node takes."""

from __future__ import annotations

import re
from io import BufferedIOBase
from typing import Protocol

MAX_BODY = 512_000
"""Bytes; MaxEnvelopeSizekb of Windows is 500."""
MOST_TRAILERS = 64
_HEX = re.compile(rb"[0-9A-Fa-f]{1,8}")


class Head(Protocol):
    """Fields of a request's head, whatever the case of their names."""

    def get(self, name: str) -> str | None: ...


class BodyRefused(Exception):
    """A body that is not read (to its end); `status` is what HTTP calls that."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def read_body(head: Head, stream: BufferedIOBase) -> bytes:
    """Read it whole. Raises `BodyRefused`."""
    told, coding = head.get("Content-Length"), head.get("Transfer-Encoding")
    if coding is not None:
        if told is not None or coding.strip().lower() != "chunked":
            raise BodyRefused(400)  # two lengths: whoever is in between may believe the other one
        return _chunks(stream)
    if not told or not (told.isascii() and told.isdigit() and len(told) < 12):
        raise BodyRefused(411)
    if int(told) > MAX_BODY:
        raise BodyRefused(413)
    return stream.read(int(told))


def _chunks(stream: BufferedIOBase) -> bytes:
    body = bytearray()
    while size := _size(stream.readline(1000)):
        if len(body) + size > MAX_BODY:
            raise BodyRefused(413)
        body += stream.read(size)
        if stream.read(2) != b"\r\n":
            raise BodyRefused(400)
    for _ in range(MOST_TRAILERS):
        if stream.readline(1000) in (b"\r\n", b""):
            return bytes(body)
    raise BodyRefused(400)


def _size(line: bytes) -> int:
    """Bytes of the next chunk, by its first line; what stands after a semicolon means nothing here."""
    word = line.partition(b";")[0].strip()
    if not line.endswith(b"\n") or not _HEX.fullmatch(word):
        raise BodyRefused(400)
    return int(word, 16)
