"""Connections to a node that a deadline or a person can end at any moment: while a name is looked up, too."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import selectors
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

SLICE_S = 0.1
"""How soon a wait for a name or a connection notices that it was cut."""
_UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY, 10035})
_Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]


class Wires:
    """The connections that are open now, and whether they were cut: then no new one comes about."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._twins: set[socket.socket] = set()
        self._is_cut = False

    @property
    def is_cut(self) -> bool:
        return self._is_cut

    def note(self, wire: socket.socket) -> socket.socket:
        """Keep a second handle of a connection: TLS takes the first one over before its handshake. Answers the handle."""
        twin = wire.dup()
        with self._lock:
            self._twins.add(twin)
            if self._is_cut:
                _end(twin)
        return twin

    def drop(self, twin: socket.socket) -> None:
        """The connection is closed: let go of its handle."""
        with self._lock:
            self._twins.discard(twin)
            twin.close()

    def cut(self) -> None:
        """End every wait on the network at once, from any thread, for good."""
        with self._lock:
            self._is_cut = True
            for twin in self._twins:
                _end(twin)


def _end(wire: socket.socket) -> None:
    with contextlib.suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)


def connect(host: str, port: int, timeout_s: float, wires: Wires) -> socket.socket:
    """A TCP connection to the first address of `host` that answers. All addresses share `timeout_s`.

    Raises `gaierror` (no such name, or no answer about it in time), `TimeoutError`, or what the last address said.
    """
    until = time.monotonic() + timeout_s
    addresses = _resolve(host, port, until, wires)
    for number, address in enumerate(addresses, 1):
        left = until - time.monotonic()
        share = max(left, 0.0) / (len(addresses) - number + 1)
        try:
            return _connect_one(address, time.monotonic() + share, wires)
        except OSError:
            if number == len(addresses) or wires.is_cut:
                raise
    raise socket.gaierror(socket.EAI_NONAME, "no addresses")


def _resolve(host: str, port: int, until: float, wires: Wires) -> Sequence[_Address]:
    """What the system's resolver knows. It can't be interrupted, so it is asked in a thread that nobody waits for.

    An address in numbers needs no resolver.
    """
    with contextlib.suppress(OSError, ValueError):
        ipaddress.ip_address(host.partition("%")[0])
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    told: list[Sequence[_Address]] = []
    wrong: list[OSError] = []

    def ask() -> None:
        try:
            told.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            wrong.append(error)
        except UnicodeError as error:
            wrong.append(socket.gaierror(socket.EAI_NONAME, str(error)))

    asking = threading.Thread(target=ask, name="resolver", daemon=True)
    asking.start()
    while asking.is_alive() and time.monotonic() < until and not wires.is_cut:
        asking.join(min(SLICE_S, max(until - time.monotonic(), 0.0)))
    if told:
        return told[0]
    raise wrong[0] if wrong else socket.gaierror(socket.EAI_AGAIN, "no answer from the resolver in time")


def _connect_one(address: _Address, until: float, wires: Wires) -> socket.socket:
    family, kind, protocol, _, place = address
    wire = socket.socket(family, kind, protocol)
    try:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.setblocking(False)
        code = wire.connect_ex(place)
        if code in _UNDER_WAY:
            code = _wait(wire, until, wires)
        if code:
            raise OSError(code, errno.errorcode.get(code, "not connected"))  # becomes ConnectionRefusedError and so on
        wire.setblocking(True)
    except BaseException:
        wire.close()
        raise
    return wire


def _wait(wire: socket.socket, until: float, wires: Wires) -> int:
    """0 once the connection stands, or the error's number."""
    with selectors.DefaultSelector() as ready:
        ready.register(wire, selectors.EVENT_WRITE)
        while not wires.is_cut:
            left = until - time.monotonic()
            if left <= 0:
                return errno.ETIMEDOUT
            if ready.select(min(SLICE_S, left)):
                return wire.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.ECONNABORTED
