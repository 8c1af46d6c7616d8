"""What clients of other kinds ask besides running commands: who the node is, and what shells it has."""

from __future__ import annotations

import base64
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
import requests
from test_other_clients import ID, TRANSFER, WHO, Backend, Client, fault, message, named, streams, text

from checks.simulator import soap
from checks.simulator.server import SimulatorServer

ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
IDENTIFY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">'
    "<s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>"
)


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(Backend(), WHO, https=True) as server:
        yield server


@pytest.fixture
def client(server: SimulatorServer) -> Iterator[Client]:
    client = Client(server)
    client.create()
    yield client
    client.ask(f"{TRANSFER}/Delete")
    assert server.shells.open_count == 0


def plain(server: SimulatorServer, method: str, body: str = "", path: str = "/wsman", **head: str) -> requests.Response:
    where = f"https://127.0.0.1:{server.port}{path}"
    return requests.request(method, where, data=body, headers=head, verify=str(server.ca_file), timeout=5)


# Who the node is.


def test_identify_without_a_name_tells_no_version(server):
    answer = plain(server, "POST", IDENTIFY, WSMANIDENTIFY="unauthenticated")
    root = ET.fromstring(answer.content)
    assert answer.status_code == 200
    assert text(root, "ProductVendor") == "Microsoft Corporation"
    assert text(root, "ProductVersion") == "OS: 0.0.0 SP: 0.0 Stack: 3.0"
    assert not named(root, "SecurityProfiles")


def test_identify_after_signing_in_tells_the_version_and_the_ways_in(server):
    root = ET.fromstring(Client(server).post(IDENTIFY.encode()).content)
    assert text(root, "ProductVersion").startswith("OS: 10.0.")
    ways = [(one.text or "").rpartition("secprofile/")[2] for one in named(root, "SecurityProfileName")]
    assert ways == ["https/basic", "https/spnego-kerberos"]


def test_nothing_else_is_answered_without_a_name(server):
    for body in (message(f"{TRANSFER}/Create"), "no message", ""):
        assert plain(server, "POST", body, WSMANIDENTIFY="unauthenticated").status_code == 401
    assert plain(server, "POST", IDENTIFY).status_code == 401
    assert server.shells.open_count == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_no_other_method_is_taken_and_nothing_is_elsewhere(server, method):
    here, elsewhere = plain(server, method, "x"), plain(server, method, "x", "/")
    assert (here.status_code, here.headers["Allow"], here.content) == (405, "POST", b"")
    assert elsewhere.status_code == 404


# Which shells it has.


def test_a_shell_tells_about_itself(server):
    client = Client(server)
    made = client.ask(f"{TRANSFER}/Create", "<Shell><IdleTimeOut>PT30S</IdleTimeOut></Shell>")
    client.shell = text(made, "ShellId")
    for root in (made, client.ask(f"{TRANSFER}/Get")):
        assert text(root, "ShellId") == client.shell
        assert text(root, "Owner") == WHO.user
        assert text(root, "IdleTimeOut") == "PT30.000S"
        assert text(root, "InputStreams") == "stdin"
        assert text(root, "ShellRunTime") == "P0DT0H0M0S"
    client.ask(f"{TRANSFER}/Delete")
    assert fault(client.ask(f"{TRANSFER}/Get", status=500)) == "2150858843"
    assert fault(client.ask(f"{TRANSFER}/Delete", status=500)) == "2150858843"


def listed(root: ET.Element) -> list[str]:
    return [one.text or "" for one in named(root, "ShellId")]


def test_shells_are_listed_step_by_step(server):
    clients = [Client(server) for _ in range(3)]
    shells = [one.create() for one in clients]
    first = Client(server)
    began = first.ask(f"{ENUMERATION}/Enumerate", "<Enumerate/>")
    assert listed(began) == []
    seen: list[str] = []
    context = text(began, "EnumerationContext")
    for left in (True, False):
        body = f"<Pull><EnumerationContext>{context}</EnumerationContext><MaxElements>2</MaxElements></Pull>"
        root = first.ask(f"{ENUMERATION}/Pull", body)
        seen += listed(root)
        assert bool(named(root, "EndOfSequence")) is not left
        context = text(root, "EnumerationContext")
    assert seen == shells
    assert fault(first.ask(f"{ENUMERATION}/Pull", body, status=500)) == "2150858779"
    for one in clients:
        one.ask(f"{TRANSFER}/Delete")


def test_shells_are_listed_at_once_where_that_is_asked(client):
    body = "<Enumerate><OptimizeEnumeration/><MaxElements>32000</MaxElements></Enumerate>"
    root = client.ask(f"{ENUMERATION}/Enumerate", body)
    assert listed(root) == [client.shell]
    assert named(root, "EndOfSequence")


def test_a_list_that_nobody_wants_is_let_go(client):
    context = text(client.ask(f"{ENUMERATION}/Enumerate", "<Enumerate/>"), "EnumerationContext")
    body = f"<Release><EnumerationContext>{context}</EnumerationContext></Release>"
    client.ask(f"{ENUMERATION}/Release", body)
    assert fault(client.ask(f"{ENUMERATION}/Release", body, status=500)) == "2150858779"
    for _ in range(40):
        client.ask(f"{ENUMERATION}/Enumerate", "<Enumerate/>")
    assert len(client.server.shells._listing._left) <= 32


# What a message must not say, and what it may.


