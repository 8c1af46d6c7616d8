"""Nodes, proxies and strangers that answer anything: a clear error within the deadline, and nothing left behind."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
import time
from dataclasses import replace

import pytest
from echo_backend import EchoBackend
from test_winrm_session import HELLO, SILENT, ask, node_of, resident
from twisting_node import TwistingNode, http

from checks.catalogue import load_catalogue
from checks.errors import ToolError
from checks.node import Credentials, Node, SignIn
from checks.session import Request, deadlines
from checks.session.winrm import WinRmSession
from checks.session.wires import connect
from checks.simulator import soap
from checks.simulator.authentication import SEALED_TYPE, Ntlm
from checks.simulator.certificate import LoopbackCertificate
from checks.simulator.server import SimulatorServer
from checks.trust import fetch_fingerprint

WHO = Credentials("admin", "s3cret-Pa55")
SOAP = "http://www.w3.org/2003/05/soap-envelope"
DEADLINE_S = 1.5


@pytest.fixture
def backend():
    return EchoBackend(resident(set()))


@pytest.fixture(autouse=True)
def no_thread_is_left(monkeypatch):
    monkeypatch.setattr(deadlines, "LINGER_S", 0.05)  # the one that watches deadlines may stay a second
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + 3
    while (left := {one for one in threading.enumerate() if one.is_alive()} - before) and time.monotonic() < until:
        time.sleep(0.02)
    assert not left


@pytest.fixture
def told(scripts, resources):
    """Runs one script and answers the error, its time and the session's requests; checks words and secrets."""
    languages = [load_catalogue(resources / "catalogue", language) for language in ("en", "ko")]

    def run(node: Node, who=WHO, deadline_s=DEADLINE_S, script=HELLO) -> ToolError:
        session = WinRmSession(node, who, scripts)
        began = time.monotonic()
        with pytest.raises(ToolError) as caught:
            ask(session, "a", deadline_s=deadline_s, script=script)
        assert time.monotonic() - began < deadline_s + 0.7
        session.close()
        error = caught.value
        for words in languages:
            assert error.code in words.errors
            assert all(part and "{" not in part for part in words.error(error.code, error.fields)), error.code
        assert WHO.password not in f"{error} {error!r} {error.detail} {error.fields}"
        return error

    return run


def replaced(by: bytes):
    return lambda action, right, wire: wire.sendall(by)


def closed_after(by: bytes):
    def twist(action, right, wire):
        wire.sendall(by)
        socket.socket.shutdown(wire, socket.SHUT_RDWR)
        wire.close()

    return twist


def changed(old: bytes, new: bytes):
    def twist(action, right, wire):
        body = right.partition(b"\r\n\r\n")[2]
        wire.sendall(http(body.replace(old, new)))

    return twist


def dripping(action, right, wire):
    for byte in right:
        wire.sendall(bytes([byte]))
        time.sleep(0.2)


