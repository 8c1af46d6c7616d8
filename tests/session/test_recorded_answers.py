"""Answers as nodes of other versions, languages and habits write them: what they say is understood all the same."""

from __future__ import annotations

import base64
import re
import time

import pytest
from echo_backend import EchoBackend
from test_winrm_session import ask, resident
from twisting_node import TwistingNode, http

from checks.errors import ToolError
from checks.node import Credentials
from checks.session import resident as resident_lines
from checks.session.protocol import NO_CODE, NodeProtocol, read_output
from checks.session.resident import Parser
from checks.session.winrm import WinRmSession
from checks.simulator import soap

WHO = Credentials("admin", "s3cret-Pa55")
CLIXML = (
    '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
    '<Obj S="progress" RefId="0"><TN RefId="0"><T>System.Management.Automation.PSCustomObject</T></TN><MS>'
    '<I64 N="SourceId">1</I64><PR N="Record"><AV>모듈을 처음으로 사용할 준비를 하는 중입니다.</AV><AI>0</AI></PR></MS></Obj></Objs>'
).encode()
BANNER = "프로필을 불러왔습니다.\r\nWelcome, admin\r\n".encode()
STREAM = re.compile(rb'<rsp:Stream Name="stdout"[^>]*>([^<]*)</rsp:Stream>')
RELATES = re.compile(rb"<a:RelatesTo>[^<]*</a:RelatesTo>")
COMMAND = re.compile(rb'CommandId="([^"]*)"')


@pytest.fixture
def backend() -> EchoBackend:
    return EchoBackend(resident(set()))


def stream(name: str, data: bytes, more: str = "") -> str:
    return f"<q:Stream {more} Name='{name}'>\n  {base64.encodebytes(data).decode()}\n</q:Stream>"


def written(body: str, declaration: str = "") -> str:
    return (
        f'{declaration}<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"'
        f' xmlns:q="{soap.SHELL}" xml:lang="ko-KR"><SOAP-ENV:Header/><SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>'
    )


def retold(tell):
    """A Receive's answer written anew by `tell(stdout, command)`."""

    def twist(action, right, wire):
        found = STREAM.search(right)
        if found is None:
            return wire.sendall(right)
        command = COMMAND.search(right)
        assert command is not None
        body = tell(base64.b64decode(found[1]), command[1].decode())
        return wire.sendall(http(body if isinstance(body, bytes) else body.encode()))

    return twist


def in_pieces(stdout: bytes, command: str) -> str:
    """Byte by byte, each in a stream of its own, with the other stream's in between."""
    pieces = [
        stream("stdout", stdout[at : at + 1]) + stream("stderr", CLIXML[at : at + 1]) for at in range(len(stdout))
    ]
    return written(f"<q:ReceiveResponse>{''.join(pieces)}</q:ReceiveResponse>")


def running(*streams: str) -> str:
    return written(
        f"<q:ReceiveResponse>{''.join(streams)}<q:CommandState State='{soap.SHELL}/CommandState/Running'/></q:ReceiveResponse>"
    )


def of_another_command(stdout: bytes, command: str) -> str:
    other = "CommandId='00000000-0000-0000-0000-000000000000'"
    done = f"<q:CommandState {other} State='{soap.SHELL}/CommandState/Done'><q:ExitCode>1</q:ExitCode></q:CommandState>"
    return running(stream("stdout", b"lost", other), done, stream("stdout", stdout, f"CommandId='{command.lower()}'"))


