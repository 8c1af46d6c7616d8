"""Open sessions and who signs in: one warm session per node, used by one thread at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from checks.errors import SignInRefused
from checks.node import Credentials, Node

if TYPE_CHECKING:
    from checks.session import Session

IDLE_S = 240.0
"""A session that was not used for so long is closed: it holds one of the node's few shells."""


class Connections:
    """Safe from several threads, as long as each node is used by one at a time."""

    def __init__(
        self,
        open_session: Callable[[Node, Credentials], Session],
        find: Callable[[Node], Credentials | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open = open_session
        self._find = find
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Credentials] = {}
        self._warm: dict[str, Session] = {}
        self._used: dict[str, float] = {}

    def remember(self, node: Node, credentials: Credentials) -> None:
        """Keep a password until the program ends, in memory only."""
        with self._lock:
            self._known[_key(node)] = credentials

    def forget(self, node: Node) -> None:
        with self._lock:
            self._known.pop(_key(node), None)

    def credentials(self, node: Node) -> Credentials:
        """What was typed, else what the keyring holds. Raises `SignInRefused` (`no-password`) where there is neither."""
        with self._lock:
            known = self._known.get(_key(node))
        if known is None:
            known = self._find(node)
        if known is None:
            raise SignInRefused("no-password", node=node.name, user=node.user)
        return known

    def host_credentials(self, host: Node, node: Node) -> Credentials:
        """For a node's Hyper-V host: its own, else the node's where the user is the same. Raises `SignInRefused`."""
        try:
            return self.credentials(host)
        except SignInRefused:
            if host.user != node.user:
                raise
            return self.credentials(node)

    def session(self, node: Node) -> Session:
        """The node's warm session, or a new one that opens itself on first use. Give it back with `release`."""
        with self._lock:
            kept = self._warm.get(node.name)
            if kept is not None and kept.node == node:
                return kept
        new = self._open(node, self.credentials(node))
        with self._lock:
            old = self._warm.get(node.name)
            self._warm[node.name] = new
        if old is not None:
            old.close()
        return new

    def fresh(self, node: Node) -> Session:
        """A session of its own, for whoever closes it."""
        return self._open(node, self.credentials(node))

    def release(self, session: Session) -> None:
        """The work with it is over: kept warm, or closed where it was cancelled meanwhile."""
        with self._lock:
            kept = self._warm.get(session.node.name) is session
            if kept:
                self._used[session.node.name] = self._clock()
        if not kept:
            session.close()

    def cancel(self, name: str) -> None:
        """From any thread: what runs on this node's session ends soon, and the session is not used again."""
        with self._lock:
            session = self._warm.pop(name, None)
            self._used.pop(name, None)
        if session is not None:
            session.cancel()

    def close(self, name: str) -> None:
        """Close the node's warm session; takes some seconds where the node does not answer. Not while it is in use."""
        with self._lock:
            session = self._warm.pop(name, None)
            self._used.pop(name, None)
        if session is not None:
            session.close()

    def open_names(self) -> tuple[str, ...]:
        """Nodes with a session."""
        with self._lock:
            return tuple(self._warm)

    def idle_names(self) -> tuple[str, ...]:
        """Nodes whose session has not been used for `IDLE_S`."""
        now = self._clock()
        with self._lock:
            return tuple(name for name, used in self._used.items() if now - used > IDLE_S)


def _key(node: Node) -> tuple[str, str]:
    return node.user, node.url