BOMB = gzip.compress(bytes(64 * 1024 * 1024))
HTML = b"<html><head><title>Proxy</title></head><body><p>Sign in first</p></body></html>"
BOMBED_XML = b'<!DOCTYPE a [<!ENTITY b "c">]><s:Envelope xmlns:s="' + SOAP.encode() + b'">&b;</s:Envelope>'
TWISTS = {
    "html": (replaced(http(HTML, kind="text/html")), {"not-winrm"}),
    "html-that-is-no-xml": (replaced(http(b"<html><br>", kind="text/html")), {"not-winrm"}),
    "empty": (replaced(http(b"")), {"not-winrm"}),
    "no-content": (replaced(http(b"", "204 No Content")), {"http-status"}),
    "garbage": (closed_after(b"\x00\xffSSH-2.0-OpenSSH\r\n\r\n"), {"not-winrm", "connection-lost"}),
    "closed": (closed_after(b""), {"connection-lost"}),
    "half": (
        lambda action, right, wire: closed_after(right[: len(right) // 2])(action, right, wire),
        {"connection-lost"},
    ),
    "too-short-a-length": (
        lambda action, right, wire: wire.sendall(right.replace(b"Content-Length: ", b"Content-Length: 1\r\nX: ")),
        {"not-winrm"},
    ),
    "too-long-a-length": (
        lambda action, right, wire: wire.sendall(right.replace(b"Content-Length: ", b"Content-Length: 9")),
        {"deadline", "silent"},
    ),
    "bad-chunks": (
        closed_after(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nno\r\n"),
        {"connection-lost", "not-winrm"},
    ),
    "endless-head": (closed_after(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500), {"connection-lost", "not-winrm"}),
    "gzip-bomb": (replaced(http(BOMB, more="Content-Encoding: gzip\r\n")), {"reply-too-long"}),
    "gzip-of-nothing": (
        replaced(http(b"no gzip", more="Content-Encoding: gzip\r\n")),
        {"not-winrm", "connection-lost"},
    ),
    "document-type": (replaced(http(BOMBED_XML)), {"not-winrm"}),
    "another-xml": (replaced(http(b"<a><CommandId>1</CommandId></a>")), {"not-winrm"}),
    "500-html": (replaced(http(HTML, "500 Oops", "text/html")), {"http-status"}),
    "502": (replaced(http(HTML, "502 Bad Gateway", "text/html")), {"http-status"}),
    "407": (replaced(http(b"", "407 Proxy", more="Proxy-Authenticate: NTLM\r\n")), {"http-status"}),
    "dripping": (dripping, {"deadline"}),
    "silent": (lambda action, right, wire: None, {"deadline", "silent"}),
}


@pytest.mark.parametrize("action", ["Create", "Receive"])
@pytest.mark.parametrize("name", TWISTS)
def test_what_is_no_answer_is_a_clear_error(backend, told, name, action):
    twist, codes = TWISTS[name]
    with TwistingNode(backend, twist, (action,)) as twisted:
        error = told(twisted.node)
        assert error.code in codes, error.detail
        assert twisted.shells.open_count == (1 if action == "Create" else 0)


@pytest.mark.parametrize("field", ["Connection: close\r\nContent-Length", "X-Length"])
def test_an_answer_that_ends_with_its_connection_has_no_longer_time(backend, told, field):
    """For http.client such a connection is closed before its body is read."""

    def twist(action, right, wire):
        head, _, body = right.replace(b"Content-Length", field.encode(), 1).partition(b"\r\n\r\n")
        wire.sendall(head + b"\r\n\r\n" + body[:100])
        dripping(action, body[100:], wire)

    with TwistingNode(backend, twist, ("Create",)) as twisted:
        assert told(twisted.node, deadline_s=0.5).code == "deadline"


@pytest.mark.parametrize("action", ["Command", "Send"])
@pytest.mark.parametrize("name", ["html", "empty", "half", "502", "another-xml"])
def test_the_same_for_what_starts_the_work(backend, told, name, action):
    twist, codes = TWISTS[name]
    with TwistingNode(backend, twist, (action,)) as twisted:
        assert told(twisted.node).code in codes
        assert twisted.shells.open_count == 0


@pytest.mark.parametrize(
    "twist",
    [
        changed(b'<rsp:Stream Name="stdout"', b'<rsp:Stream Name="elsewhere"'),
        changed(b'Name="stdout" CommandId="', b'Name="stdout" CommandId="x'),
        replaced(http(f'<s:Envelope xmlns:s="{SOAP}"/>'.encode())),
    ],
    ids=["another-stream", "another-command", "empty-envelope"],
)
def test_answers_that_say_nothing_end_at_the_deadline_and_in_peace(backend, told, twist):
    with TwistingNode(backend, twist, ("Receive",)) as twisted:
        began = time.process_time()
        error = told(twisted.node, script=SILENT if twist else HELLO)
        assert error.code in ("deadline", "silent")
        assert time.process_time() - began < 1.2
        assert twisted.requests < 60


@pytest.mark.parametrize("status", ["500 Fault", "400 Bad Request"])
def test_document_types_are_not_read_in_faults_either(backend, told, status):
    fault = soap.fault(5, "&b;").replace(b"&amp;", b"&")
    words = b'<!DOCTYPE a [<!ENTITY b "expanded">]>' + fault
    with TwistingNode(backend, replaced(http(words, status)), ("Create",)) as twisted:
        error = told(twisted.node)
        assert error.code in ("http-status", "connection-stale")
        assert "expanded" not in str(error.detail)


def test_a_shell_without_a_name(backend, told):
    with TwistingNode(backend, changed(b"ShellId", b"Nobody"), ("Create",)) as twisted:
        assert told(twisted.node).code == "not-winrm"


@pytest.mark.parametrize("code", ["x", "", "-1", "99999999999999999999"])
def test_faults_with_odd_numbers(backend, told, code):
    def twist(action, right, wire):
        body = soap_fault(code)
        wire.sendall(http(body, "500 Fault"))

    with TwistingNode(backend, twist, ("Command",)) as twisted:
        assert told(twisted.node).code in ("not-winrm", "wsman-fault")


def soap_fault(code: str) -> bytes:
    return soap.fault(77777, "refused").replace(b"77777", code.encode())


def test_no_redirect_is_followed(backend, told):
    with SimulatorServer(EchoBackend(), WHO, https=True) as elsewhere:
        place = f"Location: https://127.0.0.1:{elsewhere.port}/wsman\r\n"
        for status in ("301 Moved", "302 Found", "307 Temporary", "308 Permanent"):
            with TwistingNode(backend, replaced(http(b"", status, more=place)), ("Create",)) as twisted:
                assert told(twisted.node).code == "http-status"
                assert twisted.requests == 1
        assert elsewhere.wire.http_requests == 0


def test_a_proxy_that_asks_for_ntlm_gets_none(told):
    seen: list[bytes] = []

    def serve(listener):
        wire, _ = listener.accept()
        with wire:
            for _ in range(2):
                seen.append(wire.recv(65536))
                wire.sendall(http(b"", "407 Proxy", more="Proxy-Authenticate: NTLM\r\n"))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        assert told(Node("p", "127.0.0.1", listener.getsockname()[1], user="admin")).code == "http-status"
        thread.join(5)
    assert b"Proxy-Authorization" not in b"".join(seen)


@pytest.mark.parametrize("sign_in", list(SignIn))
def test_a_way_in_that_is_not_offered_is_told_apart(backend, told, sign_in):
    offer = {SignIn.BASIC: "Negotiate", SignIn.NTLM: 'Basic realm="x"'}[sign_in]
    answer = http(b"", "401 Unauthorized", more=f"WWW-Authenticate: {offer}\r\n")
    with TwistingNode(backend, replaced(answer), ("Create",)) as twisted:
        assert told(replace(twisted.node, sign_in=sign_in)).code == f"{sign_in.value}-not-offered"
        assert twisted.requests == 1


def test_a_refusal_in_the_middle_is_never_answered_with_another_try(backend, scripts):
    with TwistingNode(backend) as twisted:
        session = WinRmSession(twisted.node, WHO, scripts)
        ask(session, "a")
        twisted.twist, twisted.only = replaced(http(b"", "401 No")), ("Send", "Create", "Delete")
        asked = twisted.requests
        with pytest.raises(ToolError) as caught:
            ask(session, "b")
        session.close()
        assert caught.value.code == "sign-in-refused"
        assert twisted.requests == asked + 1


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("application/soap+xml;charset=UTF-8", "not-sealed"),
        ("text/plain;of=application/HTTP-SPNEGO-session-encrypted", "not-sealed"),
        ("multipart/encrypted;protocol=application/HTTP-SPNEGO-session-encrypted;boundary=x", "not-winrm"),
        (SEALED_TYPE, "not-winrm"),
    ],
)
def test_a_plain_answer_to_a_sealed_question_is_not_believed(backend, scripts, monkeypatch, kind, code):
    with SimulatorServer(backend, WHO) as server:
        session = WinRmSession(node_of(server), WHO, scripts)
        ask(session, "a")
        monkeypatch.setattr("checks.simulator.authentication.Ntlm.seal", lambda self, body: body)
        monkeypatch.setattr("checks.simulator.server.SEALED_TYPE", kind)
        with pytest.raises(ToolError) as caught:
            ask(session, "b", reads=False)
        assert caught.value.code == code
        monkeypatch.undo()
        session.close()
        assert server.shells.open_count == 0


def test_a_tampered_sealed_answer_is_not_believed(backend, told, monkeypatch):
    seal = Ntlm.seal
    with SimulatorServer(backend, WHO) as server:
        monkeypatch.setattr(Ntlm, "seal", lambda self, body: seal(self, body)[:-40] + b"x" + seal(self, body)[-39:])
        assert told(node_of(server)).code == "not-winrm"


# Connections that never come about, or never get anywhere.


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listening:
        yield listening


@pytest.mark.parametrize("https", [False, True])
def test_a_port_that_accepts_and_stays_silent(listener, told, https):
    node = Node("n", "127.0.0.1", listener.getsockname()[1], https, user="admin")
    assert told(node).code == "deadline"


def test_a_black_hole_ends_at_the_deadline(told):
    # A full backlog drops SYN packets: as a firewall that drops silently.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        try:
            assert told(Node("n", "127.0.0.1", port, user="admin")).code in ("deadline", "no-answer")
        finally:
            for filler in fillers:
                filler.close()


def test_a_resolver_that_hangs_ends_at_the_deadline(told, monkeypatch):
    free = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: free.wait(20) or [])
    try:
        assert told(Node("n", "win-03.example.com", user="admin")).code in ("deadline", "name-not-found")
    finally:
        free.set()


