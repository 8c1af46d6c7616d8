"""Clients that are not pywinrm, as [MS-WSMV] and HTTP let them be: bodies, heads and messages written by hand."""

from __future__ import annotations

import base64
import itertools
import re
import socket
import ssl
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
import requests
import spnego
from echo_backend import EchoBackend, EchoProgram
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks.node import Credentials
from checks.scripts import load_scripts
from checks.session.resident import PROGRAM, arguments
from checks.simulator import soap
from checks.simulator.authentication import Accounts, Ntlm
from checks.simulator.backend import Output
from checks.simulator.demo import DemoSite
from checks.simulator.server import SimulatorServer

WHO = Credentials("admin", "pa ss; word")
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
SIGN_IN = "Basic " + base64.b64encode(f"{WHO.user}:{WHO.password}".encode()).decode()
ID = "5D1C6A53-7D2E-4C0B-9D25-0A4B6E1D3F10"


class Twofold(EchoProgram):
    """Writes to both streams at once, and ends with its input."""

    def __init__(self) -> None:
        super().__init__(lambda line: ())
        self._queue.put(Output(b"out", b"err"))

    def end_input(self) -> None:
        self._queue.put(Output(b"rest", b"", 3))


class Backend(EchoBackend):
    def start(self, command_line: str) -> EchoProgram:
        if not command_line.startswith("both"):
            return super().start(command_line)
        self.programs.append(Twofold())
        return self.programs[-1]


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(Backend(), WHO, https=True) as server:
        yield server


