"""A node over HTTPS with Basic whose answers a test may twist, byte by byte: what no WinRM service would send."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from checks.node import Node, SignIn
from checks.simulator import soap
from checks.simulator.backend import Backend
from checks.simulator.certificate import LoopbackCertificate
from checks.simulator.shells import Shells, Wire

Twist = Callable[[str, bytes, socket.socket], None]
"""Gets the action, the right answer with its head, and the connection to write on; closes it if it likes."""


def http(
    body: bytes, status: str = "200 OK", kind: str = "application/soap+xml;charset=UTF-8", more: str = ""
) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class TwistingNode:
    """`twist` is called for the actions of `only`; all others are answered rightly."""

    def __init__(self, backend: Backend, twist: Twist | None = None, only: tuple[str, ...] = ()) -> None:
        self.wire = Wire()
        self.shells = Shells(backend, self.wire)
        self.twist, self.only = twist, only
        self.requests = 0
        self._certificate = LoopbackCertificate()
        self._tls = self._certificate.context()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def node(self) -> Node:
        port = self._listener.getsockname()[1]
        pin = self._certificate.fingerprint
        return Node("twisted", "127.0.0.1", port, True, SignIn.BASIC, "admin", pin)

    def __enter__(self) -> TwistingNode:
        return self

    def __exit__(self, *_: object) -> None:
        self.shells.close()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for wire in self._open:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(wire, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._certificate.close()

    def _accept(self) -> None:
        while True:
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(wire,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, wire: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), self._tls.wrap_socket(wire, server_side=True) as secure:
            self._open.append(secure)
            with secure.makefile("rb") as lines:
                while self._one(secure, lines):
                    pass

    def _one(self, wire: socket.socket, lines) -> bool:
        length = 0
        while (line := lines.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        body = lines.read(length)
        if not body:
            return False
        self.requests += 1
        message = soap.parse(body)
        answer = self.shells.answer(message)
        right = http(answer.body, "500 Fault" if answer.is_fault else "200 OK")
        if self.twist is not None and message.action in self.only:
            self.twist(message.action, right, wire)
        else:
            wire.sendall(right)
        return wire.fileno() >= 0
