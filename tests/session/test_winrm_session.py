"""The session against the simulator: every way in, every way it can go wrong, and what it leaves on the node."""

from __future__ import annotations

import base64
import json
import threading
import time

import pytest
from echo_backend import EchoBackend

from checks.errors import BadReply, Cancelled, CannotReachNode, NotPermitted, ScriptFailed, SignInRefused, ToolError
from checks.node import Credentials, Node, SignIn
from checks.session import Request, Script
from checks.session.winrm import WinRmSession
from checks.simulator.backend import Misbehaviour
from checks.simulator.server import SimulatorServer

WHO = Credentials("admin", "pa ss; word")
HELLO = Script("Get-Hello", "'hello'")
SILENT = Script("Get-Silence", "'silent'")


def resident(known: set[str]):
    """A stand-in of the resident PowerShell that keeps its protocol."""

    def answer(line: bytes):
        if not line:
            return
        asked = json.loads(base64.b64decode(line))
        if asked["name"] == SILENT.name:
            return
        if "text" in asked:
            known.add(asked["script"])

        def reply(kind: str, document: object) -> bytes:
            text = base64.b64encode(json.dumps(document).encode()).decode()
            return f"{asked['m']} {asked['id']} {kind} {text}\n".encode()

        said = {"known": asked["script"] in known, "parameters": asked["parameters"], "hold": asked["hold"]}
        yield reply("started", {}) + b"noise of a script\r\n" + reply("result", said) + reply("done", {"ms": 1})

    return answer


@pytest.fixture
def backend():
    return EchoBackend(resident(set()))


@pytest.fixture
def server(backend):
    with SimulatorServer(backend, WHO) as running:
        yield running


@pytest.fixture
def session(server, scripts):
    opened = WinRmSession(node_of(server), WHO, scripts)
    yield opened
    opened.close()


def node_of(server, **more) -> Node:
    return Node("sim-01", "127.0.0.1", server.port, https=server.is_https, user=WHO.user, **more)


def ask(session, *names, script=HELLO, deadline_s=10.0, reads=True, **parameters):
    requests = [Request(name, script, parameters, reads) for name in names]
    return [reply for reply in session.run(requests, deadline_s) if reply.kind == "result"]


def test_sealed_ntlm_over_http(session, server, backend):
    replies = ask(session, "a-1", "a-2", Text='가 "x" \'$(calc)`n')
    assert [reply.id for reply in replies] == ["a-1", "a-2"]
    assert replies[0].document["parameters"] == {"Text": '가 "x" \'$(calc)`n'}
    assert all("-EncodedCommand" in line and len(line) <= 8191 for line in backend.command_lines)
    session.close()
    assert server.shells.open_count == 0
    assert server.wire.actions[:3] == ["Create", "Command", "Send"]
    assert server.wire.actions[-1] == "Delete"


@pytest.mark.parametrize("sign_in", list(SignIn))
@pytest.mark.parametrize("trust", ["pin", "file"])
def test_https_with_a_pin_or_a_file(backend, scripts, sign_in, trust):
    with SimulatorServer(backend, WHO, https=True) as server:
        certificate = server.fingerprint if trust == "pin" else str(server.ca_file)
        session = WinRmSession(node_of(server, sign_in=sign_in, certificate=certificate), WHO, scripts)
        assert len(ask(session, "a")) == 1
        session.close()
        assert server.shells.open_count == 0


def test_a_warm_run_is_one_send_and_at_most_two_receives(session, server):
    ask(session, "a", "b", "c")
    assert session.is_warm
    del server.wire.actions[:]
    counted = session.counts
    replies = ask(session, "d", "e", "f")
    assert len(replies) == 3
    assert all(reply.document["known"] for reply in replies)
    assert server.wire.actions[0] == "Send"
    assert server.wire.actions[1:] in (["Receive"], ["Receive", "Receive"])
    assert session.counts.requests - counted.requests == len(server.wire.actions)
    assert (session.counts.shells, server.wire.programs_started) == (1, 1)


