"""Threads that read nodes compute one after the other; each lets the next one in while it waits for its node.

Python runs one thread at a time anyway. Where dozens want to go on at once, each waits for all others at every switch,
and the window's own thread, which switches for every row it paints, waits longest. With turns it waits for one at most, and
`first` lets it do a piece of its work without waiting for that one each time.
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager

PATIENCE_S = 0.1
"""How long computing stands still for whoever goes first: that one may itself wait for what is computed."""

_turn = threading.Lock()
"""One for the process, as its interpreter is."""


class _Mine(threading.local):
    depth = 0
    """How many `computing` this thread is in."""


_mine = _Mine()


class _Way:
    """Whether the way is free for those who compute."""

    def __init__(self) -> None:
        self._depth = 0
        self._whose = 0
        self._is_free = threading.Event()
        self._is_free.set()

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth == 1:
            self._whose = threading.get_ident()
            self._is_free.clear()

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._is_free.set()

    def let_pass(self) -> None:
        # The number first: to look at the event takes a lock, and a thread that loses the interpreter then keeps it.
        if self._depth and self._whose != threading.get_ident() and not self._is_free.wait(PATIENCE_S):
            self._is_free.set()


_way = _Way()


def first() -> AbstractContextManager[None]:
    """A piece of work that somebody watches: what computes stands still at its next `let_pass`. One thread only; may be nested."""
    return _way


def let_pass() -> None:
    """Between two pieces of computing: wait while something goes `first`, for `PATIENCE_S` at most."""
    _way.let_pass()


class _Computing:
    def __enter__(self) -> None:
        if _mine.depth == 0:
            _turn.acquire()
            let_pass()
        _mine.depth += 1

    def __exit__(self, *_: object) -> None:
        _mine.depth -= 1
        if _mine.depth == 0:
            _turn.release()


class _Waiting:
    __slots__ = ("_depth",)

    def __enter__(self) -> None:
        self._depth, _mine.depth = _mine.depth, 0
        if self._depth:
            _turn.release()

    def __exit__(self, *_: object) -> None:
        if self._depth:
            _turn.acquire()
            let_pass()
            _mine.depth = self._depth


_computing = _Computing()


def computing() -> AbstractContextManager[None]:
    """The turn of this thread, for work that waits for nothing but `waiting`. May be nested."""
    return _computing


def waiting() -> AbstractContextManager[None]:
    """Something that takes its time without this program: the others may go on. Outside `computing` it does nothing."""
    return _Waiting()
