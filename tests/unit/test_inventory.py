from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.errors import BadFile
from checks.inventory import address_problem, load_nodes, parse_nodes, save_nodes
from checks.node import Node, SignIn

PIN = "sha256:" + "ab" * 32


def test_all_keys_are_read():
    text = f"""
nodes:
  - name: worker-01
    address: 10.2.0.11
  - name: edge-1
    address: fe80::1
    port: 15986
    https: true
    sign_in: basic
    user: CORP\\admin
    certificate: {PIN}
    group: Test
    profile: rke2
"""
    first, second = parse_nodes(text, "nodes.yaml")
    assert first == Node("worker-01", "10.2.0.11")
    assert first.url == "http://10.2.0.11:5985/wsman"
    assert second == Node("edge-1", "fe80::1", 15986, True, SignIn.BASIC, "CORP\\admin", PIN, "Test", "rke2")
    assert second.url == "https://[fe80::1]:15986/wsman"


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("nodes:\n  - name: a\n    adress: b\n", 3, "$.nodes[0].adress", "did you mean address?"),
        ("nodes:\n  - name: a\n", 2, "$.nodes[0].address", "is missing"),
        ("nodes:\n  - name: a\n    address: b\n    port: 70000\n", 4, "$.nodes[0].port", "not a port"),
        ("nodes:\n  - name: a\n    address: b\n    https: maybe\n", 4, "$.nodes[0].https", "true or false"),
        ("nodes:\n  - name: a\n    address: b\n    sign_in: kerberos\n", 4, "$.nodes[0].sign_in", "ntlm or basic"),
        ("nodes:\n  - name: a\n    address: b\n    sign_in: basic\n", 4, "$.nodes[0].sign_in", "readable over HTTP"),
        ("nodes:\n  - name: a\n    address: b\n    certificate: sha256:12\n", 4, "$.nodes[0].certificate", "64 hex"),
        ("nodes:\n  - name: a\n    address: 10.2.0.300\n", 3, "$.nodes[0].address", "neither a host name"),
        ("nodes:\n  - name: a\n    address: b\n  - name: A\n    address: c\n", 4, "$.nodes[1].name", "stands twice"),
        ("nodes:\n  - name: a\n    name: b\n    address: c\n", 3, "$.nodes[0].name", "stands twice"),
        ("nodes:\n  - just words\n", 2, "$.nodes[0]", "key: value"),
        ("nodes: 5\n", 1, "$.nodes", "must be a list"),
        ("node: []\n", 1, "$.node", "did you mean nodes?"),
        ("", 1, "$.nodes", "is missing"),
        ("- a\n", 1, "$", "key: value"),
    ],
)
def test_a_wrong_file_names_line_and_key(text, line, key, words):
    with pytest.raises(BadFile) as told:
        parse_nodes(text, "nodes.yaml")
    assert told.value.code == "node-list"
    assert told.value.fields["file"] == "nodes.yaml"
    assert f"line {line}: {key}: " in told.value.detail
    assert words in told.value.detail


def test_all_faults_are_told_at_once():
    with pytest.raises(BadFile) as told:
        parse_nodes("nodes:\n  - name: a\n    port: x\n    colour: red\n", "n")
    keys = {line.split(": ")[1] for line in told.value.detail.splitlines()}
    assert keys == {"$.nodes[0].address", "$.nodes[0].colour", "$.nodes[0].port"}


def test_broken_yaml_names_its_line():
    with pytest.raises(BadFile) as told:
        parse_nodes("nodes:\n  - name: [a\n    address: b\n", "n")
    assert told.value.detail.startswith("line 3")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(BadFile) as told:
        load_nodes(tmp_path / "none.yaml")
    assert told.value.code == "node-list-unreadable"


letters = st.characters(categories=("L", "N"), include_characters="-_. ")
names = st.text(letters, min_size=1, max_size=20).map(str.strip).filter(bool)


@given(st.lists(names, unique_by=str.casefold, max_size=5), st.booleans())
def test_what_is_saved_is_read_back(tmp_path_factory, listed, https):
    path = tmp_path_factory.mktemp("list") / "nodes.yaml"
    nodes = tuple(Node(name, "10.0.0.1", 1 + index, https, group="그룹") for index, name in enumerate(listed))
    save_nodes(path, nodes)
    assert load_nodes(path) == nodes
    assert [entry.name for entry in path.parent.iterdir()] == ["nodes.yaml"]


@pytest.mark.parametrize("address", ["win-03", "win-03.example.com", "10.2.0.13", "fe80::1%eth0", "[fe80::1]", "W_3"])
def test_right_addresses(address):
    assert address_problem(address) == ""


@pytest.mark.parametrize("address", ["", "a b", "http://a", "10.2.0.300", "a/b", "-a", "a..b", "[10.2]", "a:5985"])
def test_wrong_addresses(address):
    assert address_problem(address) != ""