TELLINGS = {
    "in-pieces": in_pieces,
    "of-another-command": of_another_command,
    "a-banner-before": lambda stdout, _: running(stream("stdout", BANNER + stdout)),
    "a-prompt-before": lambda stdout, _: running(stream("stdout", b"\x1b[?1h\x1b=PS C:\\> " + stdout)),
    "a-byte-order-mark": lambda stdout, _: running(stream("stdout", b"\xef\xbb\xbf" + stdout)),
    "carriage-returns": lambda stdout, _: running(stream("stdout", stdout.replace(b"\n", b"\r\r\n"))),
    "empty-lines": lambda stdout, _: running(stream("stdout", stdout.replace(b"\n", b"\n\r\n \r\n"))),
    "bytes-that-are-no-text": lambda stdout, _: running(stream("stdout", b"\xff\xfe\x80\n\xbe\xc8\n" + stdout)),
    "progress-on-stderr": lambda stdout, _: running(stream("stderr", CLIXML), stream("stdout", stdout)),
    "progress-in-half": lambda stdout, _: running(stream("stderr", CLIXML[:301]), stream("stdout", stdout)),
    "empty-streams": lambda stdout, _: running("<q:Stream Name='stdout'/>", stream("stdout", b""), stream("stdout", stdout)),
    "ended-streams": lambda stdout, _: running(stream("stdout", stdout), "<q:Stream Name='stderr' End='true'/>"),
    "streams-without-a-name": lambda stdout, _: running("<q:Stream>YQ==</q:Stream>", stream("stdout", stdout)),
    "capital-names": lambda stdout, _: running(stream("STDOUT", stdout)),
    "a-state-without-words": lambda stdout, _: running("<q:CommandState/>", stream("stdout", stdout)),
    "a-declaration": lambda stdout, _: written(stream("stdout", stdout), '<?xml version="1.0" encoding="UTF-8"?>'),
    "comments": lambda stdout, _: written(f"<!-- one -->{stream('stdout', stdout)}<!-- two -->"),
    "another-way-of-relating": lambda stdout, _: written("<w:RelatesTo xmlns:w='x'>none</w:RelatesTo>" + stream("stdout", stdout)),
    "utf-16": lambda stdout, _: written(stream("stdout", stdout), '<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("name", TELLINGS)
def test_what_is_said_in_another_way_is_understood(backend, scripts, name):
    with TwistingNode(backend, retold(TELLINGS[name]), ("Receive",)) as twisted:
        session = WinRmSession(twisted.node, WHO, scripts)
        for _ in range(2):
            assert [reply.id for reply in ask(session, "a", "b", deadline_s=5)] == ["a", "b"]
        session.close()
        assert twisted.shells.open_count == 0


def test_a_program_that_ended_without_a_code_has_said_what_it_said(backend, scripts):
    def ended(stdout, _):
        done = f"<q:CommandState State='{soap.SHELL}/CommandState/Done'/>"
        return written(f"<q:ReceiveResponse>{stream('stdout', stdout)}{done}</q:ReceiveResponse>")

    with TwistingNode(backend, retold(ended), ("Receive",)) as twisted:
        session = WinRmSession(twisted.node, WHO, scripts)
        assert [reply.id for reply in ask(session, "a", deadline_s=5)] == ["a"]
        assert not session.is_warm
        session.close()


@pytest.mark.parametrize("code", ["", "<q:ExitCode/>", "<q:ExitCode>soon</q:ExitCode>"])
def test_an_exit_code_that_is_none(code):
    state = f"<q:CommandState State='{soap.SHELL}/CommandState/Done'>{code}</q:CommandState>"
    assert read_output(written(state).encode(), "x") == (b"", b"", NO_CODE, True)
    state = state.replace(code or "</q:C", f"<q:ExitCode>4294967295</q:ExitCode>{'' if code else '</q:C'}")
    assert read_output(written(state).encode(), "x") == (b"", b"", 4294967295, True)


def fault(subcode: str, number: str = "") -> bytes:
    """A fault with prefixes of its own, in Korean, with a number or without."""
    place = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
    detail = f"<SOAP-ENV:Detail><z:WSManFault xmlns:z='{place}' Code='{number}'/></SOAP-ENV:Detail>" if number else ""
    return written(
        "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Receiver</SOAP-ENV:Value><SOAP-ENV:Subcode>"
        f"<SOAP-ENV:Value>{subcode}</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code><SOAP-ENV:Reason>"
        f"<SOAP-ENV:Text xml:lang='ko-KR'>요청을 처리할 수 없습니다.</SOAP-ENV:Text></SOAP-ENV:Reason>{detail}</SOAP-ENV:Fault>"
    ).encode()


@pytest.mark.parametrize("status", ["500 Fault", "200 OK", "400 Bad Request"])
@pytest.mark.parametrize(
    ("subcode", "number", "code"),
    [
        ("w:AccessDenied", "5", "access-denied"),
        ("x:AccessDenied", "", "access-denied"),
        ("InvalidSelectors", "", "shell-gone"),
        ("n1:QuotaLimit", "", "too-many-shells"),
        ("n1:QuotaLimit", "2150859174", "too-many-operations"),
        ("n1:Something", "", "wsman-fault"),
        ("n1:Something", "2150858770", "wsman-fault"),
    ],
)
def test_a_fault_is_known_by_its_number_or_its_name(backend, scripts, status, subcode, number, code):
    def twist(action, right, wire):
        wire.sendall(http(fault(subcode, number), status))

    with TwistingNode(backend, twist, ("Command",)) as twisted:
        session = WinRmSession(twisted.node, WHO, scripts)
        with pytest.raises(ToolError) as told:
            ask(session, "a", deadline_s=5)
        session.close()
    assert told.value.code == code
    assert "요청을 처리할 수 없습니다." in told.value.detail
    if code == "wsman-fault":
        assert told.value.fields["fault"] == (number or "Something")


def test_a_fault_of_soap_alone_is_named(backend, scripts):
    """As Windows answers a header that it must understand and does not: neither subcode nor number."""
    words = soap.fault(0, "The WS-Management service cannot process a SOAP header.")
    with TwistingNode(backend, lambda action, right, wire: wire.sendall(http(words, "500 F")), ("Create",)) as twisted:
        session = WinRmSession(twisted.node, WHO, scripts)
        with pytest.raises(ToolError) as told:
            ask(session, "a", deadline_s=5)
        session.close()
    assert (told.value.code, told.value.fields["fault"]) == ("wsman-fault", "MustUnderstand")


def test_what_an_answer_says_it_relates_to_does_not_matter(backend, scripts):
    """A gateway may write ids of its own. Which answer is whose the shell's ids tell, and each line of the resident."""

    def twist(action, right, wire):
        other = RELATES.sub(b"<a:RelatesTo>uuid:5D1C6A53-7D2E-4C0B-9D25-0A4B6E1D3F10</a:RelatesTo>", right)
        wire.sendall(http(other.partition(b"\r\n\r\n")[2]))

    with TwistingNode(backend, twist, ("Create", "Command", "Send", "Receive")) as twisted:
        session = WinRmSession(twisted.node, WHO, scripts)
        assert len(ask(session, "a", "b", deadline_s=5)) == 2
        session.close()


@pytest.mark.parametrize("status", ["500 Fault", "200 OK"])
def test_a_fault_in_wide_characters_is_read(backend, scripts, status):
    wide = ('<?xml version="1.0" encoding="UTF-16"?>' + fault("w:AccessDenied", "5").decode()).encode("utf-16")
    with TwistingNode(backend, lambda action, right, wire: wire.sendall(http(wide, status)), ("Create",)) as twisted:
        session = WinRmSession(twisted.node, WHO, scripts)
        with pytest.raises(ToolError) as told:
            ask(session, "a", deadline_s=5)
        session.close()
    assert told.value.code == "access-denied"
    assert "요청을 처리할 수 없습니다." in told.value.detail


# Ids.


def answer(*elements: str) -> bytes:
    return written("".join(elements)).encode()


SELECTOR = "<w:Selector xmlns:w='http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd' Name='ShellId'>{}</w:Selector>"


@pytest.mark.parametrize(
    ("elements", "shell"),
    [
        ((SELECTOR.format("A"), "<q:Shell><q:ShellId>A</q:ShellId></q:Shell>"), "A"),
        (("<q:Shell><q:ShellId> B </q:ShellId></q:Shell>",), "B"),
        ((SELECTOR.format(" "), "<q:Shell><q:ShellId>C</q:ShellId></q:Shell>"), "C"),
    ],
)
def test_a_shell_is_known_by_its_selector_or_by_itself(monkeypatch, elements, shell):
    protocol = NodeProtocol("http://node/wsman", username="u", password="p", proxy=None)
    monkeypatch.setattr(protocol, "transport", Heard(answer(*elements)))
    assert protocol.open_shell(codepage=65001) == shell


class Heard:
    """A transport that hears one answer."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def send_message(self, message: bytes) -> bytes:
        return self._answer


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_answer_without_an_id_is_none(monkeypatch, text):
    protocol = NodeProtocol("http://node/wsman", username="u", password="p", proxy=None)
    monkeypatch.setattr(
        protocol, "transport", Heard(answer(SELECTOR.format(text), f"<q:CommandId>{text}</q:CommandId>"))
    )
    with pytest.raises(ValueError, match="without an id"):
        protocol.open_shell(codepage=65001)
    with pytest.raises(ValueError, match="without an id"):
        protocol.run_command("A", "x", ())


def test_very_many_streams_take_no_longer_for_each():
    began = time.process_time()
    stdout, _, _, _ = read_output(answer("<q:Stream Name='stdout'>YWFhYWFh</q:Stream>" * 100_000), "x")
    assert stdout == b"a" * 600_000
    assert time.process_time() - began < 2


@pytest.mark.parametrize("number", ["", "2150858793"])
@pytest.mark.parametrize("status", ["500 Fault", "200 OK"])
def test_nothing_yet_is_asked_again(backend, scripts, status, number):
    seen: list[bytes] = []

    def twist(action, right, wire):
        """The first answer is held back; what it says comes with the second."""
        seen.append(right)
        backend.programs[-1].say(b"one more line\r\n")  # so that the next Receive has something to wait for
        held = RELATES.sub(RELATES.search(right)[0], seen[0].partition(b"\r\n\r\n")[2])
        wire.sendall(http(fault("q9:TimedOut", number), status) if len(seen) == 1 else http(held))

    with TwistingNode(backend, twist, ("Receive",)) as twisted:
        session = WinRmSession(twisted.node, WHO, scripts)
        assert [reply.id for reply in ask(session, "a", deadline_s=2)] == ["a"]
        session.close()
    assert len(seen) == 2


def test_what_stands_before_an_answer_is_kept_as_noise():
    parser = Parser("0123abcd")
    text = base64.b64encode(b'{"a": 1}')
    line = b"0123abcd a result " + text
    told = parser.feed(b"PS C:\\> " + line + b"\r\n\xef\xbb\xbf" + line + b"\n0123abcd 0123abcd b done " + text + b"\n")
    assert [(one.id, one.kind, one.document) for one in told] == [("a", "result", {"a": 1})] * 2
    assert "PS C:\\>" in parser.noise
    assert "b done" in parser.noise


def test_an_answer_that_came_before_is_read_again_only_for_who_asks(monkeypatch):
    parser, reads = Parser("m"), []
    whole = resident_lines._read
    monkeypatch.setattr(resident_lines, "_read", lambda word: reads.append(base64.b64decode(word)) or whole(word))

    def said(document: bytes):
        (told,) = parser.feed(b"m a result " + base64.b64encode(document) + b"\n")
        return told

    first, again, other = said(b'{"a": 1}'), said(b'{"a": 1}'), said(b'{"a": 2}')
    assert reads == [b'{"a": 1}', b'{"a": 2}']
    assert [one.document for one in (first, again, other, again)] == [{"a": 1}, {"a": 1}, {"a": 2}, {"a": 1}]
    assert len(reads) == 3
    assert first.digest == again.digest != other.digest
    assert [list(parser.feed(b"m a result W10=\n")) for _ in range(2)] == [[], []]


@pytest.mark.parametrize(
    ("text", "document"),
    [
        (b'{"a": "\\ud800"}', {"a": "\ud800"}),
        (b'{"a": 1e400}', {"a": float("inf")}),
        (b'{"a": 18446744073709551616}', {"a": 2**64}),
        ('{"a": "가"}'.encode(), {"a": "가"}),
    ],
)
def test_numbers_and_characters_that_json_does_not_know_are_read(text, document):
    (told,) = Parser("m").feed(b"m a result " + base64.b64encode(text) + b"\n")
    assert told.document == document


@pytest.mark.parametrize(
    "line",
    [
        b"other a done e30=",
        b"m a done",
        b"m a done e30= more",
        b"m  a done e30=",
        b"m a ended e30=",
        b"m a done e30",
        b"m a done W10=",
    ],
)
def test_what_is_nearly_an_answer_is_noise(line):
    parser = Parser("m")
    assert list(parser.feed(line + b"\n")) == []
    assert parser.noise == line.decode() + "\n"
