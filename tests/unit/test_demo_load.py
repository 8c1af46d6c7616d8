"""Descriptions of simulated nodes: what a wrong file says, and what the shipped ones show."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from checks.errors import BadFile
from checks.facts import NodeFacts, Problem
from checks.probe import PROBES, ExtraPaths, decode
from checks.proxy import follow_ups, proxy_place
from checks.scan import BESIDE
from checks.simulator.demo_load import load_demo_node, load_demo_nodes
from checks.simulator.demo_probes import probe

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
NAMES = sorted(path.stem for path in DEMO.glob("*.yaml"))


def facts_of(state) -> NodeFacts:
    facts = NodeFacts(
        **{
            field: decode(field, probe(state, one.script, one.parameters(ExtraPaths())))
            for field, one in PROBES.items()
            if field != "proxy"
        }
    )
    return with_proxy(state, facts)


def with_proxy(state, facts: NodeFacts) -> NodeFacts:
    """As a scan asks: the proxy only where one is set, where the registry holds it."""
    if "proxy" not in follow_ups(facts):
        return facts
    one = PROBES["proxy"]
    answer = decode("proxy", probe(state, one.script, one.parameters(ExtraPaths(proxy=proxy_place(facts)))))
    return replace(facts, proxy=answer)


def small(**more):
    return {"name": "n1", "cluster": {"network": "cbr0", "backend": "host-gw", "pod_cidr": "10.244.3.0/24"}, **more}


def load(tmp_path: Path, tree):
    path = tmp_path / "n1.yaml"
    path.write_text(tree if isinstance(tree, str) else yaml.safe_dump(tree), encoding="utf-8")
    return load_demo_node(path, lambda: NOW)


@pytest.mark.parametrize(
    ("tree", "key", "words"),
    [
        (small(sytem={}), "$", "sytem"),
        ({"cluster": {}}, "$.cluster", "network"),
        ({"name": "n1"}, "$.cluster", "missing"),
        (small(system={"build": "new"}), "$.system.build", "int"),
        (small(system={"booted": "yesterday"}), "$.system.booted", "yesterday"),
        (small(services={"kubelet": {"start": "auto"}}), "$.services.kubelet", "image"),
        (small(services={"kubelet": {"image": "x", "start": "soon"}}), "$.services.kubelet.start", "soon"),
        (small(files={"C:\\a": {"encoding": "utf-8"}}), "$.files.C:\\a", "text or base64"),
        (small(files={"C:\\a": {"base64": "%"}}), "$.files.C:\\a.base64", ""),
        (small(files={"C:\\a": {"text": "", "age": "old"}}), "$.files.C:\\a.age", "old"),
        (small(registry={"HKLM\\K\\V": {"kind": "text", "value": 1}}), "$.registry.HKLM\\K\\V.kind", "text"),
        (small(hns={"endpoints": [{"name": "e", "network": "x"}]}), "$.hns.endpoints[0].network", "x"),
        (small(addresses=[{"interface": "x", "address": "10.0.0.1"}]), "$.addresses[0].interface", "x"),
        (small(running=[{"line": "C:\\k\\kubelet.exe"}]), "$.running[0].line", "was not found"),
        ("name: [", "$", ""),
    ],
)
def test_a_wrong_description_names_file_and_key(tmp_path: Path, tree, key: str, words: str):
    with pytest.raises(BadFile) as told:
        load(tmp_path, tree)
    assert told.value.code == "demo-node"
    assert told.value.fields["file"] == str(tmp_path / "n1.yaml")
    assert told.value.fields["key"] == key
    assert words in told.value.detail


def test_ages_are_relative_to_the_start(tmp_path: Path):
    tree = small(system={"booted": "90min"}, files={"C:\\a": {"text": "x", "age": "2h"}, "C:\\b": "y"})
    state = load(tmp_path, tree).state
    assert state is not None
    assert state.boot_time == NOW - timedelta(minutes=90)
    assert state.disk.file("c:/A").modified == NOW - timedelta(hours=2)
    assert state.disk.file("C:\\b").modified == state.boot_time


def test_registry_values_keep_their_kinds(tmp_path: Path):
    tree = small(
        registry={
            "HKLM\\SOFTWARE\\A\\Text": {"kind": "expand", "value": "%TEMP%"},
            "HKLM\\SOFTWARE\\A\\Lines": {"kind": "multi", "value": ["a", "b"]},
            "HKLM\\SOFTWARE\\A\\Number": {"kind": "dword", "value": 7},
        }
    )
    registry = load(tmp_path, tree).state.registry
    values = registry.key("hklm\\software\\a").values
    assert {(one.name, one.kind, one.data) for one in values.values()} == {
        ("Text", "expand", "%TEMP%"),
        ("Lines", "multi", ("a", "b")),
        ("Number", "dword", 7),
    }


def test_texts_get_their_encoding(tmp_path: Path):
    tree = small(
        files={
            "C:\\bom": {"text": "ä", "encoding": "utf-8-bom"},
            "C:\\wide": {"text": "ä\n", "encoding": "utf-16", "newline": "crlf"},
            "C:\\raw": {"base64": "AAEC"},
        }
    )
    disk = load(tmp_path, tree).state.disk
    assert disk.file("C:\\bom").data == b"\xef\xbb\xbf\xc3\xa4"
    assert disk.file("C:\\wide").data == b"\xff\xfe\xe4\x00\r\x00\n\x00"
    assert disk.file("C:\\raw").data == b"\x00\x01\x02"


def test_the_shipped_site_has_what_the_demo_promises():
    nodes = {node.name: node for node in load_demo_nodes(DEMO)}
    assert len(nodes) >= 6
    assert {node.group for node in nodes.values()} == {"Line A", "Line B", "Test"}
    assert [node.name for node in nodes.values() if node.state is None] == ["worker-04"]
    assert any(node.https for node in nodes.values())
    assert list(nodes) == [node.name for node in sorted(nodes.values(), key=lambda one: (one.group, one.name))]


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_node_answers_every_probe(name: str):
    node = load_demo_node(DEMO / f"{name}.yaml")
    if node.state is None:
        assert name == "worker-04"
        return
    facts = facts_of(node.state)
    for one in fields(NodeFacts):
        if one.name in ("clock", *BESIDE):
            continue  # measured by the scan, or asked elsewhere
        if one.name == "proxy" and "proxy" not in follow_ups(facts):
            continue
        answer = getattr(facts, one.name)
        assert not isinstance(answer, Problem), answer
        for question in fields(answer):
            assert not isinstance(getattr(answer, question.name), Problem), getattr(answer, question.name)


@pytest.mark.parametrize("name", NAMES)
def test_no_shipped_node_tells_a_token(name: str):
    node = load_demo_node(DEMO / f"{name}.yaml")
    told = "" if node.state is None else repr(facts_of(node.state))
    assert "not-a-real-token" not in told
