"""The node list at start: parsed once, and never taken from a copy that is not of the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import checks.inventory
from checks.errors import BadFile
from checks.node import Node
from gui.node_store import NodeStore

LIST = """
cluster: {service_cidr: 10.96.0.0/12}
nodes:
  - {name: worker-01, address: 10.2.0.11, user: admin, group: 라인 A, paths: {subnet_env: 'D:\\subnet.env'}}
  - {name: worker-02, address: "fe80::2%3", port: 6000, https: true, sign_in: basic, user: me, profile: rke2}
"""


@pytest.fixture
def parsed(monkeypatch) -> list[str]:
    """Files that were parsed."""
    told: list[str] = []
    real = checks.inventory.read_nodes

    def read(raw: bytes, source: str) -> tuple[Node, ...]:
        told.append(source)
        return real(raw, source)

    monkeypatch.setattr(checks.inventory, "read_nodes", read)
    return told


@pytest.fixture
def store(tmp_path: Path) -> NodeStore:
    (tmp_path / "nodes.yaml").write_text(LIST, encoding="utf-8")
    return NodeStore(tmp_path / "nodes.yaml", tmp_path / "cache" / "nodes.json")


def test_the_second_start_has_the_same_nodes_unparsed(store: NodeStore, parsed: list[str], tmp_path: Path) -> None:
    first = store.load(must_exist=True)
    assert parsed == [str(tmp_path / "nodes.yaml")]
    assert store.load(must_exist=True) == first == checks.inventory.parse_nodes(LIST, "")
    assert len(parsed) == 1


def test_an_edited_list_is_parsed_anew(store: NodeStore, parsed: list[str], tmp_path: Path) -> None:
    store.load(must_exist=True)
    (tmp_path / "nodes.yaml").write_text(LIST.replace("10.2.0.11", "10.2.0.99"), encoding="utf-8")
    assert store.load(must_exist=True)[0].address == "10.2.0.99"
    (tmp_path / "nodes.yaml").write_text("nodes: [{name: a}]", encoding="utf-8")
    with pytest.raises(BadFile):
        store.load(must_exist=True)
    assert len(parsed) == 3


@pytest.mark.parametrize("change", ["fields", "sign-in", "shape"])
def test_a_copy_that_another_version_wrote_is_not_read(store, parsed: list[str], tmp_path: Path, change: str) -> None:
    nodes = store.load(must_exist=True)
    copy = tmp_path / "cache" / "nodes.json"
    told = json.loads(copy.read_text())
    if change == "fields":
        told["value"]["fields"].append("colour")
    elif change == "sign-in":
        told["value"]["nodes"][0][4] = "kerberos"
    else:
        told["value"]["nodes"][0].pop()
    copy.write_text(json.dumps(told))
    assert store.load(must_exist=True) == nodes
    assert len(parsed) == 2


def test_a_list_that_cannot_be_read_says_so_with_a_copy_beside_it(store: NodeStore, tmp_path: Path) -> None:
    store.load(must_exist=True)
    (tmp_path / "nodes.yaml").unlink()
    assert store.load(must_exist=False) == ()
    with pytest.raises(BadFile) as told:
        store.load(must_exist=True)
    assert told.value.code == "node-list-unreadable"
