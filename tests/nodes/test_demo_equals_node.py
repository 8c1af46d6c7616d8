"""The demo answers as a node does: every probe and every fix, on one node described twice, before and after.

The demo's description lies in `twins/`, the planted node's among the descriptions of the test machine, under one name.
"""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import twin_nodes
from node_backend import NodeBackend

from checks.facts import NodeFacts
from checks.fix import Inputs
from checks.fix_list import FIXES, steps_of
from checks.node import Node
from checks.probe import PROBES, ExtraPaths, Probe, decode
from checks.profile import detect
from checks.proxy import proxy_place
from checks.scan import LAYOUT, blank_facts
from checks.session import Request, Script
from checks.session.resident import PROGRAM, Parser, arguments, encode
from checks.simulator.backend import Backend
from checks.simulator.demo import DemoBackend
from checks.simulator.demo_load import load_demo_node

pytestmark = pytest.mark.node

HERE = Path(__file__).resolve().parent
TWINS = sorted(path.stem for path in (HERE / "twins").glob("*.yaml"))
MARK = "TWIN"
STARTS_PROGRAMS = ("cluster", "runtime", "proxy")
"""Probes that start programs of the node, which takes as long as all others together."""


class Threw(Exception):
    """The script ended with a problem instead of its document."""


class Resident:
    """A resident PowerShell on either back end, asked one script after the other."""

    def __init__(self, backend: Backend, scripts: Mapping[str, Script]) -> None:
        self.scripts = scripts
        self.program = backend.start(" ".join((PROGRAM, *arguments(scripts["resident"]))))
        self.parser = Parser(MARK)
        self.known: frozenset[str] = frozenset()
        self.numbers = itertools.count()

    def ask(self, script: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        request = Request(f"r{next(self.numbers)}", self.scripts[script], parameters)
        self.program.write(encode(MARK, request, self.known))
        self.known |= {request.script.sha256}
        kinds: list[str] = []
        document: dict[str, Any] = {}
        until = time.monotonic() + 120
        while "done" not in kinds:
            output = self.program.read(1)
            assert output.exit_code is None, f"PowerShell ended: {output.stderr!r} {self.parser.noise}"
            assert time.monotonic() < until, f"no answer of {script}: {self.parser.noise}"
            for reply in self.parser.feed(output.stdout):
                kinds.append(reply.kind)
                document = dict(reply.document) if reply.kind in ("result", "problem") else document
        assert self.parser.noise == ""
        assert kinds in (["started", "result", "done"], ["started", "problem", "done"])
        if "problem" in kinds:
            raise Threw(document["message"])
        return document


class Pair:
    """A planted node and its twin of the demo; both are asked the same, in the same way."""

    def __init__(self, winnode: Path, folder: Path, name: str, scripts: Mapping[str, Script]) -> None:
        self.scripts = scripts
        self.node = Resident(NodeBackend(winnode, folder), scripts)
        self.demo = Resident(DemoBackend(load_demo_node(HERE / "twins" / f"{name}.yaml"), scripts), scripts)

    def ask(self, script: str, **parameters: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the node says, and what the demo says."""
        return self.node.ask(script, parameters), self.demo.ask(script, parameters)

    def different_facts(self, paths: ExtraPaths | None = None, without: tuple[str, ...] = ()) -> list[str]:
        """Where the answers of the probes differ. The proxy is asked where `paths` tells that one is set."""
        found: list[str] = []
        paths = paths or ExtraPaths()
        left = without if paths.proxy else (*without, "proxy")
        for field, probe in ((field, one) for field, one in PROBES.items() if field not in left):
            told = self._differences(probe, paths)
            if told and field in STARTS_PROGRAMS:
                # On a busy computer Wine loses at times what a program said; what really differs differs again.
                told = self._differences(probe, paths)
            found += told
        return found

    def _differences(self, probe: Probe, paths: ExtraPaths) -> list[str]:
        answers = self.ask(probe.script, **probe.parameters(paths))
        node, demo = (twin_nodes.without_unanswerable(one, probe.script) for one in answers)
        return list(twin_nodes.differences(twin_nodes.normal(node), twin_nodes.normal(demo), probe.script))

    def facts(self) -> NodeFacts:
        """Facts that fixes are made from, as the node tells them; the demo's are held equal."""
        asked = {field: self.node.ask(PROBES[field].script, PROBES[field].parameters(ExtraPaths())) for field in LAYOUT}
        return replace(blank_facts("not asked"), **{field: decode(field, answer) for field, answer in asked.items()})

    def steps(self, fix: str, values: dict[str, str]) -> list[dict[str, Any]]:
        """Steps of a fix on this node; what is not told is proposed from its facts."""
        facts = self.facts()
        proposed = {one.name: one.default(facts) for one in FIXES[fix].parameters}
        texts = {name: script.text for name, script in self.scripts.items()}
        inputs = Inputs(Node("worker-03", "127.0.0.1"), facts, detect(facts), {**proposed, **values}, texts)
        return [dict(step) for step in steps_of(fix)(inputs)]

    def change(self, mode: str, expected: str, **more: Any) -> dict[str, Any]:
        """One call of Invoke-Change on both; the answers are held equal, hashes of the state included."""
        node, demo = self.ask("Invoke-Change", Mode=mode, ExpectedHash=expected, **more)
        assert list(twin_nodes.differences(twin_nodes.normal_change(node), twin_nodes.normal_change(demo), mode)) == []
        return node["change"]

    def finished(self, name: str, mode: str) -> dict[str, Any]:
        """What a detached change left, held equal."""
        node, demo = self.ask("Get-ChangeResult", Id=name, Mode=mode)
        assert list(twin_nodes.differences(twin_nodes.normal_change(node), twin_nodes.normal_change(demo), mode)) == []
        assert node["facts"]["state"] == "finished"
        return node["facts"]["result"]["change"]

    def close(self) -> None:
        self.node.program.close()
        self.demo.program.close()


@pytest.fixture
def pair(winnode: Path, planted: Any, fresh: Any, scripts: Mapping[str, Script]) -> Iterator[Any]:
    """`pair(name)`: both twins, to read; `pair(name, writes=True)`: on a node of its own."""
    made: list[Pair] = []

    def meet(name: str, *, writes: bool = False) -> Pair:
        made.append(Pair(winnode, fresh(name) if writes else planted(name), name, scripts))
        return made[-1]

    yield meet
    for one in made:
        one.close()


@pytest.mark.parametrize("name", TWINS)
def test_probes_answer_alike(pair: Any, name: str) -> None:
    assert pair(name).different_facts() == []


def test_probes_answer_alike_where_asked_for_more(pair: Any) -> None:
    more = ExtraPaths(
        subnet_env=("/run/flannel/subnet.env", "D:\\other\\subnet.env", "relative"),
        net_conf=("%SystemDrive%\\k\\net-conf.json", "C:\\k"),
        source_vip=("C:\\custom\\vip.json",),
        cni_folders=("C:\\k", "C:\\none"),
        kubeconfigs=("C:\\none",),
        containerd_configs=("C:\\k\\net-conf.json",),
        services=("w32time", "none", "Kubelet"),
    )
    both = pair("healthy-overlay")
    assert both.different_facts(more) == []
    for told in both.ask("Get-DaemonFact", Service=["Kubelet"]):
        names = [one["name"] for one in told["facts"]["processes"]]
        assert "nssm.exe" in names, names  # a typed service's process, whatever it is called


def test_less_is_asked_alike(pair: Any) -> None:
    """What a probe can spare is spared on both."""
    both = pair("healthy-overlay")
    for probe in (one for one in PROBES.values() if one.spares):
        spared = {name.partition(".")[2] for _, names in probe.spares for name in names}
        node, demo = both.ask(probe.script, **probe.asked_for(ExtraPaths(), ()))
        assert list(twin_nodes.differences(twin_nodes.normal(node), twin_nodes.normal(demo), probe.script)) == []
        assert {one["fact"] for one in node["problems"] if one["code"] == "not-asked"} == spared
        assert not spared & set(node["facts"])


PROXY = {
    "HTTPS_PROXY": "http://u:pa$(calc)ss@proxy.example.com:3128",
    "HTTP_PROXY": "http://proxy.example.com:3128/$(calc)';rm",
}
FLOWS = (
    ("stale-source-vip", "remove-stale-subnet-files", {}),
    ("flanneld-dead", "restart-flanneld", {}),
    ("flanneld-wrong-flags", "restart-flanneld", {}),
    ("behind-proxy", "set-proxy-variables", PROXY),
    ("healthy-overlay", "restart-flanneld", {}),
    ("rke2-healthy", "set-proxy-variables", PROXY),
    ("hostprocess-healthy", "set-proxy-variables", PROXY),
)


@pytest.mark.parametrize(("name", "fix", "values"), FLOWS, ids=[f"{name}-{fix}" for name, fix, _ in FLOWS])
def test_a_fix_does_alike_and_undoes_alike(pair: Any, name: str, fix: str, values: dict[str, str]) -> None:
    both = pair(name, writes=True)
    told = {"Id": "change-1", "Steps": both.steps(fix, values)}
    detach = {"Detach": FIXES[fix].can_cut_network, "BackMinutes": 10 if FIXES[fix].can_cut_network else 0}
    before = both.change("rehearse", "", **told)["state_hash"]
    # All of it was equal before (`test_probes_answer_alike`), and what those two ask of is no rehearsal's business.
    assert both.different_facts(without=STARTS_PROGRAMS) == []

    assert both.change("apply", "0" * 64, **told, **detach)["refused"] == "state-moved"
    done = both.change("apply", before, **told, **detach)
    if detach["Detach"]:
        assert done["detached"]
        done = both.finished("change-1", "apply")
    assert {step["state"] for step in done["steps"]} == {"done"}
    assert done["changed"]
    way = proxy_place(both.facts()) if fix == "set-proxy-variables" else ()
    assert bool(way) == (fix == "set-proxy-variables")
    assert both.different_facts(ExtraPaths(proxy=way)) == []

    assert both.change("apply", before, **told, **detach)["refused"] == "already-applied"
    assert both.change("keep", "", Id="change-1")["after_hash"] == done["after_hash"]
    back = both.change("undo", done["after_hash"], Id="change-1", **detach)
    if detach["Detach"]:
        back = both.finished("change-1", "undo")
    assert {step["state"] for step in back["steps"]} == {"done"}
    assert both.different_facts() == []
    assert both.change("undo", done["after_hash"], Id="change-1", **detach)["refused"] == "already-undone"


KEY = "SOFTWARE\\Nodepane twins\\New"


def value(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": "registry", "key": KEY, "name": name, **more}


def test_odd_values_are_fixed_and_undone_alike(pair: Any) -> None:
    """A key that has to be made; a list written as text; guards on a file, a service, an address and a process."""
    both = pair("healthy-overlay", writes=True)
    file = {"id": "file", "kind": "write", "path": "C:\\odd\\a [1].txt", "text": "x\n"}
    first = [value("list", type="String", value="A=1"), value("%x%", type="ExpandString", value="%x%"), file]
    guards = [
        {"id": "g1", "kind": "guard", "on": "file", "path": "C:\\odd\\a [1].txt"},
        {"id": "g2", "kind": "guard", "on": "installed", "name": "KUBELET"},
        {"id": "g3", "kind": "guard", "on": "address", "name": "10.2.0.13"},
        {"id": "g4", "kind": "guard", "on": "process", "name": "flanneld.exe"},
        {"id": "g5", "kind": "guard", "on": "presence", "path": "C:\\none"},
        {"id": "g6", "kind": "guard", "on": "registry", "key": KEY, "name": "%x%"},
    ]
    second = [*guards, value("list", type="MultiString", merge=True, lines=["a=2", "B=3"])]
    left = []
    for number, told in enumerate((first, second)):
        name = {"Id": f"odd-{number}", "Steps": told}
        rehearsed = both.change("rehearse", "", **name)
        assert len(rehearsed["steps"]) == len([one for one in told if one["kind"] != "guard"])
        left.append(both.change("apply", rehearsed["state_hash"], **name))
    assert both.change("undo", left[0]["after_hash"], Id="odd-0")["refused"] == "state-moved"
    assert both.change("keep", "", Id="odd-0")["after_hash"] == ""  # what it wrote stands no longer
    for number in (1, 0):
        assert both.change("undo", left[number]["after_hash"], Id=f"odd-{number}")["changed"]
        assert both.change("keep", "", Id=f"odd-{number}")["refused"] == "already-undone"
    assert both.finished("odd-0", "undo")["changed"]
    again = both.change("rehearse", "", Id="odd-0", Steps=first)
    assert all(one["needed"] for one in again["steps"])


def test_what_throws_on_a_node_throws_in_the_demo(pair: Any) -> None:
    both = pair("healthy-overlay")
    parameters = {"Steps": [{"id": "a", "kind": "service", "name": "nonsense", "action": "stop"}]}
    for twin in (both.node, both.demo):
        with pytest.raises(Threw, match=r"^the service nonsense is not there"):
            twin.ask("Invoke-Change", parameters)
    assert both.change("undo", "", Id="never-done")["refused"] == "nothing-kept"


def test_a_difference_would_be_told() -> None:
    content = base64.b64encode(b"x" * 60).decode()
    node = {"a": [{"id": "1", "content": content}], "b": 1}
    demo = {"a": [{"id": "2", "content": content[::-1]}], "c": 1}
    told = list(twin_nodes.differences(twin_nodes.normal(node), twin_nodes.normal(demo)))
    assert told[0].startswith("$.a[0].content: node b'xxx")
    assert told[1:] == ["$.b: only node has it", "$.c: only demo has it"]
