"""NTLM over HTTP with services that break it off: what they say is told, and nobody is asked twice."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from echo_backend import EchoBackend
from test_winrm_session import ask
from twisting_node import http

from checks.errors import ToolError
from checks.node import Credentials, Node
from checks.session.accounts import TRIES
from checks.session.sign_in import usual
from checks.session.transport import build_protocol, set_timeouts
from checks.session.winrm import WinRmSession
from checks.session.wires import Wires
from checks.simulator.authentication import Accounts, Ntlm
from checks.simulator.server import SimulatorServer

WHO = Credentials("admin", "s3cret-Pa55")
HTML = b"<html><body>Busy</body></html>"
OFFER = "WWW-Authenticate: Negotiate\r\n"
CHALLENGE = b"challenge"
"""Stands for a right challenge."""
CHALLENGE_IN_SMALL = b"small"
"""The same, with the name of the way in written in another case."""
CLOSE = b""


def refused(more: str = OFFER) -> bytes:
    return http(b"", "401 Unauthorized", more=more)


class Service:
    """Answers one request after the other as it was told; notes what was asked."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.asked: list[tuple[str, bytes]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._accounts = Accounts(WHO)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def node(self) -> Node:
        return Node("one", "127.0.0.1", self._listener.getsockname()[1], user="admin")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        self._accounts.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                wire, _ = self._listener.accept()
                with wire, wire.makefile("rb") as lines, contextlib.suppress(OSError, IndexError):
                    ntlm = Ntlm(self._accounts)
                    while self._one(wire, lines, ntlm):
                        pass

    def _one(self, wire: socket.socket, lines, ntlm: Ntlm) -> bool:
        fields: dict[str, str] = {}
        if not lines.readline():
            return False
        while line := lines.readline().decode().strip():
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        self.asked.append((fields.get("authorization", ""), lines.read(int(fields.get("content-length", "0")))))
        answer = self.answers.pop(0)
        if answer in (CHALLENGE, CHALLENGE_IN_SMALL):
            name = "Negotiate" if answer == CHALLENGE else "nEGOTIATE"
            answer = refused(f"www-authenticate: {name} {ntlm.step(self.asked[-1][0])}\r\n")
        wire.sendall(answer)
        return answer != CLOSE


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((http(b"", "400 Bad Request"),), "http-status"),
        ((http(HTML, "400 Bad Request", "text/html"),), "http-status"),
        ((refused(), http(HTML, "503 Service Unavailable", "text/html")), "http-status"),
        ((refused(), http(b"", "307 Moved", more="Location: http://127.0.0.1:1/\r\n")), "http-status"),
        ((refused(), http(b"")), "not-winrm"),
        ((refused(), http(b"", "403 Forbidden")), "access-denied"),
        ((refused(), CLOSE), "connection-lost"),
        ((refused(), refused()), "ntlm-not-offered"),
        ((refused(), refused("WWW-Authenticate: Negotiate YWJj\r\n")), "not-winrm"),
        ((refused(), refused("WWW-Authenticate: Negotiate !\r\n")), "not-winrm"),
        ((refused("WWW-Authenticate: Kerberos\r\n"),), "ntlm-not-offered"),
        ((refused(""),), "sign-in-refused"),
        ((refused(), CHALLENGE, refused()), "sign-in-refused"),
        ((refused(), CHALLENGE, http(b"", "403 Forbidden")), "access-denied"),
        ((refused(), CHALLENGE, http(HTML, "503 Service Unavailable", "text/html")), "http-status"),
        ((refused(), CHALLENGE, CLOSE), "connection-lost"),
        ((refused(OFFER.lower()), CHALLENGE_IN_SMALL, http(b"", "403 Forbidden")), "access-denied"),
        ((refused("WWW-Authenticate: Kerberos, ntlm\r\n"), refused()), "ntlm-not-offered"),
        ((http(HTML, kind="text/html"),), "not-winrm"),
    ],
)
def test_it_ends_at_the_first_word_that_is_no_part_of_it(service, scripts, words, answers, code):
    service.answers = list(answers)
    session = WinRmSession(service.node, WHO, scripts)
    with pytest.raises(ToolError) as told:
        ask(session, "a", deadline_s=3)
    session.close()
    assert told.value.code == code
    assert all(words.error(code, told.value.fields))
    assert len(service.asked) == len(answers)
    assert not any(body for _, body in service.asked)


SIGNED_IN = (refused(), CHALLENGE, http(b""))


def test_a_sealed_message_is_not_signed_in_with_again(service, scripts):
    """Something in between hands it to the node on another connection, which knows neither name nor keys."""
    service.answers = [*SIGNED_IN, refused()]
    session = WinRmSession(service.node, WHO, scripts)
    with pytest.raises(ToolError) as told:
        ask(session, "a", deadline_s=3)
    session.close()
    assert (told.value.code, told.value.fields["status"]) == ("http-status", "401")
    assert [header.partition(" ")[0] for header, _ in service.asked] == ["", "Negotiate", "Negotiate", ""]


def test_after_a_failure_no_message_goes_out_unsealed(service):
    protocol = build_protocol(service.node, WHO, Wires())
    set_timeouts(protocol, 2, 5.0)
    service.answers = [http(b"", "503 Service Unavailable")] * 2
    for _ in range(2):
        with pytest.raises(Exception, match="503"):
            protocol.open_shell(codepage=65001)
    assert [body for _, body in service.asked] == [b"", b""]


def test_a_wrong_password_of_a_domain_is_not_tried_at_every_node(scripts, words):
    who = Credentials("CORP\\ops", "a wrong one")
    servers = [SimulatorServer(EchoBackend(), Credentials("CORP\\ops", "the right one")) for _ in range(TRIES + 2)]
    codes: list[str] = []
    for server in servers:
        session = WinRmSession(Node("n", "127.0.0.1", server.port, user=who.user), who, scripts)
        with pytest.raises(ToolError) as told:
            ask(session, "a", deadline_s=3)
        session.close()
        codes.append(told.value.code)
        assert all(words.error(told.value.code, told.value.fields))
    assert codes == ["sign-in-refused"] * TRIES + ["sign-in-refused-elsewhere"] * 2
    assert sum(server.wire.refused_sign_ins for server in servers) == TRIES
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    ("offers", "told"),
    [
        ("negotiate", "Negotiate"),
        ("NEGOTIATE TlRMTVNTUAAC, kerberos", "Negotiate TlRMTVNTUAAC, kerberos"),
        ('ntlm,basic realm="negotiate"', 'NTLM,basic realm="negotiate"'),
        ("Negotiate ntlm+negotiate/==", "Negotiate ntlm+negotiate/=="),
    ],
)
def test_the_names_of_the_ways_in_are_taken_in_any_case(offers, told):
    assert usual(offers) == told
