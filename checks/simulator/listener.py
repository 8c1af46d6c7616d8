"""The port of a simulated node, and who is connected to it."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOOPBACK = ("127.0.0.1", "::1")
"""Nothing else is ever bound."""


class Listener(ThreadingHTTPServer):
    """One TCP port on loopback, with TLS or without; knows its connections and their threads."""

    daemon_threads = True
    block_on_close = True
    allow_reuse_address = False
    timeout = 0
    """Of `handle_request`: it is called where somebody is there."""

    def __init__(self, handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None, host: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._tls = tls
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._workers: set[threading.Thread] = set()
        self._is_ending = False
        self._wake, self._woken = socket.socketpair()
        super().__init__((host, 0), handler)

    def serve_forever(self, poll_interval: float = 0) -> None:
        """Wait for connections, and for nothing else: hundreds of idle nodes that look around take a processor of their own."""
        with selectors.DefaultSelector() as ready:
            ready.register(self, selectors.EVENT_READ)
            ready.register(self._woken, selectors.EVENT_READ)
            while not self._is_ending:
                ready.select()
                if not self._is_ending:
                    self.handle_request()

    def shutdown(self) -> None:
        """Let `serve_forever` end; who started its thread waits for it. A second time, nothing happens."""
        if not self._is_ending:
            self._is_ending = True
            self._wake.send(b".")

    def server_close(self) -> None:
        super().server_close()
        self._wake.close()
        self._woken.close()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._tls is not None:
            # The handshake waits for the connection's own thread: a silent client must not hold the others.
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._connections.add(connection)
        return connection, address

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (signature of socketserver)
        worker = threading.current_thread()
        with self._lock:
            self._workers.add(worker)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._workers.discard(worker)

    def join(self, timeout_s: float) -> None:
        """Wait for the connections' threads: daemons, so that a demo that crashes ends, but ended in peace otherwise."""
        with self._lock:
            workers = tuple(self._workers)
        for worker in workers:
            worker.join(timeout_s)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 (signature of socketserver)
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (signature of socketserver)
        """Clients that go away or do not trust the certificate are no event here."""