def test_basic_over_http_is_refused_before_anything_is_sent(server, scripts):
    with pytest.raises(NotPermitted) as told:
        WinRmSession(node_of(server, sign_in=SignIn.BASIC), WHO, scripts)
    assert told.value.code == "basic-over-http"
    assert server.wire.http_requests == 0


def failure(node, scripts, who=WHO, deadline_s=10.0, script=HELLO) -> ToolError:
    session = WinRmSession(node, who, scripts)
    began = time.monotonic()
    with pytest.raises(ToolError) as told:
        ask(session, "a", deadline_s=deadline_s, script=script)
    assert time.monotonic() - began < deadline_s + 3
    session.close()
    assert WHO.password not in str(told.value) + told.value.detail + repr(told.value.fields)
    return told.value


@pytest.mark.parametrize("https", [False, True])
@pytest.mark.parametrize("sign_in", list(SignIn))
def test_a_wrong_password_is_tried_once(backend, scripts, https, sign_in):
    if sign_in is SignIn.BASIC and not https:
        pytest.skip("refused before anything is sent")
    with SimulatorServer(backend, WHO, https=https) as server:
        node = node_of(server, sign_in=sign_in, certificate=server.fingerprint)
        error = failure(node, scripts, Credentials(WHO.user, "guess"))
        assert isinstance(error, SignInRefused)
        assert error.code == "sign-in-refused"
        assert server.wire.refused_sign_ins == 1


def test_a_certificate_that_changed(backend, scripts):
    with SimulatorServer(backend, WHO, https=True) as server:
        error = failure(node_of(server, certificate="sha256:" + "00" * 32), scripts)
        assert error.code == "certificate-changed"
        assert server.wire.http_requests == 0


def test_a_certificate_of_nobody_we_know(backend, scripts):
    with SimulatorServer(backend, WHO, https=True) as server:
        assert failure(node_of(server), scripts).code == "certificate-not-trusted"
        assert server.wire.http_requests == 0


def test_the_environment_changes_neither_trust_nor_way(backend, scripts, monkeypatch):
    with SimulatorServer(backend, WHO, https=True) as server:
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.setenv(name, str(server.ca_file))
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert failure(node_of(server), scripts).code == "certificate-not-trusted"
        session = WinRmSession(node_of(server, certificate=server.fingerprint), WHO, scripts)
        assert len(ask(session, "a")) == 1
        session.close()


def test_a_closed_port(scripts):
    with SimulatorServer(EchoBackend(), WHO) as server:
        node = node_of(server)
    error = failure(node, scripts)
    assert isinstance(error, CannotReachNode)
    assert error.code == "connection-refused"


def test_a_name_that_does_not_exist(scripts):
    assert failure(Node("a", "no-such-name.invalid", user="u"), scripts).code in ("name-not-found", "no-route")