class Client:
    """Prefixes, order and white space of its own."""

    def __init__(self, server: SimulatorServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.shell = ""

    def post(self, body: bytes, **head: str) -> requests.Response:
        where = f"https://127.0.0.1:{self.server.port}/wsman"
        told = {"AUTHORIZATION": SIGN_IN, "content-type": "application/soap+xml", **head}
        return self.session.post(where, body, headers=told, verify=str(self.server.ca_file), timeout=10)

    def ask(
        self, action: str, body: str = "", shell: str | None = None, more: str = "", status: int = 200
    ) -> ET.Element:
        answer = self.post(message(action, body, self.shell if shell is None else shell, more).encode())
        assert answer.status_code == status, answer.text
        return ET.fromstring(answer.content)

    def create(self, body: str = "<Shell xmlns='urn:any'/>") -> str:
        root = self.ask(f"{TRANSFER}/Create", body)
        self.shell = text(root, "ShellId")
        return self.shell

    def command(self, line: str, attributes: str = "") -> str:
        body = f"<CommandLine {attributes}><Command>{line}</Command></CommandLine>"
        return text(self.ask(f"{soap.SHELL}/Command", body), "CommandId")

    def send(self, command: str, data: bytes, end: str = "", status: int = 200) -> ET.Element:
        # In lines of 76 characters, as MIME's base64 comes.
        body = f"<Send><Stream Name='stdin' CommandId='{command}' {end}>{base64.encodebytes(data).decode()}</Stream></Send>"
        return self.ask(f"{soap.SHELL}/Send", body, status=status)

    def receive(self, command: str, streams: str = "stdout stderr", more: str = "", status: int = 200) -> ET.Element:
        body = f"<Receive><DesiredStream CommandId='{command}'>{streams}</DesiredStream></Receive>"
        return self.ask(f"{soap.SHELL}/Receive", body, more=more, status=status)

    def signal(self, command: str, name: str) -> ET.Element:
        code = f"<Signal CommandId='{command}'><Code>{soap.SHELL}/signal/{name}</Code></Signal>"
        return self.ask(f"{soap.SHELL}/Signal", code)


def message(action: str, body: str = "", shell: str = "", more: str = "", resource: str = f"{soap.SHELL}/cmd") -> str:
    selectors = f"<m:SelectorSet>\n<m:Selector Name='ShellId'>{shell}</m:Selector></m:SelectorSet>" if shell else ""
    return f"""<?xml version="1.0"?>
<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:m="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
  xmlns:adr='http://schemas.xmlsoap.org/ws/2004/08/addressing'><env:Header>{selectors}{more}
  <adr:MessageID>uuid:{ID}</adr:MessageID><m:ResourceURI env:mustUnderstand="true"> {resource} </m:ResourceURI>
  <adr:Action env:mustUnderstand="true">
    {action}
  </adr:Action></env:Header><env:Body>{body}</env:Body></env:Envelope>"""


def named(root: ET.Element, name: str) -> list[ET.Element]:
    return [one for one in root.iter() if one.tag.rpartition("}")[2] == name]


def text(root: ET.Element, name: str) -> str:
    return (named(root, name)[0].text or "").strip()


def streams(root: ET.Element) -> dict[str, bytes]:
    told = [one for one in named(root, "Stream") if one.text]
    return {one.attrib["Name"]: base64.b64decode(one.text or "") for one in told}


def state(root: ET.Element) -> str:
    return named(root, "CommandState")[0].attrib["State"].rpartition("/")[2]


def fault(root: ET.Element) -> str:
    return named(root, "WSManFault")[0].attrib["Code"]


@pytest.fixture
def client(server: SimulatorServer) -> Iterator[Client]:
    client = Client(server)
    client.create()
    yield client
    client.ask(f"{TRANSFER}/Delete")
    assert server.shells.open_count == 0


def test_several_commands_live_in_one_shell(client):
    first, second = client.command("one"), client.command("two")
    client.send(second, b"b\n")
    client.send(first, b"a\n")
    assert streams(client.receive(first)) == {"stdout": b"a\r\n"}
    assert streams(client.receive(second)) == {"stdout": b"b\r\n"}
    client.signal(first, "terminate")
    assert fault(client.receive(first, status=500)) == "2150858843"
    client.send(second, b"c\n")
    assert streams(client.receive(second)) == {"stdout": b"c\r\n"}


def test_a_stream_that_is_not_asked_for_waits(client):
    command = client.command("both")
    assert streams(client.receive(command, "stderr")) == {"stderr": b"err"}
    assert streams(client.receive(command, "stdout")) == {"stdout": b"out"}


def test_both_streams_come_in_one_answer(client):
    command = client.command("both")
    answer = client.receive(command)
    assert streams(answer) == {"stdout": b"out", "stderr": b"err"}
    assert state(answer) == "Running"


@pytest.mark.parametrize("end", ["End='true'", "End='1'", 'End = "TRUE"'])
def test_the_end_of_input_ends_a_program(client, end):
    command = client.command("both")
    client.receive(command)
    client.send(command, b"last", end)
    answer = client.receive(command)
    assert (streams(answer), state(answer), text(answer, "ExitCode")) == ({"stdout": b"rest"}, "Done", "3")
    assert [one.attrib["Name"] for one in named(answer, "Stream") if one.get("End") == "true"] == ["stdout", "stderr"]


@pytest.mark.parametrize("name", ["ctrl_c", "ctrl_break"])
def test_a_signal_ends_the_program_and_keeps_the_command(client, name):
    command = client.command("powershell")
    client.signal(command, name)
    assert state(client.receive(command)) == "Done"
    client.signal(command, "terminate")
    assert fault(client.receive(command, status=500)) == "2150858843"


def test_a_command_under_an_id_of_the_clients_own(client):
    assert client.command("powershell", f"CommandId='{ID}'") == ID
    body = f"<CommandLine CommandId='{ID.lower()}'><Command>x</Command></CommandLine>"
    assert fault(client.ask(f"{soap.SHELL}/Command", body, status=500)) == "183"
    assert client.command("powershell", "CommandId='&lt;no id&gt;'") != "<no id>"


def test_a_shell_under_an_id_of_the_clients_own(server):
    client = Client(server)
    assert client.create(f"<Shell ShellId='{ID}'/>") == ID
    assert fault(Client(server).ask(f"{TRANSFER}/Create", f"<Shell ShellId='{ID}'/>", status=500)) == "183"
    client.ask(f"{TRANSFER}/Delete")
    assert server.shells.open_count == 0


def test_a_shell_of_another_kind_is_refused(server):
    kind = "http://schemas.microsoft.com/powershell/Microsoft.PowerShell"
    answer = Client(server).post(message(f"{TRANSFER}/Create", resource=kind).encode())
    assert answer.status_code == 500
    assert fault(ET.fromstring(answer.content)) == "2150858811"
    assert ID in answer.text


def test_a_selector_of_another_shell_is_refused(client):
    other = client.ask(f"{TRANSFER}/Delete", shell="no such", status=500)
    assert fault(other) == "2150858843"
    assert [one.text for one in named(other, "Value")] == ["s:Sender", "w:InvalidSelectors"]


@pytest.mark.parametrize("time", ["PT0.2S", "P0DT0H0M0.2S", " PT0.2S "])
def test_nothing_to_tell_within_the_clients_time(client, time):
    command = client.command("powershell")
    answer = client.receive(command, more=f"<m:OperationTimeout>{time}</m:OperationTimeout>", status=500)
    assert fault(answer) == "2150858793"
    assert "w:TimedOut" in [one.text for one in named(answer, "Value")]


def test_an_answer_keeps_to_the_clients_envelope(client):
    command = client.command("powershell")
    line = bytes(97 + number % 26 for number in range(100_000))
    client.send(command, line + b"\n")
    got, most = b"", 20_000
    for _ in range(20):
        body = f"<Receive><DesiredStream CommandId='{command}'>stdout</DesiredStream></Receive>"
        size = f"<m:MaxEnvelopeSize>{most}</m:MaxEnvelopeSize>"
        answer = client.post(message(f"{soap.SHELL}/Receive", body, client.shell, size).encode())
        assert len(answer.content) <= most
        got += streams(ET.fromstring(answer.content)).get("stdout", b"")
        if got.endswith(b"\n"):
            break
    assert got == line + b"\r\n"


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_messages_in_other_characters(server, coding):
    client = Client(server)
    words = message(f"{TRANSFER}/Create").replace('"1.0"', f'"1.0" encoding="{coding[:6]}"')
    kind = {"content-type": f"application/soap+xml; charset={coding[:6].upper()}"}
    answer = client.post(words.encode(coding), **kind)
    assert answer.status_code == 200
    client.shell = text(ET.fromstring(answer.content), "ShellId")
    client.ask(f"{TRANSFER}/Delete")


@pytest.mark.parametrize("coding", ["utf-8", "utf-16", "utf-16-le"])
def test_document_types_are_refused_in_all_of_them(server, coding):
    words = "<!DOCTYPE a [<!ENTITY b 'c'>]>" + message(f"{TRANSFER}/Create").partition("?>")[2]
    answer = Client(server).post(words.encode(coding))
    assert answer.status_code == 400
    assert server.shells.open_count == 0


@pytest.mark.parametrize("declared", ["cp037", "utf-7", "no-such"])
def test_a_declared_coding_does_not_change_what_is_read(server, declared):
    words = message(f"{TRANSFER}/Create").replace('"1.0"', f'"1.0" encoding="{declared}"')
    client = Client(server)
    client.shell = text(ET.fromstring(client.post(words.encode()).content), "ShellId")
    client.ask(f"{TRANSFER}/Delete")


# HTTP.


@pytest.fixture
def wire(server: SimulatorServer) -> Iterator[ssl.SSLSocket]:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    with context.wrap_socket(plain, server_hostname="localhost") as secure:
        yield secure


def answer_of(wire: ssl.SSLSocket) -> tuple[int, bytes]:
    got = b""
    while b"\r\n\r\n" not in got:
        got += wire.recv(1) or pytest.fail(f"ended with {got!r}")
    status = int(got.split(b" ", 2)[1])
    length = re.search(rb"(?i)content-length: (\d+)", got)
    body = b""
    while len(body) < (int(length[1]) if length else 0):
        body += wire.recv(65536)
    return status, body


def head(*lines: str, path: str = "/wsman") -> bytes:
    first = (f"POST {path} HTTP/1.1", "host: node", f"authorization: {SIGN_IN.replace('Basic', 'basic')}")
    return "\r\n".join((*first, *lines, "", "")).encode()


NOT_THERE = message(f"{TRANSFER}/Delete", shell="none").encode()


def test_a_client_that_waits_for_the_word_to_go_on(wire):
    wire.sendall(head("expect: 100-continue", f"CONTENT-LENGTH: {len(NOT_THERE)}"))
    assert answer_of(wire) == (100, b"")
    wire.sendall(NOT_THERE)
    status, body = answer_of(wire)
    assert (status, fault(ET.fromstring(body))) == (500, "2150858843")


def test_a_connection_serves_many_requests(wire, server):
    for path in ("/wsman", "/WSMAN", "/wsman/", "/wsman?PSVersion=5.1.17763.1"):
        wire.sendall(head(f"content-length: {len(NOT_THERE)}", path=path) + NOT_THERE)
        assert answer_of(wire)[0] == 500
    wire.sendall(head("content-length: 0", path="/other"))
    assert answer_of(wire)[0] == 404


@pytest.mark.parametrize("sizes", [(1, 7, 5000), (5000,)])
def test_a_body_in_chunks(wire, sizes):
    wire.sendall(head("transfer-encoding: Chunked"))
    left = NOT_THERE
    for size in itertools.cycle(sizes):
        piece, left = left[:size], left[size:]
        wire.sendall(
            f"{len(piece):X};name=value\r\n".encode() + piece + b"\r\n" if piece else b"0\r\nX-After: 1\r\n\r\n"
        )
        if not piece:
            break
    assert answer_of(wire)[0] == 500
    wire.sendall(head(f"content-length: {len(NOT_THERE)}") + NOT_THERE)
    assert answer_of(wire)[0] == 500


@pytest.mark.parametrize(
    ("lines", "body", "status"),
    [
        (("transfer-encoding: chunked", "content-length: 3"), b"0\r\n\r\n", 400),
        (("transfer-encoding: gzip, chunked",), b"0\r\n\r\n", 400),
        (("transfer-encoding: chunked",), b"xyz\r\n", 400),
        (("transfer-encoding: chunked",), b"-1\r\n", 400),
        (("transfer-encoding: chunked",), b"3\r\nabcde\r\n", 400),
        (("transfer-encoding: chunked",), b"0\r\n" + b"a: b\r\n" * 100, 400),
        (("transfer-encoding: chunked",), b"FFFFFFF\r\n", 413),
        (("content-length: 600000",), b"", 413),
    ],
)
def test_bodies_that_are_none_are_refused_and_the_connection_ends(wire, lines, body, status):
    wire.sendall(head(*lines) + body)
    assert answer_of(wire)[0] == status
    assert wire.recv(10) == b""


@pytest.mark.parametrize("kind", ["Kerberos", "CredSSP", "Digest", "Negotiate", "NTLM"])
def test_a_way_in_that_is_not_offered_hears_which_ones_are(server, kind):
    where = f"https://127.0.0.1:{server.port}/wsman"
    sign_in = {"Authorization": f"{kind} YIIFlgYGKwYBBQUCoIIFijCCBYagDTAL"}
    answer = requests.post(where, b"", headers=sign_in, verify=str(server.ca_file), timeout=5)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Negotiate, Basic realm="WSMAN"'


CHANGES = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=6)


