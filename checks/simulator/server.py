"""A WinRM server on loopback that unmodified clients talk to: one listener for one simulated node."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from checks.node import Credentials
from checks.simulator import soap
from checks.simulator.authentication import SEALED_TYPE, Accounts, Ntlm
from checks.simulator.backend import Backend, Misbehaviour
from checks.simulator.certificate import LoopbackCertificate
from checks.simulator.shells import Answer, Shells, Wire

LOOPBACK = ("127.0.0.1", "::1")
MAX_BODY = 512_000
"""Bytes; MaxEnvelopeSizekb of Windows is 500."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True
    allow_reuse_address = False

    def __init__(self, owner: SimulatorServer, tls: ssl.SSLContext | None, host: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.owner = owner
        self._tls = tls
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        super().__init__((host, 0), _Connection)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._tls is not None:
            # The handshake waits for the connection's own thread: a silent client must not hold the others.
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._connections.add(connection)
        return connection, address

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


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-HTTPAPI/2.0"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one write
    timeout = 300

    def setup(self) -> None:
        super().setup()
        self._owner = cast("_Listener", self.server).owner
        self._ntlm = Ntlm(self._owner.accounts)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: the wire counts what matters."""

    def do_POST(self) -> None:
        owner = self._owner
        owner.wire.http_requests += 1
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return self._send(413)
        body = self.rfile.read(length)
        wrong = owner.misbehaviour
        if wrong.latency_ms:
            owner.shells.wait(wrong.latency_ms / 1000)
        if wrong.refuse_status:
            return self._send(wrong.refuse_status)
        if self.path.rstrip("/") != "/wsman":
            return self._send(404)
        sealed = "HTTP-SPNEGO-session-encrypted" in (self.headers.get("Content-Type") or "")
        if not self._may_enter():
            return None
        return self._serve(body, sealed)

    def _may_enter(self) -> bool:
        """Whether this request is signed in; answers it where not."""
        header = self.headers.get("Authorization") or ""
        kind = header.partition(" ")[0].lower()
        if kind in ("negotiate", "ntlm"):
            token = self._ntlm.step(header)
            if token == "":
                return True
            if token is None:
                self._owner.wire.refused_sign_ins += 1
            self._challenge(f"{header.partition(' ')[0]} {token}" if token else "")
            return False
        if kind == "basic" and self._owner.is_https:
            if self._owner.accounts.accepts_basic(header):
                return True
            self._owner.wire.refused_sign_ins += 1
        elif not header and self._ntlm.signed_in:
            return True
        self._challenge("")
        return False

    def _challenge(self, token: str) -> None:
        offers = [token] if token else ["Negotiate", *(['Basic realm="WSMAN"'] if self._owner.is_https else [])]
        self._send(401, offers=offers)

    def _serve(self, body: bytes, sealed: bool) -> None:
        if not body:
            return self._send(200)
        if not sealed and not self._owner.is_https:
            return self._send(500)  # AllowUnencrypted is false: no SOAP, as a node does it
        try:
            message = soap.parse(self._ntlm.unseal(body) if sealed else body)
        except (ValueError, soap.NotUnderstood):
            return self._send(400)
        return self._answer(self._owner.shells.answer(message), sealed)

    def _answer(self, answer: Answer, sealed: bool) -> None:
        if answer.mute:
            self._owner.shells.wait(3600)
            self.close_connection = True
            return
        body = self._ntlm.seal(answer.body) if sealed else answer.body
        kind = SEALED_TYPE if sealed else "application/soap+xml;charset=UTF-8"
        if answer.cut:
            self._send(200, body, kind, keep=len(body) // 2)
            self.wfile.flush()
            self.close_connection = True
            return
        self._send(500 if answer.is_fault else 200, body, kind)

    def _send(
        self, status: int, body: bytes = b"", kind: str = "", offers: list[str] | None = None, keep: int | None = None
    ) -> None:
        self.send_response(status)
        for offer in offers or ():
            self.send_header("WWW-Authenticate", offer)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body if keep is None else body[:keep])
        self.wfile.flush()


class SimulatorServer:
    """One simulated node on a free port of loopback. Use it as a context, or call `close`."""

    def __init__(
        self,
        backend: Backend,
        credentials: Credentials,
        https: bool = False,
        certificate: LoopbackCertificate | None = None,
        host: str = LOOPBACK[0],
    ) -> None:
        if host not in LOOPBACK:
            raise ValueError(f"{host}: simulated nodes are for this computer alone")
        self.is_https = https
        self.accounts = Accounts(credentials)
        self.wire = Wire()
        self.shells = Shells(backend, self.wire)
        self._own_certificate = https and certificate is None
        self._certificate = (certificate or LoopbackCertificate()) if https else None
        self._listener = _Listener(self, self._certificate.context() if self._certificate else None, host)
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, name="simulator", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.server_address[1])

    @property
    def fingerprint(self) -> str:
        return self._certificate.fingerprint if self._certificate else ""

    @property
    def ca_file(self) -> Path | None:
        return self._certificate.file if self._certificate else None

    @property
    def misbehaviour(self) -> Misbehaviour:
        return self.shells.misbehaviour

    @misbehaviour.setter
    def misbehaviour(self, wrong: Misbehaviour) -> None:
        self.shells.misbehaviour = wrong

    def __enter__(self) -> SimulatorServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def drop_connections(self) -> None:
        """Cut every client off, as a network that goes away."""
        self._listener.drop_connections()

    def close(self) -> None:
        self.shells.close()
        self._listener.shutdown()
        self._listener.drop_connections()
        self._listener.server_close()
        self._thread.join(timeout=5)
        self.accounts.close()
        if self._certificate and self._own_certificate:
            self._certificate.close()
