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

from checks.probe import PROBES, ExtraPaths
from checks.session import Script
from checks.simulator.demo import run_script
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
NodeShell = beside("run_script").NodeShell


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


def test_a_difference_would_be_told() -> None:
    content = base64.b64encode(b"x" * 60).decode()
    node = {"a": [{"id": "1", "content": content}], "b": 1}
    demo = {"a": [{"id": "2", "content": content[::-1]}], "c": 1}
    told = list(twin_nodes.differences(twin_nodes.normal(node), twin_nodes.normal(demo)))
    assert told[0].startswith("$.a[0].content: node b'xxx")
    assert told[1:] == ["$.b: only node has it", "$.c: only demo has it"]