def test_cancel_ends_connecting_and_a_handshake(listener, scripts):
    for https in (False, True):
        session = WinRmSession(Node("n", "127.0.0.1", listener.getsockname()[1], https, user="admin"), WHO, scripts)
        timer = threading.Timer(0.2, session.cancel)
        timer.start()
        began = time.monotonic()
        with pytest.raises(ToolError) as caught:
            ask(session, "a", deadline_s=20)
        assert caught.value.code == "cancelled"
        assert time.monotonic() - began < 1.5
        session.close()
        timer.join()


def test_plain_http_where_tls_is_asked_for_and_the_other_way_round(backend, told):
    with SimulatorServer(backend, WHO) as plain, SimulatorServer(backend, WHO, https=True) as secure:
        assert told(Node("n", "127.0.0.1", plain.port, True, user="admin")).code == "no-tls"
        assert told(Node("n", "127.0.0.1", secure.port, False, user="admin")).code in ("not-winrm", "connection-lost")


# Trust.


@pytest.mark.parametrize(
    ("names", "days", "code"), [(("localhost",), 7, "certificate-other-name"), ((), -3, "certificate-expired")]
)
def test_certificates_that_are_wrong_say_how(backend, told, scripts, names, days, code):
    certificate = LoopbackCertificate(days=days, names=names or None)
    with SimulatorServer(backend, WHO, https=True, certificate=certificate) as server:
        assert told(node_of(server, certificate=str(server.ca_file))).code == code
        assert server.wire.http_requests == 0
        pinned = WinRmSession(
            node_of(server, certificate=server.fingerprint.upper().replace("SHA", "sha")), WHO, scripts
        )
        assert len(ask(pinned, "a")) == 1
        pinned.close()
    certificate.close()


