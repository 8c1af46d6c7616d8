"""The demo's back end: which command lines it starts, and the line protocol it speaks."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

import checks.simulator.demo
from checks.probe import PROBES, ExtraPaths, decode
from checks.session import Request, Script
from checks.session.resident import PROGRAM, Parser, arguments, encode
from checks.simulator.demo import DemoBackend, DemoSite
from checks.simulator.demo_load import load_demo_node

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
MARK = "MARK-1"


@pytest.fixture
def backend(scripts) -> DemoBackend:
    return DemoBackend(load_demo_node(DEMO / "worker-01.yaml"), scripts)


@pytest.fixture
def resident(backend, scripts):
    program = backend.start(" ".join((PROGRAM, *arguments(scripts["resident"]))))
    yield program
    program.close()


def powershell(text: str) -> str:
    return "powershell -encodedcommand " + base64.b64encode(text.encode("utf-16-le")).decode()


def talk(program, data: bytes):
    parser = Parser(MARK)
    program.write(data)
    replies = []
    while (
        not replies
        or replies[-1].kind != "done"
        or len([one for one in replies if one.kind == "done"]) < (data.count(b"\n"))
    ):
        output = program.read(1)
        assert output.exit_code is None
        replies += parser.feed(output.stdout)
    assert parser.noise == ""
    return replies


def test_probes_are_answered_in_order(resident, scripts):
    requests = [
        Request(f"r{number}", scripts[one.script], one.parameters(ExtraPaths()))
        for number, one in enumerate(PROBES.values())
    ]
    lines = [encode(MARK, one, frozenset(), more=one is not requests[-1]) for one in requests]
    replies = talk(resident, b"".join(lines))
    expected = [(request.id, kind) for request in requests for kind in ("started", "result", "done")]
    assert [(reply.id, reply.kind) for reply in replies] == expected
    system = decode("system", replies[1].document)
    assert system.host_name == "worker-01"


@pytest.mark.parametrize("field", ["kubectl", "node_kubeconfig"])
def test_a_named_place_is_the_only_one(resident, scripts, field):
    probe = PROBES["cluster"]
    more = ExtraPaths(**{field: ("C:\\nowhere\\it",)})
    asked = encode(MARK, Request("r", scripts[probe.script], probe.parameters(more)), frozenset())
    facts = decode("cluster", talk(resident, asked)[1].document)
    assert facts.node.message == "C:\\nowhere\\it is not there"


def test_the_text_travels_once_in_a_session(backend, resident, scripts):
    script = scripts["Get-SystemFact"]
    known = frozenset({script.sha256})
    unknown = talk(resident, encode(MARK, Request("a", script), known))
    assert [reply.kind for reply in unknown] == ["started", "problem", "done"]
    assert unknown[1].document["code"] == "unknown-script"
    assert talk(resident, encode(MARK, Request("b", script), frozenset()))[1].kind == "result"
    assert talk(resident, encode(MARK, Request("c", script), known))[1].kind == "result"


def test_a_script_that_is_not_shipped_is_a_problem(resident):
    replies = talk(resident, encode(MARK, Request("a", Script("Get-Other", "'x'")), frozenset()))
    assert [reply.kind for reply in replies] == ["started", "problem", "done"]


def test_replies_are_held_back_and_come_together(backend, scripts):
    program = backend.start(" ".join((PROGRAM, *arguments(scripts["resident"]))))
    script = scripts["Get-SystemFact"]
    first = encode(MARK, Request("a", script), frozenset(), 5000, more=True)
    program.write(first + encode(MARK, Request("b", script), frozenset({script.sha256}), 5000))
    kinds = [reply.kind for reply in Parser(MARK).feed(program.read(1).stdout)]
    assert kinds == ["started", "result", "done"] * 2


def test_what_was_asked_is_done_before_anybody_listens(backend, resident, scripts, monkeypatch):
    done: list[str] = []
    real = checks.simulator.demo.run_script
    monkeypatch.setattr(
        checks.simulator.demo, "run_script", lambda state, name, words: done.append(name) or real(state, name, words)
    )
    script = scripts["Get-SystemFact"]
    resident.write(encode(MARK, Request("a", script), frozenset()))
    assert done == []
    resident.work()
    assert done == [script.name]
    assert [one.kind for one in Parser(MARK).feed(resident.read(0).stdout)] == ["started", "result", "done"]
    resident.close()
    resident.work()
    assert done == [script.name]


def test_a_slow_node_says_first_that_it_started(scripts):
    slow = DemoBackend(load_demo_node(DEMO / "worker-01.yaml"), scripts, latency_ms=60)
    program = slow.start(" ".join((PROGRAM, *arguments(scripts["resident"]))))
    program.write(encode(MARK, Request("a", scripts["Get-SystemFact"]), frozenset()))
    parser = Parser(MARK)
    assert [reply.kind for reply in parser.feed(program.read(5).stdout)] == ["started"]
    assert program.read(0).stdout == b""
    replies = parser.feed(program.read(5).stdout)
    assert [reply.kind for reply in replies] == ["result", "done"]
    assert replies[1].document["ms"] >= 60


def test_a_network_that_is_made_with_a_blip_ends_the_program(backend, resident):
    backend.state.cuts += 1
    assert resident.read(1).exit_code
    with pytest.raises(OSError, match="ended"):
        resident.write(b"x\n")


def test_a_closed_program_has_ended(resident):
    resident.close()
    assert resident.read(1).exit_code
    with pytest.raises(OSError, match="ended"):
        resident.write(b"x\n")


def test_the_literal_of_a_benchmark_is_answered(backend):
    output = backend.start(powershell("1")).read(1)
    assert (output.stdout, output.stderr, output.exit_code) == (b"1\r\n", b"", 0)


@pytest.mark.parametrize(
    "line", ["dir", "cmd /c del x", powershell("Get-Process"), "powershell -encodedcommand AAA", powershell("1; 2")]
)
def test_any_other_program_is_refused(backend, line: str):
    program = backend.start(line)
    with pytest.raises(OSError, match="ended"):
        program.write(b"x")
    output = program.read(1)
    assert output.exit_code == 1
    assert b"only the scripts" in output.stderr


def test_a_site_knows_its_nodes(scripts):
    site = DemoSite(DEMO, scripts)
    by_name = {node.name: node for node in site.nodes}
    assert site.backend(by_name["edge-1"]).state is by_name["edge-1"].state
    with pytest.raises(ValueError, match="worker-04"):
        site.backend(by_name["worker-04"])