def test_a_header_that_must_be_understood_and_is_not(client):
    more = "<z:Later xmlns:z='urn:z' env:mustUnderstand='{}'>1</z:Later>"
    body = "<CommandLine><Command>x</Command></CommandLine>"
    answer = client.ask(f"{soap.SHELL}/Command", body, more=more.format("true"), status=500)
    assert [one.text for one in named(answer, "Value")] == ["s:MustUnderstand"]
    assert text(answer, "RelatesTo").endswith(ID)
    client.ask(f"{soap.SHELL}/Command", body, more=more.format("false"))


def test_no_language_is_promised(client):
    more = "<m:Locale xml:lang='ko-KR' env:mustUnderstand='{}'/>"
    assert fault(client.ask(f"{TRANSFER}/Get", more=more.format("1"), status=500)) == "2150858887"
    client.ask(f"{TRANSFER}/Get", more=more.format("false"))


def test_signals_that_are_none(client):
    command = client.command("powershell")
    for attributes, code in (("", "terminate"), (f"CommandId='{command}'", "applause"), (f"CommandId='{command}'", "")):
        body = f"<Signal {attributes}><Code>{soap.SHELL}/signal/{code}</Code></Signal>"
        assert fault(client.ask(f"{soap.SHELL}/Signal", body, status=500)) == "87"
    client.send(command, b"still there\n")
    assert streams(client.receive(command)) == {"stdout": b"still there\r\n"}
    client.signal(command, "Terminate")  # [MS-WSMV] writes it both ways
    assert fault(client.receive(command, status=500)) == "2150858843"


def test_a_receive_that_waits_when_its_shell_ends_is_aborted(server):
    client = Client(server)
    client.create()
    command = client.command("powershell")
    told: list[ET.Element] = []
    other = Client(server)
    other.shell = client.shell
    waiting = threading.Thread(target=lambda: told.append(other.receive(command, status=500)))
    waiting.start()
    while client.server.wire.actions[-1] != "Receive":
        time.sleep(0.01)
    client.ask(f"{TRANSFER}/Delete")
    waiting.join(5)
    assert fault(told[0]) == "995"


WINDOWS = """\
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd">
<s:Header><a:To>http://win-03.example.com:5985/wsman</a:To>
<w:ResourceURI s:mustUnderstand="true">http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd</w:ResourceURI>
<a:ReplyTo><a:Address s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>
<a:Action s:mustUnderstand="true">{action}</a:Action>
<w:MaxEnvelopeSize s:mustUnderstand="true">153600</w:MaxEnvelopeSize>
<a:MessageID>uuid:C0A1F1D6-6A1B-4560-8442-64E4D7A26EB5</a:MessageID>
<w:Locale xml:lang="ko-KR" s:mustUnderstand="false" /><p:DataLocale xml:lang="ko-KR" s:mustUnderstand="false" />
<p:SessionId s:mustUnderstand="false">uuid:B63BCB81-D8D9-4F6D-9B31-5F1C1D1A1B1C</p:SessionId>
<p:OperationID s:mustUnderstand="false">uuid:5A2CA56C-7F3F-4B71-95DC-854EA3AB8FA1</p:OperationID>
<p:SequenceId s:mustUnderstand="false">1</p:SequenceId>
<w:SelectorSet xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">
<Selector Name="ShellID">{shell}</Selector></w:SelectorSet>
<w:OptionSet xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" s:mustUnderstand="true">
<w:Option Name="WINRS_NOPROFILE">TRUE</w:Option><w:Option Name="WINRS_CODEPAGE">65001</w:Option>
<w:Option Name="WINRS_CONSOLEMODE_STDIN">TRUE</w:Option><w:Option Name="WINRS_SKIP_CMD_SHELL">FALSE</w:Option>
</w:OptionSet><w:OperationTimeout>PT60.000S</w:OperationTimeout></s:Header><s:Body>{body}</s:Body></s:Envelope>"""
"""As Windows' own winrs writes its messages ([MS-WSMV] 4.7), each header as it writes it."""


def test_windows_own_client(server):
    client = Client(server)

    def ask(action: str, body: str = "", status: int = 200) -> ET.Element:
        place = TRANSFER if action in ("Create", "Delete") else soap.SHELL
        words = WINDOWS.format(action=f"{place}/{action}", shell=client.shell, body=body)
        answer = client.post(words.encode(), **{"content-type": "application/soap+xml;charset=UTF-8"})
        assert answer.status_code == status, answer.text
        return ET.fromstring(answer.content)

    rsp = f'xmlns:rsp="{soap.SHELL}"'
    body = f"<rsp:Shell {rsp}><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
    client.shell = text(ask("Create", body), "ShellId")
    words = "<rsp:Command>powershell</rsp:Command><rsp:Arguments>-x</rsp:Arguments><rsp:Arguments>&quot;a b&quot;</rsp:Arguments>"
    command = text(ask("Command", f"<rsp:CommandLine {rsp}>{words}</rsp:CommandLine>"), "CommandId")
    data = base64.b64encode("가나다\n".encode()).decode()
    ask("Send", f"<rsp:Send {rsp}><rsp:Stream Name='stdin' CommandId='{command}'>{data}</rsp:Stream></rsp:Send>")
    wanted = f"<rsp:Receive {rsp} SequenceId='0'><rsp:DesiredStream CommandId='{command}'>stdout stderr</rsp:DesiredStream></rsp:Receive>"
    assert streams(ask("Receive", wanted)) == {"stdout": "가나다\r\n".encode()}
    code = f"<rsp:Signal {rsp} CommandId='{command}'><rsp:Code>{soap.SHELL}/signal/terminate</rsp:Code></rsp:Signal>"
    ask("Signal", code)
    ask("Delete")
    assert fault(ask("Delete", status=500)) == "2150858843"
