"""What all facts are made of: answers that may be missing, files as bytes, variables."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

TYPED_NOT_THERE = "typed-not-there"
"""The code of a problem that the node list makes: it names what this node does not have."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A question that could not be answered, and why. `code` is an HRESULT, Win32 or fault code where there is one."""

    fact: str
    message: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file read as bytes. `present` False: it is not there. Read trouble is in `problem`, then `present` may be None."""

    path: str
    present: bool | None
    size_bytes: int = 0
    modified: datetime | None = None
    content: str = ""
    """Base64 of the bytes."""
    problem: str = ""

    @property
    def data(self) -> bytes:
        return base64.b64decode(self.content)


@dataclass(frozen=True, slots=True)
class VariableFact:
    """An environment variable. Passwords in URLs are masked on the node; `has_password` tells that there was one."""

    name: str
    value: str
    has_password: bool = False
