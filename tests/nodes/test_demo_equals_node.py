"""The demo answers as a node does: every probe and every fix, on one node described twice, before and after.

The demo's description lies in `twins/`, the planted node's among the descriptions of the test machine, under one name.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checks.facts import NodeFacts
from checks.fix import FIXES, Inputs, steps_of
from checks.node import Node
from checks.probe import PROBES, ExtraPaths, decode
from checks.profile import detect
from checks.session import Script
from checks.simulator.demo import Refusal, run_script
from checks.simulator.demo_load import load_demo_node

pytestmark = pytest.mark.node

HERE = Path(__file__).resolve().parent
TWINS = sorted(path.stem for path in (HERE / "twins").glob("*.yaml"))


def beside(name: str) -> Any:
    """A module of this folder: test folders are no packages."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


twin_nodes = beside("twin_nodes")
run_on_node = beside("run_script")
NodeShell, ScriptError = run_on_node.NodeShell, run_on_node.ScriptError


class Pair:
    """A planted node and its twin of the demo; both are asked the same."""

    def __init__(self, winnode: Path, folder: Path, name: str, scripts: dict[str, Script]) -> None:
        self.winnode = winnode
        self.folder = folder
        self.scripts = scripts
        self.shell = NodeShell(winnode, folder)
        self.state = load_demo_node(HERE / "twins" / f"{name}.yaml").state

    def ask(self, script: str, **parameters: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the node says, and what the demo says."""
        node = self.shell.document(self.scripts[script].text, **parameters)
        demo = json.loads(json.dumps(run_script(self.state, script, parameters)))
        return node, demo

    def different_facts(self, paths: ExtraPaths | None = None) -> list[str]:
        """Where the answers of the probes differ."""
        found: list[str] = []
        for probe in PROBES.values():
            answers = self.ask(probe.script, **probe.parameters(paths or ExtraPaths()))
            node, demo = (twin_nodes.without_unanswerable(one, probe.script) for one in answers)
            differences = twin_nodes.differences(twin_nodes.normal(node), twin_nodes.normal(demo), probe.script)
            found += differences
        return found

    def facts(self) -> NodeFacts:
        """Facts as the node tells them; the demo's were held equal before."""
        answers = {field: self.ask(one.script, **one.parameters(ExtraPaths()))[0] for field, one in PROBES.items()}
        return NodeFacts(**{field: decode(field, answer) for field, answer in answers.items()})

    def steps(self, fix: str, values: dict[str, str]) -> list[dict[str, Any]]:
        """Steps of a fix on this node; what is not told is proposed from its facts."""
        facts = self.facts()
        proposed = {one.name: one.default(facts) for one in FIXES[fix].parameters}
        texts = {name: script.text for name, script in self.scripts.items()}
        inputs = Inputs(Node("worker-03", "127.0.0.1"), facts, detect(facts), {**proposed, **values}, texts)
        return [dict(step) for step in steps_of(fix)(inputs)]

    def change(self, mode: str, expected: tuple[str, str], **more: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """One call of Invoke-Change on both, each with its own hash; the answers are held equal."""
        script = self.scripts["Invoke-Change"]
        node = self.shell.document(script.text, Mode=mode, ExpectedHash=expected[0], **more)
        demo = json.loads(
            json.dumps(run_script(self.state, script.name, {"Mode": mode, "ExpectedHash": expected[1], **more}))
        )
        found = list(twin_nodes.differences(twin_nodes.normal_change(node), twin_nodes.normal_change(demo), mode))
        assert found == []
        return node["change"], demo["change"]

    def finished(self, name: str, mode: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a detached change left, held equal."""
        node, demo = self.ask("Get-ChangeResult", Id=name, Mode=mode)
        found = list(twin_nodes.differences(twin_nodes.normal_change(node), twin_nodes.normal_change(demo), mode))
        assert found == []
        assert node["facts"]["state"] == "finished"
        return node["facts"]["result"]["change"], demo["facts"]["result"]["change"]

    def close(self) -> None:
        self.shell.close()


class Lab:
    """Planted nodes by name, each made once; a pair works on a copy where it writes."""

    def __init__(self, winnode: Path, folder: Path, scripts: dict[str, Script]) -> None:
        self.winnode = winnode
        self.folder = folder
        self.scripts = scripts
        self.pairs: list[Pair] = []

    def run(self, *words: object) -> None:
        ended = subprocess.run([self.winnode, *words], capture_output=True, timeout=240, check=False)
        assert ended.returncode == 0, ended.stderr + ended.stdout

    def pair(self, name: str, purpose: str = "") -> Pair:
        first = self.folder / name
        if not first.exists():
            self.run("new", first, "WORKER-03")
            self.run("plant", first, self.winnode.parent / "clusternode" / "specs" / f"{name}.json")
        folder = first
        if purpose:
            folder = self.folder / f"{name}-{purpose}"
            self.run("copy", first, folder)
        pair = Pair(self.winnode, folder, name, self.scripts)
        self.pairs.append(pair)
        return pair

    def close(self) -> None:
        for pair in self.pairs:
            pair.close()
        for folder in self.folder.iterdir():
            subprocess.run([self.winnode, "remove", folder], capture_output=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, scripts: dict[str, Script]) -> Iterator[Lab]:
    told = os.environ.get("NODEPANE_WINNODE")
    winnode = Path(told) if told else HERE.parents[2] / "shared" / "tools" / "powershell" / "winnode"
    if not winnode.is_file():
        pytest.skip("no winnode: planted Windows nodes are not here")
    lab = Lab(winnode, tmp_path_factory.mktemp("twins"), scripts)
    yield lab
    lab.close()


@pytest.mark.parametrize("name", TWINS)
def test_probes_answer_alike(lab: Lab, name: str) -> None:
    pair = lab.pair(name)
    try:
        assert pair.different_facts() == []
    finally:
        pair.close()


def test_probes_answer_alike_where_asked_for_more(lab: Lab) -> None:
    more = ExtraPaths(
        subnet_env=("/run/flannel/subnet.env", "D:\\other\\subnet.env", "relative"),
        net_conf=("%SystemDrive%\\k\\net-conf.json", "C:\\k"),
        source_vip=("C:\\custom\\vip.json",),
        cni_folders=("C:\\k", "C:\\none"),
        kubeconfigs=("C:\\none",),
        containerd_configs=("C:\\k\\net-conf.json",),
    )
    pair = lab.pair("healthy-overlay")
    try:
        assert pair.different_facts(more) == []
    finally:
        pair.close()


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
def test_a_fix_does_alike_and_undoes_alike(lab: Lab, name: str, fix: str, values: dict[str, str]) -> None:
    pair = lab.pair(name, fix)
    try:
        steps = pair.steps(fix, values)
        told = {"Id": "change-1", "Steps": steps}
        detach = {"Detach": FIXES[fix].can_cut_network}
        node, demo = pair.change("rehearse", ("", ""), **told)
        assert node["state_hash"] == demo["state_hash"]
        before = (node["state_hash"], demo["state_hash"])
        assert pair.different_facts() == []

        moved, _ = pair.change("apply", ("0" * 64, "0" * 64), **told, **detach)
        assert moved["refused"] == "state-moved"
        done = pair.change("apply", before, **told, **detach)
        if detach["Detach"]:
            assert done[0]["detached"]
            done = pair.finished("change-1", "apply")
        assert {step["state"] for step in done[0]["steps"]} == {"done"}
        assert done[0]["changed"]
        assert pair.different_facts() == []

        again, _ = pair.change("apply", before, **told, **detach)
        assert again["refused"] == "already-applied"
        after = (done[0]["after_hash"], done[1]["after_hash"])
        back = pair.change("undo", after, Id="change-1", **detach)
        if detach["Detach"]:
            back = pair.finished("change-1", "undo")
        assert {step["state"] for step in back[0]["steps"]} == {"done"}
        assert pair.different_facts() == []
        once_more, _ = pair.change("undo", after, Id="change-1", **detach)
        assert once_more["refused"] == "already-undone"
    finally:
        pair.close()


def test_what_throws_on_a_node_is_a_problem_of_the_demo(lab: Lab) -> None:
    pair = lab.pair("healthy-overlay", "refusals")
    try:
        parameters: dict[str, Any] = {"Steps": [{"id": "a", "kind": "service", "name": "nonsense", "action": "stop"}]}
        words = "the service nonsense is not there"
        with pytest.raises(ScriptError, match=words):
            pair.shell.document(pair.scripts["Invoke-Change"].text, **parameters)
        with pytest.raises(Refusal) as refusal:
            run_script(pair.state, "Invoke-Change", parameters)
        assert refusal.value.message == words
        nothing, _ = pair.change("undo", ("", ""), Id="never-done")
        assert nothing["refused"] == "nothing-kept"
    finally:
        pair.close()


def test_a_difference_would_be_told() -> None:
    content = base64.b64encode(b"x" * 60).decode()
    node = {"a": [{"id": "1", "content": content}], "b": 1}
    demo = {"a": [{"id": "2", "content": content[::-1]}], "c": 1}
    told = list(twin_nodes.differences(twin_nodes.normal(node), twin_nodes.normal(demo)))
    assert told[0].startswith("$.a[0].content: node b'xxx")
    assert told[1:] == ["$.b: only node has it", "$.c: only demo has it"]
