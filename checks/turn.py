"""Threads that read nodes compute one after the other; each lets the next one in while it waits for its node.

Python runs one thread at a time anyway. Where dozens want to go on at once, each waits for all others at every switch,
and the window's own thread, which switches for every row it paints, waits longest. With turns it waits for one at most.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

_turn = threading.Lock()
"""One for the process, as its interpreter is."""


class _Mine(threading.local):
    depth = 0
    """How many `computing` this thread is in."""


_mine = _Mine()


@contextmanager
def computing() -> Generator[None, None, None]:
    """The turn of this thread, for work that waits for nothing but `waiting`. May be nested."""
    if _mine.depth == 0:
        _turn.acquire()
    _mine.depth += 1
    try:
        yield
    finally:
        _mine.depth -= 1
        if _mine.depth == 0:
            _turn.release()


@contextmanager
def waiting() -> Generator[None, None, None]:
    """Something that takes its time without this program: the others may go on. Outside `computing` it does nothing."""
    depth, _mine.depth = _mine.depth, 0
    if depth:
        _turn.release()
    try:
        yield
    finally:
        if depth:
            _turn.acquire()
            _mine.depth = depth
