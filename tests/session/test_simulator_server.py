"""Unmodified pywinrm talks to the simulator as to a node."""

from __future__ import annotations

import base64
import socket
import ssl
import struct
import threading
import time
from dataclasses import replace

import pytest
import requests
import spnego
import winrm
from echo_backend import EchoBackend, EchoProgram
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WinRMTransportError, WSManFaultError
from winrm.protocol import Protocol

from checks.node import Credentials
from checks.simulator import soap
from checks.simulator.authentication import BOUNDARY, SEALED_TYPE
from checks.simulator.backend import Misbehaviour
from checks.simulator.server import SimulatorServer
from checks.simulator.shells import Shells, Wire

WHO = Credentials("admin", "pa ss; word")


@pytest.fixture
def backend():
    return EchoBackend()


@pytest.fixture(params=["http-ntlm", "https-ntlm", "https-basic"])
def way(request, backend):
    scheme, transport = request.param.split("-")
    with SimulatorServer(backend, WHO, https=scheme == "https") as server:
        yield server, scheme, transport


def protocol(server, scheme="http", transport="ntlm", password=WHO.password, **more):
    return Protocol(
        f"{scheme}://127.0.0.1:{server.port}/wsman",
        transport=transport,
        username=WHO.user,
        password=password,
        ca_trust_path=str(server.ca_file) if server.ca_file else None,
        message_encryption="always" if scheme == "http" else "auto",
        proxy=None,
        **more,
    )


def closing(client, shell):
    client.close_shell(shell)


def test_a_command_over_every_way(way):
    server, scheme, transport = way
    client = protocol(server, scheme, transport)
    shell = client.open_shell(codepage=65001)
    command = client.run_command(shell, "cmd", ["/c", "ver"])
    assert client.get_command_output(shell, command) == (b"cmd /c ver", b"", 0)
    client.cleanup_command(shell, command)
    assert server.shells.open_count == 1
    client.close_shell(shell)
    assert server.shells.open_count == 0
    assert server.wire.actions == ["Create", "Command", "Receive", "Signal", "Delete"]


def test_a_node_goes_on_once_it_has_answered():
    """The answer to a Send has left before the work begins: whoever asks does not wait for it twice."""
    began, goes_on = threading.Event(), threading.Event()

    class Working(EchoProgram):
        def work(self) -> None:
            began.set()
            assert goes_on.wait(5)

    class Backend(EchoBackend):
        def start(self, command_line: str) -> EchoProgram:
            return Working(self.answer)

    with SimulatorServer(Backend(), WHO) as server:
        client = protocol(server)
        shell = client.open_shell()
        command = client.run_command(shell, "powershell")
        client.send_command_input(shell, command, b"one\r\n")
        assert began.wait(5)
        goes_on.set()
        assert client.get_command_output_raw(shell, command)[0] == b"one\r\n"
        client.close_shell(shell)


def test_lines_go_in_and_come_back(way):
    server, scheme, transport = way
    client = protocol(server, scheme, transport)
    shell = client.open_shell()
    command = client.run_command(shell, "powershell")
    big = b"x" * 60_000
    client.send_command_input(shell, command, b"one\r\n" + big + b"\r\n")
    got = b""
    while len(got) < len(big) + 7:
        got += client.get_command_output_raw(shell, command)[0]
    assert got == b"one\r\n" + big + b"\r\n"
    client.close_shell(shell)


def test_a_session_of_pywinrm_works(backend):
    with SimulatorServer(backend, WHO) as server:
        way = {"transport": "ntlm", "proxy": None, "ca_trust_path": None}
        session = winrm.Session(f"127.0.0.1:{server.port}", (WHO.user, WHO.password), **way)
        assert session.run_cmd("cmd").std_out == b"cmd"


def test_a_wrong_password_is_refused(way):
    server, scheme, transport = way
    client = protocol(server, scheme, transport, password="guess")
    with pytest.raises(InvalidCredentialsError):
        client.open_shell()
    client.transport.close_session()
    assert server.wire.refused_sign_ins == 1
    assert server.wire.actions == []