@pytest.mark.parametrize(
    ("wrong", "kind", "codes"),
    [
        (Misbehaviour(drop_after_receives=0), CannotReachNode, {"connection-lost"}),
        (Misbehaviour(garbage=True), BadReply, {"not-winrm"}),
        (Misbehaviour(swallow_done=True), ScriptFailed, {"powershell-ended"}),
        (Misbehaviour(silent_after_receives=0), CannotReachNode, {"deadline", "silent"}),
        (Misbehaviour(fault_code=2150858843), CannotReachNode, {"shell-gone"}),
        (Misbehaviour(fault_code=2150859174), CannotReachNode, {"too-many-operations"}),
        (Misbehaviour(fault_code=5), NotPermitted, {"access-denied"}),
        (Misbehaviour(fault_code=1234567), CannotReachNode, {"wsman-fault"}),
        (Misbehaviour(shells_fault=2150859173), CannotReachNode, {"too-many-shells"}),
        (Misbehaviour(shells_fault=2150859179), CannotReachNode, {"too-many-users"}),
        (Misbehaviour(shells_fault=2150859180), NotPermitted, {"remote-shells-off"}),
        (Misbehaviour(shells_fault=2150859236), CannotReachNode, {"too-many-shells"}),
        (Misbehaviour(shells_fault=2150859237), CannotReachNode, {"too-many-users"}),
        (Misbehaviour(fault_code=2150859175), CannotReachNode, {"too-many-requests"}),
        (Misbehaviour(fault_code=2150859240), CannotReachNode, {"too-many-requests"}),
        (Misbehaviour(fault_code=2150859241), CannotReachNode, {"too-many-operations"}),
        (Misbehaviour(fault_code=0x80070005), NotPermitted, {"access-denied"}),
        (Misbehaviour(fault_code=995), CannotReachNode, {"shell-gone"}),
        (Misbehaviour(refuse_status=401), SignInRefused, {"sign-in-refused"}),
        (Misbehaviour(refuse_status=403), NotPermitted, {"access-denied"}),
        (Misbehaviour(refuse_status=404), BadReply, {"no-winrm-there"}),
        (Misbehaviour(refuse_status=413), BadReply, {"too-big"}),
        (Misbehaviour(refuse_status=500), NotPermitted, {"unencrypted-refused"}),
        (Misbehaviour(refuse_status=502), BadReply, {"http-status"}),
    ],
)
def test_what_can_go_wrong_has_words_within_the_deadline(server, scripts, words, wrong, kind, codes):
    server.misbehaviour = wrong
    error = failure(node_of(server), scripts, deadline_s=3.0)
    assert type(error) is kind
    assert error.code in codes
    assert error.code in words.errors
    for part in words.error(error.code, error.fields):
        assert part
        assert "…" not in part


def test_a_node_that_never_answers_a_script_ends_at_the_deadline(server, scripts):
    began = time.monotonic()
    error = failure(node_of(server), scripts, deadline_s=2.0, script=SILENT)
    assert error.code in ("silent", "deadline")
    assert time.monotonic() - began < 5
    assert server.shells.open_count == 0


def test_slow_drops_are_put_together(server, session):
    server.misbehaviour = Misbehaviour(drip_bytes=7)
    assert len(ask(session, "a")) == 1


def test_noise_is_kept_and_not_read(server, session):
    server.misbehaviour = Misbehaviour(noise=b"WARNING: words of a profile\r\n")
    assert len(ask(session, "a")) == 1


def test_after_a_failure_the_next_run_opens_anew(server, session):
    server.misbehaviour = Misbehaviour(drop_after_receives=0)
    with pytest.raises(CannotReachNode):
        ask(session, "a")
    assert not session.is_warm
    server.misbehaviour = Misbehaviour()
    assert len(ask(session, "b")) == 1
    assert server.shells.open_count == 1
    session.close()
    assert server.shells.open_count == 0


def test_a_shell_that_idled_away_is_opened_anew_without_a_word(server, session):
    ask(session, "a")
    server.shells.idle_away()
    replies = ask(session, "b")
    assert replies[0].document["known"] is True
    assert session.counts.shells == 2


def test_a_connection_that_was_closed_while_idle_is_made_anew(server, session):
    ask(session, "a")
    server.drop_connections()
    assert len(ask(session, "b")) == 1


def test_cancel_ends_a_wait_at_once(server, session):
    timer = threading.Timer(0.3, session.cancel)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        ask(session, "a", script=SILENT, deadline_s=30)
    assert time.monotonic() - began < 3
    timer.join()
    assert len(ask(session, "b")) == 1
    session.close()
    assert server.shells.open_count == 0


def test_closing_a_session_to_a_node_that_is_gone_takes_seconds_at_most(scripts, backend):
    server = SimulatorServer(backend, WHO)
    session = WinRmSession(node_of(server), WHO, scripts)
    ask(session, "a")
    server.close()
    began = time.monotonic()
    session.close()
    assert time.monotonic() - began < 6


def test_starting_imports_no_wire_library():
    import subprocess
    import sys

    code = "import checks.session.winrm, sys; print([m for m in ('winrm', 'requests', 'spnego') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
