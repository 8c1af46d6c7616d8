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


NODE = "nodes:\n  - name: a\n    address: b\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (NODE + "    port: ²\n", "line 4: $.nodes[0].port: ² is not a port"),
        (NODE + "    port: " + "9" * 6000 + "\n", "line 4: $.nodes[0].port: 999"),
        (NODE + "    port: -1\n", "line 4: $.nodes[0].port: -1"),
        (NODE + "    port: 0\n", "line 4: $.nodes[0].port: 0"),
        (NODE + "    user: [a]\n", "line 4: $.nodes[0].user: must be a text"),
        (NODE + '    user: "a\\e[31m"\n', "line 4: $.nodes[0].user: must be one line"),
        (NODE + "    certificate: sha256:" + "g" * 64 + "\n", "line 4: $.nodes[0].certificate"),
        (NODE + "    profile: rke\n", "line 4: $.nodes[0].profile: rke is not known"),
        ("nodes:\n\t- name: a\n", "line 2: found character"),
        ("nodes:\n  - name: a\n\taddress: b\n", "indent with spaces"),
        ("nodes:\n  - [a, b]: c\n", "line 2: $.nodes[0]: a key must be a word"),
        ("nodes: &a [*a]\n", "line 1: $.nodes[0]"),
        ("nodes: []\n---\nnodes: []\n", "line 2"),
        ("nodes:\n", "line 1: $.nodes: must be a list"),
        ("nodes: []\nnodes: []\n", "line 2: $.nodes: stands twice"),
        ('nodes:\n  - {name: !!python/name:os.system "", address: b}\n', "line 2: $.nodes[0].name"),
        ("a: &a [x,x]\nb: &b [*a,*a]\nnodes: [*b,*b]\n", "line 2: $.nodes[0]"),
        ("nodes: " + "[" * 5000, "line 1"),
        ("nodes: " + "[" * 50_000, "line 1: $: too many brackets"),
        ("\n".join(" " * deep + "a:" for deep in range(2000)), "line "),
    ],
)
def test_odd_files_are_told_too(text, told):
    with pytest.raises(BadFile) as caught:
        parse_nodes(text, "n")
    assert caught.value.code == "node-list"
    assert told in caught.value.detail
    assert len(caught.value.detail) < 5000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_windows_editors_save_is_read(tmp_path, encoding, end):
    path = tmp_path / "nodes.yaml"
    path.write_bytes((NODE + "    group: 그룹\n").replace("\n", end).encode(encoding))
    assert load_nodes(path) == (Node("a", "b", group="그룹"),)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ((NODE + "    group: 그룹\n").encode("cp949"), "line 4: not text in UTF-8"),
        (NODE.encode("utf-16-le"), "line 1"),
        (NODE.encode() + b"    group: a\0b\n", "line 4: a character that no text file has"),
        (b"nodes: []\n" + b"#" * 10_000_000, "more than 1 MB"),
    ],
)
def test_what_is_no_text_is_told_with_its_line(tmp_path, raw, told):
    path = tmp_path / "nodes.yaml"
    path.write_bytes(raw)
    with pytest.raises(BadFile) as caught:
        load_nodes(path)
    assert told in caught.value.detail


def test_very_many_faults_are_cut_short():
    with pytest.raises(BadFile) as caught:
        parse_nodes("nodes:\n" + "  - x\n" * 500, "n")
    assert caught.value.detail.endswith("and 450 more")


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
