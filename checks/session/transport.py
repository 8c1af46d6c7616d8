"""How bytes reach a node: pywinrm's protocol on a connection of our own making.

pywinrm lets the environment choose proxies and authorities; here nothing but the node's settings decides. Sockets are
noted, so that a deadline or a person can end a wait from another thread. Imported only when a node is first asked.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import Any

import requests
import requests.adapters
import requests.auth
import urllib3.connectionpool
from requests_ntlm import HttpNtlmAuth
from winrm.protocol import Protocol
from winrm.transport import Transport

from checks.errors import BadFile
from checks.node import Credentials, Node, SignIn

CONNECT_TIMEOUT_S = 10.0


class Wires:
    """The sockets that are open now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()

    def add(self, wire: socket.socket) -> None:
        with self._lock:
            self._sockets = {one for one in self._sockets if one.fileno() >= 0} | {wire}

    def cut(self) -> None:
        """End every wait on the network at once."""
        with self._lock:
            for wire in self._sockets:
                with contextlib.suppress(OSError):
                    wire.shutdown(socket.SHUT_RDWR)
            self._sockets.clear()


def _tls(node: Node) -> tuple[ssl.SSLContext, dict[str, Any]]:
    """Whom we trust: one leaf, one file of authorities, or the system's authorities."""
    if node.certificate.lower().startswith("sha256:"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context, {"assert_fingerprint": node.certificate[7:], "assert_hostname": False, "cert_reqs": "CERT_NONE"}
    if node.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile=node.certificate)
        except (OSError, ssl.SSLError) as error:
            raise BadFile("ca-file", detail=str(error), node=node.name, file=node.certificate) from error
        return context, {"cert_reqs": "CERT_REQUIRED"}
    return ssl.create_default_context(), {"cert_reqs": "CERT_REQUIRED"}


def _noting(base: type[Any], wires: Wires) -> type[Any]:
    class Noting(base):
        def connect(self) -> None:
            super().connect()  # pyright: ignore[reportUnknownMemberType]
            wires.add(self.sock)

    return Noting


class _Adapter(requests.adapters.HTTPAdapter):
    """One connection to one node, under the node's own terms of trust."""

    def __init__(self, node: Node, wires: Wires) -> None:
        self._terms: dict[str, Any] = {}
        if node.https:
            context, terms = _tls(node)
            self._terms = {"ssl_context": context, **terms}
        self._wires = wires
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0, pool_block=False)

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:  # noqa: ANN401 (signature of requests)
        super().init_poolmanager(*arguments, **more)
        plain, secure = urllib3.connectionpool.HTTPConnectionPool, urllib3.connectionpool.HTTPSConnectionPool
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Plain", (plain,), {"ConnectionCls": _noting(plain.ConnectionCls, self._wires)}),
            "https": type("Secure", (secure,), {"ConnectionCls": _noting(secure.ConnectionCls, self._wires)}),
        }

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: object, cert: object = None
    ) -> tuple[Any, Any]:
        host, _ = super().build_connection_pool_key_attributes(request, True)
        return host, dict(self._terms)

    def cert_verify(self, *arguments: object, **more: object) -> None:
        """The context decides; requests would add its own list of authorities here."""


class _Transport(Transport):
    """pywinrm's transport with a session that asks nobody but us."""

    def __init__(self, node: Node, who: Credentials, wires: Wires) -> None:
        super().__init__(
            endpoint=node.url,
            username=who.user,
            password=who.password,
            auth_method="ntlm" if node.sign_in is SignIn.NTLM else "basic",
            message_encryption="never",
            ca_trust_path=None,  # pyright: ignore[reportArgumentType] documented: no other authorities
            proxy=None,
        )
        self._node = node
        self._who = who
        self._wires = wires

    def build_session(self) -> requests.Session:
        if self.session is not None:
            return self.session
        session = requests.Session()
        session.trust_env = False
        session.proxies = {}
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter(self._node, self._wires))
        if self._node.sign_in is SignIn.NTLM:
            session.auth = HttpNtlmAuth(self._who.user, self._who.password)
        else:
            # Bytes: as text, requests would take Latin-1 and stumble over a Korean password.
            session.auth = requests.auth.HTTPBasicAuth(self._who.user.encode(), self._who.password.encode())
        session.headers.update(self.default_headers)
        self.session = session
        if not self._node.https:
            self.setup_encryption(session)
        return session


def build_protocol(node: Node, who: Credentials, wires: Wires) -> Protocol:
    """A protocol for one node and one thread."""
    protocol = Protocol(endpoint=node.url, transport="plaintext", username="-", password="-", proxy=None)
    protocol.transport = _Transport(node, who, wires)
    return protocol


def set_timeouts(protocol: Protocol, operation_s: int, read_s: float) -> None:
    """`operation_s`: how long the node may wait with an answer; `read_s`: how long we wait for bytes, longer."""
    protocol.operation_timeout_sec = operation_s
    protocol.transport.read_timeout_sec = (min(CONNECT_TIMEOUT_S, read_s), read_s)  # pyright: ignore[reportAttributeAccessIssue] requests takes both


__all__ = ["Protocol", "Wires", "build_protocol", "set_timeouts"]
