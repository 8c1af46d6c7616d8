"""What the node list says of the cluster and of paths: for all nodes, a group or one; wrong values name line and key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.errors import BadFile
from checks.inventory import load_nodes, parse_nodes, save_nodes
from checks.node import Node, Typed
from checks.site_settings import CLUSTER_KEYS, PATH_KEYS

TEXT = r"""
cluster:
  service_cidr: 10.96.0.0/12
  dns_service: 10.96.0.10, fd00::a
paths: {kubeconfig: 'C:\k\config'}
groups:
  Line A:
    cluster: {hyperv_host: hv-01, dns_service: 10.96.0.11}
nodes:
  - name: worker-01
    address: 10.2.0.11
    group: Line A
    cluster: {api_server: 'https://api.example.com:6443', hyperv_host: hv-02}
    paths: {cni_conf_dir: 'D:\cni', kubeconfig: /etc/kube/config}
  - name: edge-1
    address: 10.2.9.5
"""


def test_the_nearest_value_counts():
    first, second = parse_nodes(TEXT, "nodes.yaml")
    assert first.cluster == (
        Typed("api_server", "https://api.example.com:6443", "node"),
        Typed("dns_service", "10.96.0.11", "group"),
        Typed("hyperv_host", "hv-02", "node"),
        Typed("service_cidr", "10.96.0.0/12", "list"),
    )
    assert first.paths == (Typed("cni_conf_dir", "D:\\cni", "node"), Typed("kubeconfig", "/etc/kube/config", "node"))
    assert second.cluster == (
        Typed("dns_service", "10.96.0.10, fd00::a", "list"),
        Typed("service_cidr", "10.96.0.0/12", "list"),
    )
    assert [one.source for one in first.cluster] == [
        "node list, node",
        "node list, group",
        "node list, node",
        "node list",
    ]


NODES = "nodes:\n  - name: a\n    address: b\n"


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("cluster: {service_cdir: 10.0.0.0/8}\n", 1, "$.cluster.service_cdir", "did you mean service_cidr?"),
        ("cluster:\n  cluster_cidr: 10.244.0.0\n", 2, "$.cluster.cluster_cidr", "is no range"),
        ("cluster:\n  service_cidr: 10.300.0.0/16\n", 2, "$.cluster.service_cidr", "is no range"),
        ("cluster:\n  management_subnet:\n", 2, "$.cluster.management_subnet", "must be a text"),
        ("cluster:\n  dns_service: 10.96.0.10,\n", 2, "$.cluster.dns_service", "is no address"),
        ("cluster:\n  dns_service: kube-dns\n", 2, "$.cluster.dns_service", "is no address"),
        ("cluster:\n  api_server: 10.2.0.2:99999\n", 2, "$.cluster.api_server", "is no server"),
        ("cluster:\n  api_server: 'https://'\n", 2, "$.cluster.api_server", "is no server"),
        ("cluster:\n  api_server: a b\n", 2, "$.cluster.api_server", "is no server"),
        ("cluster:\n  proxy: http://me:secret@proxy:3128\n", 2, "$.cluster.proxy", "must not hold a user or password"),
        ("cluster:\n  proxy: socks5://x\n", 2, "$.cluster.proxy", "is no proxy"),
        ("cluster:\n  no_proxy: ''\n", 2, "$.cluster.no_proxy", "must not be empty"),
        ("cluster:\n  hyperv_host: hv 01\n", 2, "$.cluster.hyperv_host", "neither a host name"),
        ("cluster: 5\n", 1, "$.cluster", "key: value"),
        ("paths:\n  kubectl: kubectl.exe\n", 2, "$.paths.kubectl", "is no full path"),
        ("paths:\n  subnet_env: \\\\server\\share\\x\n", 2, "$.paths.subnet_env", "is no full path"),
        ("groups: []\n", 1, "$.groups", "must be a block"),
        ("groups:\n  A: {clusters: {}}\n", 2, "$.groups.A.clusters", "did you mean cluster?"),
        ("groups:\n  A:\n    paths: {net_conf: x}\n", 3, "$.groups.A.paths.net_conf", "is no full path"),
        ("groups:\n  A: {}\n  A: {}\n", 3, "$.groups.A", "stands twice"),
    ],
)
def test_a_wrong_value_names_line_and_key(text, line, key, words):
    with pytest.raises(BadFile) as told:
        parse_nodes(text + NODES, "nodes.yaml")
    assert f"line {line}: {key}: " in told.value.detail
    assert words in told.value.detail
    assert "secret" not in told.value.detail.partition(": must not hold")[2]


def test_a_wrong_value_of_a_node_names_its_place():
    with pytest.raises(BadFile) as told:
        parse_nodes(NODES + "    cluster: {dns_service: x}\n    paths: {kubectl: y}\n", "n")
    assert [line.split(": ")[1] for line in told.value.detail.splitlines()] == [
        "$.nodes[0].cluster.dns_service",
        "$.nodes[0].paths.kubectl",
    ]


RIGHT = {
    "cluster_cidr": "10.244.0.0/16",
    "service_cidr": "fd00::/108",
    "management_subnet": "10.2.0.0/24",
    "dns_service": "10.96.0.10",
    "api_server": "[fd00::2]:6443",
    "proxy": "http://proxy.example.com:3128",
    "no_proxy": ".svc,10.0.0.0/8",
    "hyperv_host": "hv-01.example.com",
}


def test_right_values_are_right():
    assert {name: check(RIGHT[name]) for name, check in CLUSTER_KEYS.items()} == dict.fromkeys(CLUSTER_KEYS, "")
    for path in ("C:\\k\\config", "D:/x y/z", "/run/flannel/subnet.env"):
        assert {check(path) for check in PATH_KEYS.values()} == {""}


scopes = st.sampled_from(("list", "group", "node"))
typed = st.dictionaries(st.sampled_from(sorted(RIGHT)), scopes, max_size=4)


@given(st.lists(st.tuples(st.sampled_from(("", "A", "B")), typed), min_size=1, max_size=4))
def test_what_is_saved_gives_the_same_values_again(tmp_path_factory, listed):
    nodes = tuple(
        Node(
            f"n{number}",
            "10.0.0.1",
            group=group,
            cluster=tuple(Typed(name, RIGHT[name], scope) for name, scope in sorted(values.items())),
        )
        for number, (group, values) in enumerate(listed)
    )
    path = tmp_path_factory.mktemp("list") / "nodes.yaml"
    save_nodes(path, nodes)
    for before, after in zip(nodes, load_nodes(path), strict=True):
        again = {one.name: one.value for one in after.cluster}
        assert {one.name: one.value for one in before.cluster}.items() <= again.items()


def test_a_list_is_saved_as_it_was_read(tmp_path):
    nodes = parse_nodes(TEXT, "n")
    save_nodes(tmp_path / "nodes.yaml", nodes)
    again = load_nodes(tmp_path / "nodes.yaml")
    assert again[0] == nodes[0]
    assert [(one.name, one.value) for one in again[1].cluster] == [(one.name, one.value) for one in nodes[1].cluster]


@pytest.mark.parametrize(
    "text",
    [
        "cluster:\n  proxy: http://me:s3cret@proxy:3128\nnodes: []\n",
        "cluster:\n  proxy: me:s3cret@proxy:3128\nnodes: []\n",
        "nodes:\n- {name: a, address: 'me:s3cret@10.2.0.11', user: me}\n",
        "nodes:\n- {name: a, address: 'http://me:s3:c/r@s3cret@10.2.0.11', user: me}\n",
        "nodes:\n- {name: a, address: 10.2.0.11, user: me, password: s3cret}\n",
        'nodes:\n- {name: a, address: 10.2.0.11, user: me, password: "s3cret}\n',
    ],
)
def test_a_password_in_the_list_is_refused_and_not_repeated(text):
    with pytest.raises(BadFile) as told:
        parse_nodes(text, "nodes.yaml")
    assert "s3cret" not in f"{told.value} {told.value.detail} {told.value.fields}"
