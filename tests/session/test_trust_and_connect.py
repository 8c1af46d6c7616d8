"""Looking at a node's certificate, and trying a connection stage by stage."""

from __future__ import annotations

import re
import socket
import threading
import time

import pytest
from echo_backend import EchoBackend

from checks.connect import ConnectStage, stages_of, try_connection
from checks.errors import CannotReachNode
from checks.node import Credentials, Node, SignIn
from checks.session.winrm import WinRmSession
from checks.simulator.backend import Misbehaviour
from checks.simulator.server import SimulatorServer
from checks.simulator.site import start_demo
from checks.trust import fetch_fingerprint, readable

WHO = Credentials("admin", "s3cret-Pa55")


@pytest.fixture(scope="module")
def demo(resources):
    running = start_demo(resources)
    yield running
    running.close()


@pytest.fixture(scope="module")
def secure():
    with SimulatorServer(EchoBackend(), WHO, https=True) as running:
        yield running


def test_the_fingerprint_is_the_leafs_and_nothing_is_sent(secure):
    pin = fetch_fingerprint(Node("n", "127.0.0.1", secure.port, True))
    assert pin == secure.fingerprint
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", readable(pin))
    assert secure.wire.http_requests == 0


def test_what_shows_no_certificate_is_told(secure):
    with SimulatorServer(EchoBackend(), WHO) as plain:
        with pytest.raises(CannotReachNode) as told:
            fetch_fingerprint(Node("n", "127.0.0.1", plain.port, True))
        assert told.value.code == "no-tls"
    with pytest.raises(CannotReachNode) as told:
        fetch_fingerprint(Node("n", "127.0.0.1", plain.port, True))
    assert told.value.code == "connection-refused"
    with pytest.raises(CannotReachNode) as told:
        fetch_fingerprint(Node("n", "no-such-name.invalid", 5986, True))
    assert told.value.code == "name-not-found"


@pytest.mark.parametrize("drips", [False, True])
def test_a_handshake_that_never_ends_has_an_end(drips):
    stop = threading.Event()

    def serve(listener):
        wire, _ = listener.accept()
        with wire:
            # A TLS record of 64 bytes that comes one byte at a time: every read gets something.
            for byte in b"\x16\x03\x03\x00\x40" + bytes(64):
                if stop.wait(0.1):
                    return
                if drips:
                    wire.sendall(bytes([byte]))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        began = time.monotonic()
        with pytest.raises(CannotReachNode) as told:
            fetch_fingerprint(Node("n", "127.0.0.1", listener.getsockname()[1], True), timeout_s=0.6)
        assert time.monotonic() - began < 1.5
        assert told.value.code == "no-answer"
        stop.set()
        thread.join(5)


def stages(node, who, scripts):
    return list(try_connection(node, lambda: WinRmSession(node, who, scripts), scripts))


@pytest.mark.parametrize("sign_in", list(SignIn))
def test_all_stages_of_a_node_that_answers(demo, scripts, sign_in):
    node = next(one for one in demo.nodes if one.name in demo.servers and one.sign_in is sign_in)
    passed = stages(node, demo.credentials, scripts)
    assert tuple(one.stage for one in passed) == stages_of(node)
    assert all(one.error is None for one in passed)
    assert passed[0].value == "127.0.0.1"
    assert "Server" in passed[-1].value
    assert demo.servers[node.name].shells.open_count == 0


def test_the_first_stage_that_fails_is_the_last_one_told(demo, scripts, monkeypatch):
    node = next(one for one in demo.nodes if one.name in demo.servers and one.https)
    server = demo.servers[node.name]
    http = next(one for one in demo.nodes if one.name in demo.servers and not one.https)
    closed = next(one for one in demo.nodes if one.name not in demo.servers)

    def last(node: Node, who=demo.credentials):
        result = stages(node, who, scripts)[-1]
        return result.stage, result.error.code

    assert last(Node("n", "no-such-name.invalid", user="u")) == (ConnectStage.NAME, "name-not-found")
    assert last(closed) == (ConnectStage.PORT, "connection-refused")
    wrong_pin = Node("n", "127.0.0.1", node.port, True, user="u", certificate="sha256:" + "0" * 64)
    assert last(wrong_pin) == (ConnectStage.CERTIFICATE, "certificate-changed")
    unknown = Node("n", "127.0.0.1", node.port, True, user="u")
    assert last(unknown) == (ConnectStage.CERTIFICATE, "certificate-not-trusted")
    assert last(Node("n", "127.0.0.1", http.port, True, user="u")) == (ConnectStage.CERTIFICATE, "no-tls")
    assert last(node, Credentials("demo", "guess")) == (ConnectStage.SIGN_IN, "sign-in-refused")
    assert last(node, Credentials("demo", "")) == (ConnectStage.SIGN_IN, "no-password")
    basic = Node("n", "127.0.0.1", http.port, sign_in=SignIn.BASIC, user="u")
    assert last(basic) == (ConnectStage.SIGN_IN, "basic-over-http")
    for wrong, stage in (
        (Misbehaviour(shells_fault=2150859173), ConnectStage.SHELL),
        (Misbehaviour(swallow_done=True), ConnectStage.POWERSHELL),
    ):
        server.misbehaviour = wrong
        assert last(node)[0] is stage
    server.misbehaviour = Misbehaviour()