@pytest.mark.parametrize("pin", ["sha256:", "sha256:zz", "SHA256:" + "0" * 63])
def test_a_fingerprint_that_is_none_trusts_nobody(backend, told, pin):
    with SimulatorServer(backend, WHO, https=True) as server:
        assert told(node_of(server, certificate=pin)).code == "certificate-not-trusted"
        assert server.wire.http_requests == 0


@pytest.mark.parametrize("wants_a_certificate", [False, True])
def test_tls_that_is_spoken_otherwise_is_told_apart(told, wants_a_certificate):
    certificate = LoopbackCertificate()
    context = certificate.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    if wants_a_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificate.file)
    else:
        context.set_ciphers("AES128-SHA")  # none for the key that it has

    def serve():
        for _ in range(2):
            with contextlib.suppress(OSError), listener.accept()[0] as wire:
                context.wrap_socket(wire, server_side=True).close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        node = Node(
            "n", "127.0.0.1", listener.getsockname()[1], True, user="admin", certificate=certificate.fingerprint
        )
        assert told(node).code == "tls-not-agreed"
        with pytest.raises(ToolError) as caught:
            fetch_fingerprint(node)
        assert caught.value.code == "tls-not-agreed"
        thread.join(5)
    certificate.close()


def test_the_environment_adds_no_authority_and_gets_no_keys(backend, told, monkeypatch, tmp_path):
    with SimulatorServer(backend, WHO, https=True) as server:
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.setenv(name, str(server.ca_file))
        monkeypatch.setenv("SSL_CERT_DIR", str(server.ca_file.parent))
        monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
        monkeypatch.setattr("checks.session.authorities._SYSTEM", {})
        assert told(node_of(server)).code == "certificate-not-trusted"
        assert not (tmp_path / "keys").exists()


