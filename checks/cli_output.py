"""What a headless run says: to a reader who may go away, and from a writer whose encoding is not known."""

from __future__ import annotations

import contextlib
import errno
import locale
import os
import sys
from typing import BinaryIO, TextIO, cast

from checks.errors import BadFile


class Output:
    """Standard output. When it is closed or full, what runs on a node goes on all the same, and nothing more is said."""

    def __init__(self) -> None:
        self.lost: OSError | None = None
        """Why lines were lost, if it was more than a reader who had seen enough."""
        self._is_open = True

    def line(self, text: str = "") -> None:
        if not self._is_open:
            return
        try:
            print(text, flush=True)
        except OSError as error:
            self._is_open = False
            # A pipe whose reader is gone: EPIPE, or EINVAL on Windows.
            self.lost = None if error.errno in (errno.EPIPE, errno.EINVAL) else error
            _silence(sys.stdout)

    def error(self, text: str) -> None:
        """One text on standard error; lost where that is closed, too."""
        try:
            print(text, file=sys.stderr, flush=True)
        except OSError:
            _silence(sys.stderr)


def _silence(stream: TextIO) -> None:
    """What is still buffered goes nowhere: Python would try to write it once more when it ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def speak_utf8() -> None:
    """Write UTF-8 whatever the console's code page is; what can't be written becomes a question mark, not a crash."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def read_line(what: str) -> str:
    """One line of standard input without its end: UTF-8 with or without a mark, else this computer's encoding.

    Raises `BadFile`: `stdin-ended` where nothing is left, `stdin-encoding` where it is no text. Neither shows the text.
    """
    source = cast("BinaryIO | None", getattr(sys.stdin, "buffer", None))
    if source is None:
        text = sys.stdin.readline()
    else:
        raw = source.readline()
        if b"\0" in raw:
            raise BadFile("stdin-encoding", what=what)
        text = _decoded(raw, what)
    if not text:
        raise BadFile("stdin-ended", what=what)
    return text.rstrip("\r\n")


def _decoded(raw: bytes, what: str) -> str:
    for encoding in ("utf-8-sig", locale.getpreferredencoding(False)):
        with contextlib.suppress(UnicodeDecodeError, LookupError):
            return raw.decode(encoding)
    raise BadFile("stdin-encoding", what=what)