def test_basic_over_http_is_not_offered(backend):
    with SimulatorServer(backend, WHO) as server:
        answer = requests.post(f"http://127.0.0.1:{server.port}/wsman", b"", auth=(WHO.user, WHO.password), timeout=5)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Negotiate"


def test_unsealed_bodies_over_http_are_refused_without_soap(backend):
    with SimulatorServer(backend, WHO) as server:
        client = protocol(server)
        client.transport.message_encryption = "never"
        with pytest.raises(WinRMTransportError) as told:
            client.open_shell()
        client.transport.close_session()
        assert (told.value.code, told.value.response_text) == (500, "")


def test_nothing_to_tell_is_the_time_out_fault(backend):
    with SimulatorServer(backend, WHO) as server:
        client = protocol(server, operation_timeout_sec=1, read_timeout_sec=5)
        shell = client.open_shell()
        command = client.run_command(shell, "powershell")
        with pytest.raises(WinRMOperationTimeoutError):
            client.get_command_output_raw(shell, command)
        client.close_shell(shell)


def test_a_shell_that_is_gone_says_so(backend):
    with SimulatorServer(backend, WHO) as server:
        client = protocol(server)
        shell = client.open_shell()
        client.close_shell(shell, close_session=False)
        with pytest.raises(WSManFaultError) as told:
            client.run_command(shell, "cmd")
        client.transport.close_session()
        assert told.value.wsman_fault_code == 2150858843


def test_deleting_a_shell_ends_its_programs(backend):
    with SimulatorServer(backend, WHO) as server:
        client = protocol(server)
        shell = client.open_shell()
        client.run_command(shell, "powershell")
        client.close_shell(shell)
        assert [program.closed for program in backend.programs] == [True]


def test_more_shells_than_allowed_is_a_fault(backend):
    with SimulatorServer(backend, WHO) as server:
        client = protocol(server)
        for _ in range(30):
            client.open_shell()
        with pytest.raises(WSManFaultError) as told:
            client.open_shell()
        client.transport.close_session()
        assert told.value.wsman_fault_code == 2150859173


