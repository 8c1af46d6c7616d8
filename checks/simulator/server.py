"""A WinRM server on loopback that unmodified clients talk to: one listener for one simulated node."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import cast

from checks.node import Credentials
from checks.simulator import fault_codes, soap
from checks.simulator.authentication import SEALED_TYPE, Accounts, Ntlm
from checks.simulator.backend import Backend, Misbehaviour
from checks.simulator.certificate import LoopbackCertificate
from checks.simulator.http_body import MAX_BODY, BodyRefused, read_body
from checks.simulator.listener import LOOPBACK, Listener
from checks.simulator.listing import identity
from checks.simulator.shells import Answer, Shells, Wire
from checks.turn import computing

PLAIN_TYPE = "application/soap+xml;charset=UTF-8"


class _Port(Listener):
    """A listener that knows whose it is."""

    def __init__(self, owner: SimulatorServer, tls: ssl.SSLContext | None, host: str) -> None:
        self.owner = owner
        super().__init__(_Connection, tls, host)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-HTTPAPI/2.0"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one write
    timeout = 300

    def setup(self) -> None:
        super().setup()
        self._owner = cast("_Port", self.server).owner
        self._ntlm = Ntlm(self._owner.accounts)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: the wire counts what matters."""

    def do_GET(self) -> None:
        """WinRM takes POST alone, and that at one place."""
        self.close_connection = True  # a body, if there is one, is not read
        self._send(405 if self._is_there() else 404)

    do_HEAD = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = do_TRACE = do_GET

    def _is_there(self) -> bool:
        return self.path.partition("?")[0].rstrip("/").lower() == "/wsman"

    def handle_expect_100(self) -> bool:
        """The client waits for this word before it sends its body; it must not wait for the answer to leave with it."""
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def do_POST(self) -> None:
        owner = self._owner
        owner.count_request()
        try:
            body = read_body(self.headers, self.rfile)
        except BodyRefused as refused:
            return self._turn_away(refused.status)
        if self._misbehaves(owner.misbehaviour):
            return None
        if not self._is_there():
            return self._send(404)
        if (self.headers.get("WSMANIDENTIFY") or "").strip().lower() == "unauthenticated" and _is_identify(body):
            return self._send(200, identity(is_known=False, is_https=owner.is_https), PLAIN_TYPE)
        sealed = "http-spnego-session-encrypted" in (self.headers.get("Content-Type") or "").lower()
        if not self._may_enter():
            return None
        return self._serve(body, sealed)

    def _turn_away(self, status: int) -> None:
        """Answer without reading the body, and then read it all the same, within reason: else the answer would be lost."""
        self.close_connection = True
        self._send(status)
        left = 16 * MAX_BODY
        self.connection.settimeout(0.5)
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while left > 0 and (piece := self.rfile.read1(65536)):
                left -= len(piece)

    def _misbehaves(self, wrong: Misbehaviour) -> bool:
        """Whether the request is done with already, by a node that does not keep to HTTP."""
        if wrong.latency_ms:
            self._owner.shells.wait(wrong.latency_ms / 1000)
        if wrong.silent:
            self._owner.shells.wait(3600)
        if wrong.garbage_http:
            self.wfile.write(b"\x00\xffSSH-2.0-OpenSSH_9.2\r\n\r\n")
        if wrong.silent or wrong.drop or wrong.garbage_http:
            self.close_connection = True
            return True
        if wrong.refuse_status:
            self._send(wrong.refuse_status)
            return True
        return False

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
            with computing():  # a demo's nodes live in the program that reads them
                message = soap.parse(self._ntlm.unseal(body) if sealed else body)
        except soap.NotUnderstood as wrong:
            fault = soap.fault(wrong.code, str(wrong), wrong.relates_to)
            status = 400 if wrong.code == fault_codes.NOT_THE_SCHEMA else 500
            return self._send_soap(status, fault, sealed)
        except ValueError:
            return self._send(400)  # sealed with other keys than this connection's: nothing of it can be read
        if message.action == "Identify":
            return self._send_soap(200, identity(is_known=True, is_https=self._owner.is_https), sealed)
        return self._answer(self._owner.shells.answer(message), sealed)

    def _answer(self, answer: Answer, sealed: bool) -> None:
        if answer.mute:
            self._owner.shells.wait(3600)
            self.close_connection = True
            return
        with computing():
            body = self._ntlm.seal(answer.body) if sealed else answer.body
        kind = SEALED_TYPE if sealed else PLAIN_TYPE
        if answer.cut:
            self._send(200, body, kind, keep=len(body) // 2)
            self.wfile.flush()
            self.close_connection = True
            return
        self._send(500 if answer.is_fault else 200, body, kind)
        if answer.then is not None:
            answer.then()

    def _send_soap(self, status: int, body: bytes, sealed: bool) -> None:
        kind = SEALED_TYPE if sealed else PLAIN_TYPE
        self._send(status, self._ntlm.seal(body) if sealed else body, kind)

    def _send(
        self, status: int, body: bytes = b"", kind: str = "", offers: list[str] | None = None, keep: int | None = None
    ) -> None:
        self.send_response(status)
        for offer in offers or ():
            self.send_header("WWW-Authenticate", offer)
        if self._ntlm.last_token:
            self.send_header("WWW-Authenticate", f"Negotiate {self._ntlm.last_token}")
            self._ntlm.last_token = ""
        if status == 405:
            self.send_header("Allow", "POST")
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self._write(body if keep is None else body[:keep])

    def _write(self, body: bytes) -> None:
        """Head and body in one write, or dripping."""
        pause_s = self._owner.misbehaviour.drip_ms / 1000
        if not pause_s:
            self.wfile.write(body)
            self.wfile.flush()
            return
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            self._owner.shells.wait(pause_s)


def _is_identify(body: bytes) -> bool:
    with contextlib.suppress(soap.NotUnderstood):
        return soap.parse(body).action == "Identify"
    return False


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
        self._counting = threading.Lock()
        self.shells = Shells(backend, self.wire, owner=credentials.user)
        self._own_certificate = https and certificate is None
        self._certificate = (certificate or LoopbackCertificate()) if https else None
        self._listener = _Port(self, self._certificate.context() if self._certificate else None, host)
        self._thread = threading.Thread(target=self._listener.serve_forever, name="simulator", daemon=True)
        self._thread.start()

    def count_request(self) -> None:
        with self._counting:
            self.wire.http_requests += 1

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
        self._thread.join(timeout=5)
        self._listener.server_close()
        self._listener.join(timeout_s=2)
        self.accounts.close()
        if self._certificate and self._own_certificate:
            self._certificate.close()
