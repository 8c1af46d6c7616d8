"""How bytes reach a node: pywinrm's protocol on a connection of our own making.

pywinrm lets the environment choose proxies and authorities; here nothing but the node's settings decides. Imported only
when a node is first asked.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any, cast

import requests
import requests.adapters
import requests.auth
import requests.hooks
import urllib3.connectionpool
from winrm.exceptions import WinRMTransportError
from winrm.transport import Transport

from checks.errors import BadReply, SignInRefused, ToolError
from checks.node import Credentials, Node, SignIn
from checks.session.authorities import terms
from checks.session.connections import noting
from checks.session.protocol import Answer, NodeProtocol, Protocol
from checks.session.sealing import is_sealed, opened
from checks.session.sign_in import NodeNtlm, carries_sealed, usual
from checks.session.soap_text import checked
from checks.session.wires import Wires
from checks.turn import waiting

CONNECT_TIMEOUT_S = 10.0
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_FIRST_OF_NTLM = "TlRMTVNTUAAB"
"""How the message begins that asks for a challenge, in base64."""
MAX_REPLY = 8 * 1024 * 1024
"""Bytes of one answer; a node keeps to the 150 KB that we ask for. Nothing interrupts the reading of XML once it is here."""


class _Adapter(requests.adapters.HTTPAdapter):
    """One connection to one node, under the node's own terms of trust."""

    def __init__(self, node: Node, wires: Wires) -> None:
        self._terms: dict[str, Any] = {}
        if node.https:
            context, more = terms(node)
            self._terms = {"ssl_context": context, **more}
        self._node = node
        self._wires = wires
        self._last: Any = None
        self._made: set[Any] = set()
        self._pool: Any = None
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0, pool_block=False)

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:  # noqa: ANN401 (signature of requests)
        super().init_poolmanager(*arguments, **more)
        ours = (self._node.address.strip("[]"), self._wires, self._made)
        plain, secure = urllib3.connectionpool.HTTPConnectionPool, urllib3.connectionpool.HTTPSConnectionPool
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Plain", (plain,), {"ConnectionCls": noting(plain.ConnectionCls, *ours)}),
            "https": type("Secure", (secure,), {"ConnectionCls": noting(secure.ConnectionCls, *ours)}),
        }

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: object, cert: object = None
    ) -> tuple[Any, Any]:
        host, _ = super().build_connection_pool_key_attributes(request, True)
        return host, dict(self._terms)

    def get_connection_with_tls_context(self, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401 (signature of requests)
        """Found once: there is one node, and its terms stay."""
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*arguments, **more)
        return self._pool

    def cert_verify(self, *arguments: object, **more: object) -> None:
        """The context decides; requests would add its own list of authorities here."""

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:  # noqa: ANN401 (urllib3's)
        """Bodies end at `MAX_REPLY`, however much a node sends or packs into a few bytes."""
        read = resp.stream

        def bounded(*arguments: Any, **more: Any) -> Iterator[bytes]:  # noqa: ANN401 (signature of urllib3)
            told: list[bytes] = []
            total = 0
            with waiting():
                for piece in read(*arguments, **more):
                    told.append(piece)
                    total += len(piece)
                    if total > MAX_REPLY:
                        limit = str(MAX_REPLY // 1024 // 1024)
                        raise BadReply("reply-too-long", node=self._node.name, limit=limit)
            yield from told

        resp.stream = bounded
        self._last = resp
        if resp.status != 401 and _FIRST_OF_NTLM in str(req.headers.get("Authorization")):
            # No challenge, which requests_ntlm takes for granted: what is there instead says more than that.
            raise WinRMTransportError("http", resp.status, "")
        answer = super().build_response(req, resp)
        if resp.status == 401 and "WWW-Authenticate" in answer.headers:
            answer.headers["WWW-Authenticate"] = usual(answer.headers["WWW-Authenticate"])
        return answer

    def close(self) -> None:
        """Close what is open now: urllib3 leaves that to the day when nobody, no kept error either, refers to it."""
        if self._last is not None:
            self._last.close()
            self._last = None
        self._pool = None
        for connection in tuple(self._made):
            connection.close()
        super().close()


class _Session(requests.Session):
    """Messages to one place: all that stays the same in them is prepared once, and no redirect is followed.

    Another place than the node's own has no business with what we send.
    """

    def __init__(self) -> None:
        super().__init__()
        self._first: requests.PreparedRequest | None = None

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        if self._first is None:
            self._first = super().prepare_request(request)
        prepared = self._first.copy()
        body = cast("bytes", request.data or b"")
        prepared.body = body
        prepared.headers["Content-Length"] = str(len(body))
        return prepared

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:  # noqa: ANN401 (signature of requests)
        """Send it, and again where signing in asks for it."""
        how = {"stream": False, "verify": True, "cert": None, "proxies": {}, **how}
        answer = self.get_adapter(request.url or "").send(request, **how)
        answer = requests.hooks.dispatch_hook("response", request.hooks, answer, **how)
        for one in (*answer.history, answer):
            if one.cookies:
                self.cookies.update(one.cookies)
                self._first = None
        _ = answer.content  # read now, so that the connection is free
        return answer


class _Transport(Transport):
    """pywinrm's transport with a session that asks nobody but us, and takes nothing but WinRM for an answer."""

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
        self._has_answered = False
        self._where = {"node": node.name, "address": node.address, "port": str(node.effective_port), "user": node.user}

    def build_session(self) -> requests.Session:
        if self.session is not None:
            return self.session
        session = _Session()
        session.trust_env = False
        session.proxies = {}
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter(self._node, self._wires))
        if self._node.sign_in is SignIn.NTLM:
            session.auth = NodeNtlm(self._node, self._who, lambda: not self._wires.is_cut)
        else:
            # Bytes: as text, requests would take Latin-1 and stumble over a Korean password.
            session.auth = requests.auth.HTTPBasicAuth(self._who.user.encode(), self._who.password.encode())
        session.headers.update(self.default_headers)
        self.session = session
        if not self._node.https:
            try:
                self.setup_encryption(session)
            except BaseException:
                self.close_session()  # one that seals nothing must not be there for the next message
                raise
        return session

    def _send_message_request(
        self, session: requests.Session, prepared_request: requests.PreparedRequest
    ) -> requests.Response:
        """Ask once."""
        response = session.send(prepared_request, timeout=self.read_timeout_sec)
        if response.status_code == 401:
            raise self._refused(response)
        if response.status_code != 200:
            text = self._fault_text(response)
            if response.status_code == 400 and not text and not self._has_answered:
                raise BadReply(
                    "http-status", detail="HTTP 400", status="400", **self._where
                )  # nothing had time to idle
            raise WinRMTransportError("http", response.status_code, text)
        return response

    def _fault_text(self, response: requests.Response) -> str:
        """What may be a fault of SOAP, for whoever reads it next; nothing where that must not be read."""
        text = self._get_message_response_text(response) if response.content else b""
        try:
            told = checked(text).decode("utf-8", "replace")
        except ValueError:
            return ""
        return told if "Fault" in told else ""

    def _refused(self, response: requests.Response) -> ToolError:
        """Which of three: it takes this connection for another one, not this way of signing in, or not this person."""
        if carries_sealed(response.request):
            code = "connection-stale" if self._has_answered else "http-status"
            return BadReply(code, detail="HTTP 401", status="401", **self._where)
        offers = response.headers.get("WWW-Authenticate", "").lower()
        wanted = ("ntlm", "negotiate") if self._node.sign_in is SignIn.NTLM else ("basic",)
        if offers and not response.history and not any(one in offers for one in wanted):
            return SignInRefused(f"{self._node.sign_in.value}-not-offered", detail=f"offered: {offers}", **self._where)
        return SignInRefused("sign-in-refused", **self._where)

    def _unwrap(self, sealed: bytes, signature: bytes) -> bytes:
        security = cast("NodeNtlm", self.session and self.session.auth).session_security
        if security is None:
            raise BadReply("not-winrm", detail="sealed before anybody signed in", **self._where)
        return security.unwrap(sealed, signature)

    def _get_message_response_text(self, response: requests.Response) -> bytes:
        """The message in an answer. A plain answer to a sealed question could be anybody's."""
        kind = response.headers.get("Content-Type", "")
        text = response.content
        if self.encryption and is_sealed(kind):
            text = opened(text, self._unwrap)
        elif self.encryption and response.status_code == 200:
            raise BadReply("not-sealed", detail=kind, **self._where)
        if response.status_code != 200:
            return text
        # From here on only what was looked at is read, in the characters in which it was looked at.
        answer = Answer(checked(text))
        root = answer.root = ET.fromstring(answer)
        if root.tag != f"{{{_SOAP}}}Envelope":
            raise BadReply("not-winrm", detail=f"{kind}\n{answer[:200].decode('utf-8', 'replace')}", **self._where)
        if root.find(f"{{{_SOAP}}}Body/{{{_SOAP}}}Fault") is not None:
            raise WinRMTransportError("http", 500, answer.decode())  # a fault, whatever HTTP says of it
        self._has_answered = True
        return answer


def build_protocol(node: Node, who: Credentials, wires: Wires) -> Protocol:
    """A protocol for one node and one thread."""
    protocol = NodeProtocol(endpoint=node.url, transport="plaintext", username="-", password="-", proxy=None)
    protocol.transport = _Transport(node, who, wires)
    return protocol


def set_timeouts(protocol: Protocol, operation_s: int, read_s: float) -> None:
    """`operation_s`: how long the node may wait with an answer; `read_s`: how long we wait for bytes, longer."""
    protocol.operation_timeout_sec = operation_s
    protocol.transport.read_timeout_sec = (min(CONNECT_TIMEOUT_S, read_s), read_s)  # pyright: ignore[reportAttributeAccessIssue] requests takes both


__all__ = ["Protocol", "Wires", "build_protocol", "set_timeouts"]