@pytest.mark.parametrize("body", [b"<a/>", b"no xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_what_is_no_message_is_a_bad_request(body):
    with SimulatorServer(EchoBackend(), WHO, https=True) as server:
        answer = requests.post(
            f"https://127.0.0.1:{server.port}/wsman",
            body,
            auth=(WHO.user, WHO.password),
            verify=str(server.ca_file),
            timeout=5,
        )
        assert answer.status_code == 400


def test_a_body_that_is_too_big_is_refused(backend):
    with SimulatorServer(backend, WHO) as server:
        answer = requests.post(f"http://127.0.0.1:{server.port}/wsman", headers={"Content-Length": "600000"}, timeout=5)
        assert answer.status_code == 413


def test_misbehaviour_is_what_it_says(backend):
    with SimulatorServer(backend, WHO) as server:
        server.misbehaviour = Misbehaviour(shells_fault=2150859179)
        client = protocol(server)
        with pytest.raises(WSManFaultError) as told:
            client.open_shell()
        assert told.value.wsman_fault_code == 2150859179
        server.misbehaviour = Misbehaviour(drop_after_receives=0)
        shell = client.open_shell()
        command = client.run_command(shell, "cmd")
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            client.get_command_output_raw(shell, command)
        client.transport.close_session()


@pytest.mark.parametrize("https", [False, True])
def test_closing_twice_is_closing_once(backend, https):
    server = SimulatorServer(backend, WHO, https=https)
    server.close()
    server.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=2)


def test_closing_leaves_nothing_behind(backend):
    server = SimulatorServer(backend, WHO, https=True)
    account, certificate, port = server.accounts.file, server.ca_file, server.port
    assert account.exists()
    assert certificate.exists()
    server.close()
    assert not account.exists()
    assert not certificate.exists()
    with pytest.raises(requests.ConnectionError):
        requests.post(f"http://127.0.0.1:{port}/wsman", timeout=2)


# Clients of other kinds, and what is no client at all.

SOAP_KIND = {"Content-Type": "application/soap+xml;charset=UTF-8"}


@pytest.fixture
def https(backend):
    with SimulatorServer(backend, WHO, https=True) as server:
        yield server


def post(server, body: bytes | str, **more) -> requests.Response:
    data = body.encode() if isinstance(body, str) else body
    where = f"https://127.0.0.1:{server.port}/wsman"
    way = {"auth": (WHO.user, WHO.password), "verify": str(server.ca_file), "headers": SOAP_KIND, "timeout": 5, **more}
    return requests.post(where, data, **way)


def envelope(action: str, body: str = "", shell: str = "", idle: str = "") -> str:
    selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>' if shell else ""
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        ' xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:rsp="urn:x">'
        f"<s:Header><a:Action>{action}</a:Action><a:MessageID>uuid:1</a:MessageID>{selector}</s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )


@pytest.mark.parametrize(
    "body", ["<a/>", "no xml", "\0\0", envelope(f"{soap.SHELL}/Send", "<rsp:Stream>!!</rsp:Stream>")]
)
def test_what_is_no_message_is_answered_with_a_fault(https, body):
    answer = post(https, body)
    assert answer.status_code == 400
    assert 'Code="2150858817"' in answer.text
    assert "SchemaValidationError" in answer.text


def test_an_action_that_is_none_of_the_remote_shell_is_a_fault(https):
    answer = post(https, envelope("http://schemas.xmlsoap.org/ws/2004/09/transfer/Put"))
    assert answer.status_code == 500
    assert "a:ActionNotSupported" in answer.text
    assert "uuid:1" in answer.text


@pytest.mark.parametrize("action", ["Command", "Send", "Receive", "Signal", "Get"])
def test_a_shell_or_a_command_that_never_was_is_a_fault(https, action):
    place = "http://schemas.xmlsoap.org/ws/2004/09/transfer" if action == "Get" else soap.SHELL
    answer = post(https, envelope(f"{place}/{action}", shell="11111111-2222-3333-4444-555555555555"))
    assert answer.status_code == 500
    assert 'Code="2150858843"' in answer.text
    assert "w:InvalidSelectors" in answer.text


@pytest.mark.parametrize("length", ["x", "-1", "", "99999999999999999999"])
def test_lengths_that_are_none_hold_nobody_up(https, length):
    with socket.create_connection(("127.0.0.1", https.port), timeout=5) as wire:
        context = ssl.create_default_context(cafile=str(https.ca_file))
        with context.wrap_socket(wire, server_hostname="localhost") as secure:
            secure.sendall(f"POST /wsman HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode())
            assert secure.recv(1000).startswith(b"HTTP/1.1 411 ")


def test_a_get_is_told(https):
    where, trust = f"https://127.0.0.1:{https.port}/wsman", str(https.ca_file)
    assert requests.get(where, verify=trust, timeout=5).status_code == 405


def test_a_very_big_body_hears_why(https):
    assert post(https, b"x" * 3_000_000).status_code == 413


def test_ntlm_inside_spnego_signs_in_and_seals(backend):
    with SimulatorServer(backend, WHO) as server:
        where = f"http://127.0.0.1:{server.port}/wsman"
        options = spnego.NegotiateOptions.use_negotiate
        client = spnego.client(WHO.user, WHO.password, hostname="localhost", protocol="negotiate", options=options)
        with requests.Session() as session:
            token = client.step()
            for _ in range(3):
                head = {"Authorization": "Negotiate " + base64.b64encode(token or b"").decode()}
                answer = session.post(where, b"", headers=head, timeout=5)
                told = answer.headers.get("WWW-Authenticate", "").partition(" ")[2]
                token = client.step(base64.b64decode(told)) if told and not client.complete else None
                if answer.status_code == 200:
                    break
            assert answer.status_code == 200
            assert client.complete
            message = envelope("http://schemas.xmlsoap.org/ws/2004/09/transfer/Create").encode()
            sealed = client.wrap(message).data
            head = f"OriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(message)}\r\n".encode()
            body = BOUNDARY + b"\r\n" + head + BOUNDARY + b"\r\n" + b"\tContent-Type: application/octet-stream\r\n"
            body += struct.pack("<i", 16) + sealed + BOUNDARY + b"--\r\n"
            answer = session.post(where, body, headers={"Content-Type": SEALED_TYPE}, timeout=5)
            assert answer.status_code == 200
            payload = answer.content.partition(b"octet-stream\r\n")[2].removesuffix(BOUNDARY + b"--\r\n")
            assert b"ShellId" in client.unwrap(payload[4:]).data


def test_basic_over_tls_under_its_other_name(https):
    client = protocol(https, "https", "ssl")
    shell = client.open_shell()
    client.close_shell(shell)
    assert https.wire.actions == ["Create", "Delete"]


# Time.


def test_a_shell_that_idles_ends_as_it_asked(backend):
    now = [0.0]
    shells = Shells(backend, Wire(), lambda: now[0])
    message = soap.parse(envelope("http://schemas.xmlsoap.org/ws/2004/09/transfer/Create").encode())
    for idle in (60.0, 300.0):
        shells.answer(replace(message, idle_s=idle))
    assert shells.open_count == 2
    now[0] = 61.0
    assert shells.open_count == 1
    now[0] = 400.0
    assert shells.open_count == 0
    shells.close()


def test_the_idle_time_is_the_clients_word():
    text = envelope("http://schemas.xmlsoap.org/ws/2004/09/transfer/Create", "<rsp:IdleTimeOut>PT5M</rsp:IdleTimeOut>")
    assert soap.parse(text.encode()).idle_s == 300
    assert soap.parse(text.replace("PT5M", "soon").encode()).idle_s == soap.DEFAULT_IDLE_S


def test_a_terminated_command_is_gone_and_the_shell_stays(backend):
    with SimulatorServer(backend, WHO) as server:
        client = protocol(server)
        shell = client.open_shell()
        command = client.run_command(shell, "powershell")
        client.cleanup_command(shell, command)
        with pytest.raises(WSManFaultError) as told:
            client.get_command_output_raw(shell, command)
        assert told.value.wsman_fault_code == 2150858843
        assert client.run_command(shell, "powershell") != command
        client.close_shell(shell)


# Misbehaviour.


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (Misbehaviour(silent=True), requests.exceptions.ReadTimeout),
        (Misbehaviour(drop=True), requests.exceptions.ConnectionError),
        (Misbehaviour(garbage_http=True), requests.exceptions.ConnectionError),
    ],
)
def test_a_node_that_does_not_keep_to_http(https, wrong, error):
    https.misbehaviour = wrong
    with pytest.raises(error):
        post(https, envelope("x"), timeout=0.5)


def test_a_node_that_drips(https):
    https.misbehaviour = Misbehaviour(drip_ms=2)
    began = time.monotonic()
    assert post(https, envelope("x")).status_code == 500
    assert time.monotonic() - began > 0.5


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.1"])
def test_only_loopback_is_ever_bound(backend, host):
    with pytest.raises(ValueError, match="this computer alone"):
        SimulatorServer(backend, WHO, host=host)


def test_a_stopped_node_leaves_no_thread(backend):
    before = set(threading.enumerate())
    server = SimulatorServer(backend, WHO)
    server.misbehaviour = Misbehaviour(silent=True)
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        wire.sendall(b"POST /wsman HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        time.sleep(0.1)
        server.close()
        assert wire.recv(10) == b""
    assert set(threading.enumerate()) <= before
