"""What is prepared once and told many times is, word for word, what pywinrm and requests would make each time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
import requests.adapters
from echo_backend import EchoBackend
from twisting_node import TwistingNode, http
from winrm.protocol import Protocol

from checks.node import Credentials
from checks.session.protocol import NodeProtocol
from checks.session.transport import Wires, _Session, build_protocol, set_timeouts

ID = re.compile(r"uuid:[0-9a-f-]{36}")
SHELL, PROGRAM = "2E1A6D8C-<&>", "powershell.exe"
STARTED = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><RelatesTo>{}</RelatesTo></s:Header><s:Body>'
    b'<x Name="ShellId">S</x><CommandId>C</CommandId></s:Body></s:Envelope>'
)
CALLS: tuple[Callable[[Any], object], ...] = (
    lambda one: one.open_shell(codepage=65001, noprofile=True, idle_timeout="PT300S"),
    lambda one: one.open_shell(codepage=437),
    lambda one: one.run_command(SHELL, PROGRAM, ("-A", 'b <"&> "'), console_mode_stdin=False, skip_cmd_shell=False),
    lambda one: one.run_command("other", "cmd", (), console_mode_stdin=True, skip_cmd_shell=True),
    lambda one: one.close_shell(SHELL, close_session=False),
)


class Heard:
    """Instead of a network: keeps each message and answers as a node would."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def send_message(self, message: str) -> bytes:
        self.messages.append(message)
        return STARTED.replace(b"{}", (ID.search(message) or [""])[0].encode())


def heard(kind: type[Protocol], call: Callable[[Any], object], operation_s: int) -> tuple[str, object]:
    protocol = kind("http://node/wsman", username="u", password="p", proxy=None)
    protocol.operation_timeout_sec = operation_s
    protocol.transport = ears = Heard()  # pyright: ignore[reportAttributeAccessIssue]
    answer = call(protocol)
    assert len(ears.messages) == 1
    return ears.messages[0], answer


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("operation_s", [20, 3])
def test_messages_are_pywinrms_own(call: Callable[[Any], object], operation_s: int) -> None:
    told, answer = heard(Protocol, call, operation_s)
    for _ in range(2):
        ours, our_answer = heard(NodeProtocol, call, operation_s)
        assert ID.sub("uuid:1", ours) == ID.sub("uuid:1", told)
        assert our_answer == answer


def test_no_message_id_is_used_twice() -> None:
    ids = [ID.search(heard(NodeProtocol, call, 20)[0]) for call in (*CALLS, *CALLS)]
    assert len({one[0] for one in ids if one}) == len(ids)


def test_deletion_answered_by_something_else_is_no_deletion() -> None:
    protocol = NodeProtocol("http://node/wsman", username="u", password="p", proxy=None)
    protocol.transport = type(
        "Other", (), {"send_message": lambda _, message: STARTED.replace(b"{}", b"uuid:" + b"0" * 32)}
    )()
    with pytest.raises(AssertionError):
        protocol.close_shell(SHELL, close_session=False)


def prepared(session: requests.Session, body: bytes | None) -> tuple[object, ...]:
    session.trust_env = False
    session.headers.update({"Content-Type": "application/soap+xml;charset=UTF-8"})
    session.auth = requests.auth.HTTPBasicAuth(b"u", "암호".encode())
    one = session.prepare_request(requests.Request("POST", "https://[::1]:5986/wsman", data=body))
    return one.method, one.url, dict(one.headers), one.body or b"", one.path_url


@pytest.mark.parametrize("body", [None, b"<a/>", "가".encode()])
def test_request_is_what_requests_would_prepare(body: bytes | None) -> None:
    ours = _Session()
    told = prepared(requests.Session(), body)
    assert prepared(ours, body) == told
    assert prepared(ours, b"another") == prepared(requests.Session(), b"another")
    assert prepared(ours, body) == told


def test_cookie_that_a_node_sets_comes_back_to_it() -> None:
    """A load balancer in between may know its clients by them."""
    asked: list[str] = []

    def twist(action: str, right: bytes, wire: Any) -> None:
        _, _, body = right.partition(b"\r\n\r\n")
        wire.sendall(http(body, more="Set-Cookie: way=2; Path=/; Secure\r\n"))

    with TwistingNode(EchoBackend({}), twist, ("Create",)) as far:
        wires = Wires()
        protocol = build_protocol(far.node, Credentials("admin", "s3cret-Pa55"), wires)
        set_timeouts(protocol, 5, 10.0)
        session = protocol.transport.build_session()
        send = session.send

        def listening(request: requests.PreparedRequest, **how: Any) -> requests.Response:
            asked.append(request.headers.get("Cookie", ""))
            return send(request, **how)

        session.send = listening
        shell = protocol.open_shell(codepage=65001)
        protocol.close_shell(shell)
    assert asked == ["", "way=2"]