@given(st.sampled_from(("negotiate", "ntlm")), CHANGES, CHANGES)
@example("ntlm", [], [(25, 1)])  # no answer to the challenge at all
@settings(deadline=None, max_examples=60)
def test_mangled_tokens_sign_nobody_in_and_raise_nothing(protocol, changes, more):
    accounts = Accounts(WHO)
    way = {"negotiate": spnego.NegotiateOptions.use_negotiate, "ntlm": spnego.NegotiateOptions.use_ntlm}[protocol]
    client = spnego.client(WHO.user, "another", hostname="localhost", protocol=protocol, options=way)
    try:
        right = client.step() or b""
        Ntlm(accounts).step(header(mangled(right, changes)))
        node = Ntlm(accounts)
        second = client.step(base64.b64decode((node.step(header(right)) or "").encode())) or b""
        node.step(header(mangled(second, more)))
        assert not node.signed_in
    finally:
        accounts.close()


def header(token: bytes) -> str:
    return "Negotiate " + base64.b64encode(token).decode()


def mangled(token: bytes, changes: list[tuple[int, int]]) -> bytes:
    told = bytearray(token)
    for place, value in changes:
        told[place % len(told)] = value
    return bytes(told)


@pytest.mark.parametrize("kind", ["Kerberos", "CredSSP"])
def test_bodies_sealed_in_another_way_are_no_messages(server, kind):
    sealed = f'multipart/encrypted;protocol="application/HTTP-{kind}-session-encrypted";boundary="Encrypted Boundary"'
    answer = Client(server).post(b"--Encrypted Boundary\r\n\x10\0\0\0", **{"content-type": sealed})
    assert answer.status_code == 400
    assert server.shells.open_count == 0


# The demo's own programs.


def test_the_resident_powershell_ends_with_its_input(resources):
    scripts = load_scripts(resources / "scripts")
    site = DemoSite(resources / "demo", scripts)
    node = next(one for one in site.nodes if one.state is not None)
    with SimulatorServer(site.backend(node), WHO, https=True) as server:
        client = Client(server)
        client.create()
        words = "".join(f"<Arguments>{one}</Arguments>" for one in arguments(scripts["resident"]))
        body = f"<CommandLine><Command>{PROGRAM}</Command>{words}</CommandLine>"
        command = text(client.ask(f"{soap.SHELL}/Command", body), "CommandId")
        client.send(
            command, base64.b64encode(b'{"m":"M","id":"1","script":"none","parameters":{}}') + b"\n", "End='true'"
        )
        answer = client.receive(command)
        assert b"M 1 problem " in streams(answer)["stdout"]
        while state(answer) != "Done":
            answer = client.receive(command)
        assert text(answer, "ExitCode") == "0"
        assert fault(client.send(command, b"more\n", status=500)) == str(0x80070000 | 232)
        client.ask(f"{TRANSFER}/Delete")
