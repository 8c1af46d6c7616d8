"""The Hyper-V host in the node list: for all, a group or a node; how it is signed in to; wrong values name line and key."""

from __future__ import annotations

import pytest

from checks.errors import BadFile
from checks.host_settings import host_node, typed_host
from checks.hyperv_host import plain_mac, same_host
from checks.inventory import load_nodes, parse_nodes, save_nodes
from checks.node import Node, SignIn, Typed

TEXT = r"""
hyperv_host: {address: hv-01, user: 'EXAMPLE\hv-reader'}
groups:
  Line A: {hyperv_host: hv-02}
nodes:
  - {name: a, address: 10.2.0.11, user: 'EXAMPLE\admin', group: Line A}
  - {name: b, address: 10.2.0.12, user: 'EXAMPLE\admin', https: true, sign_in: basic, certificate: 'C:\ca.pem'}
  - name: c
    address: 10.2.0.13
    user: .\admin
    https: true
    certificate: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    hyperv_host: {address: '[fd00::5]', user: .\hv, port: 15986, certificate: 'C:\host.pem'}
  - {name: d, address: 10.2.0.14, port: 15985, cluster: {hyperv_host: hv-09}}
"""


def test_the_nearest_host_counts_and_what_is_not_typed_is_as_on_the_node():
    a, b, c, d = (host_node(node) for node in parse_nodes(TEXT, "n"))
    assert a == Node("hv-02", "hv-02", user="EXAMPLE\\hv-reader")
    assert b == Node("hv-01", "hv-01", None, True, SignIn.BASIC, "EXAMPLE\\hv-reader", "C:\\ca.pem")
    assert c == Node("[fd00::5]", "fd00::5", 15986, True, SignIn.NTLM, ".\\hv", "C:\\host.pem")
    assert c is not None
    assert c.url == "https://[fd00::5]:15986/wsman"
    assert d == Node("hv-09", "hv-09", user="EXAMPLE\\hv-reader")


def test_a_pin_is_the_nodes_own_and_never_its_hosts():
    pin = "sha256:" + 64 * "a"
    node = Node("a", "b", None, True, user="x", certificate=pin, hyperv_host=(Typed("address", "hv", "node"),))
    host = host_node(node)
    assert host is not None
    assert (host.https, host.certificate, host.user) == (True, "", "x")


def test_without_a_host_there_is_none():
    assert host_node(Node("a", "b")) is None
    assert typed_host(Node("a", "b", hyperv_host=(Typed("user", "x", "list"),))) is None


def test_the_nearer_of_both_places_counts():
    def typed(block: str, named: str) -> str:
        both = {
            "hyperv_host": (Typed("address", "hv-block", block),),
            "cluster": (Typed("hyperv_host", "hv-cluster", named),),
        }
        told = typed_host(Node("a", "b", **both))
        assert told is not None
        return told.value

    assert typed("list", "list") == "hv-block"
    assert typed("list", "group") == "hv-cluster"
    assert typed("node", "group") == "hv-block"


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("hyperv_host: hv 01\n", 1, "$.hyperv_host.address", "neither a host name"),
        ("hyperv_host: ''\n", 1, "$.hyperv_host.address", "must not be empty"),
        ("hyperv_host: [a]\n", 1, "$.hyperv_host", "key: value"),
        ("hyperv_host:\n  adress: hv-01\n", 2, "$.hyperv_host.adress", "did you mean address?"),
        ("hyperv_host:\n  port: 99999\n", 2, "$.hyperv_host.port", "is not a port"),
        ("hyperv_host:\n  https: maybe\n", 2, "$.hyperv_host.https", "true or false"),
        ("hyperv_host:\n  sign_in: kerberos\n", 2, "$.hyperv_host.sign_in", "ntlm or basic"),
        ("hyperv_host:\n  certificate: sha256:12\n", 2, "$.hyperv_host.certificate", "64 hex digits"),
        ("groups:\n  A:\n    hyperv_host:\n      port: x\n", 4, "$.groups.A.hyperv_host.port", "is not a port"),
    ],
)
def test_a_wrong_value_names_its_line_and_key(text, line, key, words):
    with pytest.raises(BadFile) as told:
        parse_nodes(text + "nodes:\n  - name: a\n    address: b\n", "n")
    assert told.value.detail.startswith(f"line {line}: {key}: ")
    assert words in told.value.detail


@pytest.mark.parametrize(
    ("block", "key", "words"),
    [
        ("{user: x}", "address", "is missing"),
        ("{address: hv, sign_in: basic}", "sign_in", "basic sends the password readable over HTTP"),
    ],
)
def test_a_nodes_own_host_must_be_whole(block, key, words):
    with pytest.raises(BadFile) as told:
        parse_nodes(f"nodes:\n  - name: a\n    address: b\n    hyperv_host: {block}\n", "n")
    assert told.value.detail.startswith(f"line 4: $.nodes[0].hyperv_host.{key}: ")
    assert words in told.value.detail


def test_a_host_is_saved_as_it_was_read(tmp_path):
    nodes = parse_nodes(TEXT, "n")
    save_nodes(tmp_path / "nodes.yaml", nodes)
    assert [host_node(one) for one in load_nodes(tmp_path / "nodes.yaml")] == [host_node(one) for one in nodes]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("HV-01", "hv-01", True),
        ("hv-01.example.com", "HV-01", True),
        ("hv-01", "hv-01.example.com.", True),
        ("hv-01", "hv-010", False),
        ("10.2.0.9", "hv-01", False),
    ],
)
def test_names_of_one_computer(one, other, same):
    assert same_host(one, other) is same


def test_mac_addresses_are_told_without_what_stands_between():
    assert plain_mac("00-15-5d-01-02-0D") == "00155D01020D"
    assert (plain_mac(""), plain_mac("00-00-00-00-00-00"), plain_mac("00-15-5D")) == ("", "", "")
