"""The cluster as a node shows it or as the node list has it: which value counts, from where, and what it changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from node_changes import Change, in_service, put, silent, unread
from node_facts import NODE, context, fact, healthy, judge, with_fact
from node_files import file

from checks.catalogue import Catalogue
from checks.cluster_context import ContextValue, cluster_context
from checks.facts import CniFolderFact, NodeFacts
from checks.node import Node, Typed
from checks.overrides import narrowed, together, typed_paths
from checks.probe import ExtraPaths
from checks.report import report_document, report_lines
from checks.rules.fleet import Member, compare
from checks.scan import NodeReport
from checks.site_settings import CLUSTER_KEYS


def node(**values: str) -> Node:
    """The node with these values typed for its cluster."""
    return replace(NODE, cluster=tuple(Typed(name, value, "list") for name, value in values.items()))


def told(facts: NodeFacts, own: Node = NODE) -> dict[str, tuple[str, str]]:
    values = cluster_context(facts, context(facts).profile, own)
    assert [one.name for one in values] == list(CLUSTER_KEYS)
    return {one.name: (one.value, one.source) for one in values if one.value}


def made(layout: str, *changes: Change) -> NodeFacts:
    facts = healthy(layout)
    for change in changes:
        facts = change(facts)
    return facts


def test_what_the_node_shows_with_its_sources():
    line = "NO_PROXY=10.0.0.0/8"
    facts = made(
        "sdn-native",
        in_service("containerd", environment=("HTTPS_PROXY=http://proxy:3128", line)),
    )
    service = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\containerd\\Environment"
    assert told(facts) == {
        "cluster_cidr": ("10.244.0.0/16", "C:\\run\\flannel\\subnet.env"),
        "service_cidr": ("10.96.0.0/12", "C:\\k\\cni\\config\\cni.conf"),
        "management_subnet": ("10.2.0.0/24", "Get-NetIPAddress, vEthernet (Ethernet)"),
        "dns_service": ("10.96.0.10", "kubelet --cluster-dns"),
        "api_server": ("10.2.0.2:6443", "C:\\k\\config"),
        "proxy": ("http://proxy:3128", service),
        "no_proxy": ("10.0.0.0/8", service),
        "hyperv_host": ("HV-01", "HKLM\\SOFTWARE\\Microsoft\\Virtual Machine\\Guest\\Parameters"),
    }


def test_what_is_typed_counts_and_what_the_node_shows_is_told_beside_it():
    values = cluster_context(healthy("rke2"), context(healthy("rke2")).profile, node(service_cidr="10.99.0.0/16"))
    assert values[1] == ContextValue("service_cidr", "10.99.0.0/16", "node list", "10.43.0.0/16")
    same = cluster_context(healthy("rke2"), context(healthy("rke2")).profile, node(service_cidr="10.43.0.0/16"))
    assert same[1].found == ""


@pytest.mark.parametrize(
    ("typed", "found"), [("hv-01", ""), ("hv-01.example.com", ""), ("hv-1", "HV-01"), ("10.2.0.9", "HV-01")]
)
def test_a_typed_host_is_held_against_the_one_that_the_guest_names(typed: str, found: str):
    facts = healthy("sdn-nssm")
    values = cluster_context(facts, context(facts).profile, node(hyperv_host=typed))
    assert values[-1] == ContextValue("hyperv_host", typed, "node list", found)


def test_nothing_is_made_up():
    assert told(made("sdn-native", silent)) == {}
    assert told(made("sdn-native", silent), node(hyperv_host="hv-01")) == {"hyperv_host": ("hv-01", "node list")}


def test_a_typed_range_decides_what_could_not_be_found():
    def without_routes(facts: NodeFacts) -> NodeFacts:
        folder = fact(facts, "cni.folders")[0]
        own = folder.files[0]
        text = own.data.decode("utf-8")
        cut = text[: text.index(', {"Name": "EndpointPolicy", "Value": {"Type": "ROUTE"')] + "]}}"
        return with_fact(facts, "cni.folders", (replace(folder, files=(file(own.path, cut),)),))

    facts = made("sdn-native", without_routes)
    check = "network.outbound-nat-exceptions"
    assert judge(facts)[check].reason == "ranges-unknown"
    typed = judge(facts, node(service_cidr="10.98.0.0/24"))[check]
    assert typed.reason != "ranges-unknown"
    outside = judge(facts, node(service_cidr="172.20.0.0/16"))[check]
    assert (outside.reason, outside.value("missing")) == ("service-missing", "172.20.0.0/16")
    assert any(one.source == "node list" for one in outside.evidence)


def test_a_typed_api_server_tells_which_nodes_belong_together():
    own = replace(node(api_server="https://api.example.com:6443"), name="one")
    silent_server = put("profile.api_servers", ())
    facts = made("sdn-native", silent_server)
    found = compare([Member(own, facts), Member(replace(own, name="two"), facts)])
    assert found["one"][0].reason == "twice"
    assert compare([Member(NODE, facts)])[NODE.name][0].reason == "not-read"


def test_the_report_tells_values_and_sources(words: Catalogue):
    facts = healthy("rke2")
    own = node(service_cidr="10.99.0.0/16")
    values = cluster_context(facts, context(facts).profile, own)
    report = NodeReport(own, "rke2", (), facts, (), context(facts).now, 1.0, 3, 1, context=values)
    lines = list(report_lines(report, words))
    assert "    services       10.99.0.0/16  (node list; the node shows 10.43.0.0/16)" in lines
    assert lines[-1] == "    neither typed nor found: proxy, without proxy"
    document = report_document(report, words)["context"]
    assert {"name": "service_cidr", "value": "10.99.0.0/16", "source": "node list", "found": "10.43.0.0/16"} in document


PATHS = tuple(
    Typed(name, value, "node")
    for name, value in {
        "subnet_env": "D:\\run\\subnet.env",
        "net_conf": "/opt/net-conf.json",
        "source_vip": "D:\\vip.json",
        "cni_conf_dir": "D:\\cni",
        "kubeconfig": "D:\\kubeconfig",
        "kubectl": "D:\\kubectl.exe",
        "containerd_config": "D:\\config.toml",
    }.items()
)
MOVED = replace(NODE, paths=PATHS)


def test_typed_paths_are_asked_for():
    assert typed_paths(MOVED) == ExtraPaths(
        subnet_env=("D:\\run\\subnet.env",),
        net_conf=("C:\\opt\\net-conf.json",),
        source_vip=("D:\\vip.json",),
        cni_folders=("D:\\cni",),
        kubeconfigs=("D:\\kubeconfig",),
        containerd_configs=("D:\\config.toml",),
        kubectl=("D:\\kubectl.exe",),
        node_kubeconfig=("D:\\kubeconfig",),
    )
    assert typed_paths(NODE) == ExtraPaths()
    both = together(ExtraPaths(logs=("a", "b")), ExtraPaths(logs=("b", "c"), net_conf=("d",)))
    assert both == ExtraPaths(logs=("a", "b", "c"), net_conf=("d",))


def test_only_the_typed_file_counts():
    facts = healthy("sdn-native")
    flannel = replace(facts.flannel, subnet_env=(*facts.flannel.subnet_env, file("d:\\run\\SUBNET.env", "x")))
    kept = narrowed(flannel, MOVED)
    assert [one.path for one in kept.subnet_env] == ["d:\\run\\SUBNET.env"]
    assert (kept.net_conf, kept.source_vip, kept.source_vip_request) == ((), (), ())
    folders = replace(facts.cni, folders=(*facts.cni.folders, CniFolderFact("d:\\CNI", True, ())))
    assert [one.path for one in narrowed(folders, MOVED).folders] == ["d:\\CNI"]
    profile = replace(facts.profile, containerd_config=(file("C:\\a", ""), file("D:\\config.toml", "")))
    assert [one.path for one in narrowed(profile, MOVED).containerd_config] == ["D:\\config.toml"]


@pytest.mark.parametrize("record", ["flannel", "cni", "profile", "hns", "system"])
def test_without_typed_paths_an_answer_stays_as_it_is(record):
    answer = getattr(healthy("sdn-native"), record)
    assert narrowed(answer, NODE) == answer
    problem = getattr(unread(record)(healthy("sdn-native")), record)
    assert narrowed(problem, MOVED) == problem
