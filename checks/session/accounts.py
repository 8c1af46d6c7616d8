"""Accounts of a domain that nodes refuse: to ask every other node with the same password would lock them."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

TRIES = 3
"""So many nodes are asked with a name and a password that no node has taken lately: domains lock from five refusals on."""
TAKEN_S = 600.0
"""So long a password that a node took is good for all others, too."""
JUST_S = 30.0
"""So soon after a node took it, another one that refuses has a reason of its own, such as a broken trust with its domain."""
REFUSED_S = 120.0
"""So long after the last refusal no other node is asked."""
LOOK_S = 0.05
"""How soon a wait notices that it is no longer wanted."""


class RefusedElsewhere(Exception):
    """Other nodes refused this name and this password just now."""


@dataclass(slots=True)
class SigningIn:
    """One sign-in under way; whoever made it says how it ended, if it did."""

    was_taken: bool | None = None


@dataclass(slots=True)
class _Known:
    taken_at: float = -TAKEN_S
    refused: set[str] = field(default_factory=set[str])
    """Which nodes refused it since another one took it."""
    refused_until: float = 0.0
    under_way: int = 0


class Accounts:
    """What nodes said of names and passwords, in memory alone. From any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._salt = secrets.token_bytes(16)
        """Passwords are told apart by their sums: they outlive the sessions here, and may have been forgotten elsewhere."""
        self._known: dict[tuple[str, bytes], _Known] = {}

    @contextmanager
    def signing_in(
        self, user: str, password: str, node: str, is_wanted: Callable[[], bool] = lambda: True
    ) -> Generator[SigningIn]:
        """Around one sign-in at a node. Waits while it is open whether other nodes take the password.

        Raises `RefusedElsewhere` where enough of them refused it; this node is asked again only if it is one of them.
        """
        known = self._known_of(user, password)
        if known is None:
            yield SigningIn()
            return
        self._wait(known, node, is_wanted)
        told = SigningIn()
        try:
            yield told
        finally:
            self._end(known, node, told.was_taken)

    def _known_of(self, user: str, password: str) -> _Known | None:
        """None for an account of the node's own: nobody else counts its refusals."""
        domain, named, _ = user.partition("\\")
        if "@" not in user and (not named or domain in ("", ".")):
            return None
        told_by = hmac.digest(self._salt, password.encode("utf-8", "surrogatepass"), "sha256")
        with self._changed:
            return self._known.setdefault((user.lower(), told_by), _Known())

    def _wait(self, known: _Known, node: str, is_wanted: Callable[[], bool]) -> None:
        with self._changed:
            while True:
                now = self._clock()
                if known.refused and now >= known.refused_until:
                    known.refused.clear()
                if now < known.taken_at + TAKEN_S or node in known.refused or not is_wanted():
                    break
                if len(known.refused) >= TRIES:
                    raise RefusedElsewhere
                if known.under_way + len(known.refused) < TRIES:
                    break
                self._changed.wait(LOOK_S)
            known.under_way += 1

    def _end(self, known: _Known, node: str, was_taken: bool | None) -> None:
        with self._changed:
            known.under_way -= 1
            now = self._clock()
            if was_taken:
                known.taken_at = now
                known.refused.clear()
            elif was_taken is False and now >= known.taken_at + JUST_S:
                known.taken_at = -TAKEN_S
                known.refused.add(node)
                known.refused_until = now + REFUSED_S
            self._changed.notify_all()


accounts = Accounts()
"""Those of this program: a domain counts what all its windows and threads ask."""