def test_a_netrc_file_signs_nobody_in(backend, scripts, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login other password wrong\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with SimulatorServer(backend, WHO, https=True) as server:
        node = node_of(server, sign_in=SignIn.BASIC, certificate=server.fingerprint)
        session = WinRmSession(node, WHO, scripts)
        assert len(ask(session, "a")) == 1
        session.close()
        assert server.wire.refused_sign_ins == 0


@pytest.mark.parametrize("who", [Credentials("admin", ""), Credentials("", "x")])
def test_nobody_signs_in_without_a_name_and_a_password(scripts, who):
    with pytest.raises(ToolError) as caught:
        WinRmSession(Node("n", "127.0.0.1", 1, user="admin"), who, scripts)
    assert caught.value.code in ("no-password", "no-user")


# What was kept warm and is gone.


def test_a_write_is_never_sent_twice(backend, scripts):
    with TwistingNode(backend) as twisted:
        for break_it in (twisted.shells.idle_away, lambda: setattr(twisted, "only", ("Receive",))):
            session = WinRmSession(twisted.node, WHO, scripts)
            ask(session, "a")
            twisted.twist = closed_after(b"")
            break_it()
            sends = twisted.wire.actions.count("Send")
            with pytest.raises(ToolError):
                ask(session, "b", reads=False)
            assert twisted.wire.actions.count("Send") == sends + 1
            twisted.only = ()
            session.close()


@pytest.mark.parametrize("action", ["Send", "Receive"])
def test_a_read_is_asked_once_more_on_a_new_powershell(backend, scripts, action):
    with TwistingNode(backend) as twisted:
        session = WinRmSession(twisted.node, WHO, scripts)
        ask(session, "a")

        def once(name, right, wire):
            twisted.only = ()
            closed_after(b"")(name, right, wire)

        twisted.twist, twisted.only = once, (action,)
        assert len(ask(session, "b")) == 1
        assert session.counts.shells == 2
        session.close()
        assert twisted.shells.open_count == 0


def test_only_what_was_asked_is_heard(scripts):
    """An answer of an older question, and another one to the same, are none."""
    answer = resident(set())
    older: list[bytes] = []

    def said(line: bytes):
        told = b"".join(answer(line))
        yield b"".join(older) + told + told
        older.append(told.replace(b'"hold"', b'"late"'))

    with SimulatorServer(EchoBackend(said), WHO) as server:
        session = WinRmSession(node_of(server), WHO, scripts)
        kinds = []
        for name in ("a", "b", "c"):
            kinds += [(one.id, one.kind) for one in session.run([Request(name, HELLO)], 5)]
        session.close()
    assert kinds == [(name, kind) for name in ("a", "b", "c") for kind in ("started", "result", "done")]


def test_two_sessions_on_one_node_do_not_mix(backend, scripts):
    with SimulatorServer(backend, WHO) as server:
        one, two = (WinRmSession(node_of(server), WHO, scripts) for _ in range(2))
        first = one.run([Request("a", HELLO, {"X": 1}, True)], 5)
        second = two.run([Request("a", HELLO, {"X": 2}, True)], 5)
        seen = [
            [reply.document.get("parameters") for reply in run if reply.kind == "result"] for run in (first, second)
        ]
        assert seen == [[{"X": 1}], [{"X": 2}]]
        assert server.shells.open_count == 2
        one.close()
        assert server.shells.open_count == 1
        two.close()
        assert server.shells.open_count == 0


def test_more_than_one_send_is_needed_for_very_much(backend, scripts):
    with SimulatorServer(backend, WHO) as server:
        session = WinRmSession(node_of(server), WHO, scripts)
        (reply,) = ask(session, "a", Big="x" * 700_000)
        assert len(reply.document["parameters"]["Big"]) == 700_000
        assert server.wire.actions.count("Send") > 2
        session.close()


@pytest.mark.parametrize("address", ["::1", "[::1]", "0:0:0:0:0:0:0:1", "localhost"])
def test_every_way_of_naming_loopback(backend, scripts, address):
    host = "127.0.0.1" if address == "localhost" else "::1"
    with SimulatorServer(backend, WHO, https=True, host=host) as server:
        node = Node("six", address, server.port, True, user="admin", certificate=str(server.ca_file))
        session = WinRmSession(node, WHO, scripts)
        assert len(ask(session, "a")) == 1
        session.close()


@pytest.mark.parametrize("https", [False, True])
def test_a_link_local_address_is_reached_through_its_zone(backend, scripts, monkeypatch, https):
    asked: list[str] = []

    def connect_here(host, port, timeout_s, wires):
        asked.append(host)
        return connect("::1", port, timeout_s, wires)

    monkeypatch.setattr("checks.session.connections.connect", connect_here)
    with SimulatorServer(backend, WHO, https=https, host="::1") as server:
        node = Node("six", "fe80::1%eth0", server.port, https, user="admin", certificate=server.fingerprint)
        assert "%" not in node.url
        session = WinRmSession(node, WHO, scripts)
        assert len(ask(session, "a")) == 1
        session.close()
    assert asked[0] == "fe80::1%eth0"
