"""Unmodified pywinrm talks to the simulator as to a node."""

from __future__ import annotations

import pytest
import requests
import winrm
from echo_backend import EchoBackend
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WinRMTransportError, WSManFaultError
from winrm.protocol import Protocol

from checks.node import Credentials
from checks.simulator.backend import Misbehaviour
from checks.simulator.server import SimulatorServer

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
