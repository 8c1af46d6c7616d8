"""Documents become typed values, one at a time.

msgspec learns a type when it first meets it, and keeps what it has learned so far where other threads find it: two
that meet a type at once end the whole program, without a word (0.22).
"""

from __future__ import annotations

import threading
from typing import TypeVar

import msgspec

T = TypeVar("T")
_TURN = threading.RLock()


def convert(value: object, kind: type[T]) -> T:
    """The value as `kind`. Raises `msgspec.ValidationError`, which names the place."""
    with _TURN:
        return msgspec.convert(value, kind)


def decode_json(data: bytes, kind: type[T]) -> T:
    """JSON as `kind`. Raises `msgspec.DecodeError`, of which `ValidationError` is one."""
    with _TURN:
        return msgspec.json.decode(data, type=kind)
