"""A node's cluster, layout and places: each value with its origin, and a reason in words where there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from node_changes import Change, each, in_service, put, silent, unread
from node_facts import LAYOUTS, NODE, NOW, context, fact, healthy
from node_files import file

from checks.catalogue import Catalogue
from checks.cluster_context import cluster_context
from checks.facts import Problem
from checks.node import Node, Typed
from checks.node_site import node_site
from checks.scan import NodeReport
from checks.site_rows import Note, Origin, SiteRow
from checks.site_settings import CLUSTER_KEYS, NAME_KEYS, PATH_KEYS
from gui.site_words import evidence_of, section_title


def report(layout: str, *changes: Change, node: Node = NODE) -> NodeReport:
    facts = healthy(layout)
    for change in changes:
        facts = change(facts)
    profile = context(facts, node).profile
    values = cluster_context(facts, profile, node)
    return NodeReport(node, profile.name, (), facts, (), NOW, 1.0, 3, 1, context=values)


def rows(layout: str, *changes: Change, node: Node = NODE) -> dict[str, SiteRow]:
    found = [row for part in node_site(node, report(layout, *changes, node=node)) for row in part.rows]
    return {row.label.removeprefix("here."): row for row in found}


def told(row: SiteRow) -> tuple[str, Origin, str]:
    return row.value, row.origin, row.source


def codes(row: SiteRow) -> tuple[str, ...]:
    return tuple(note.code for note in row.notes)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_key_of_the_node_list_has_a_row(layout: str):
    parts = {part.name: [row.label for row in part.rows] for part in node_site(NODE, report(layout))}
    assert parts["cluster"] == [f"here.{key}" for key in CLUSTER_KEYS]
    assert parts["places"] == [f"here.{key}" for key in PATH_KEYS]
    assert parts["names"] == [f"here.{key}" for key in NAME_KEYS]
    assert parts["layout"][0] == "here.profile"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_row_has_a_value_or_says_why_not(layout: str):
    for change in (lambda facts: facts, silent, *(unread(one) for one in ("flannel", "daemons", "hns", "profile"))):
        for row in rows(layout, change).values():
            assert bool(row.value) is (row.origin is not Origin.NONE), row
            assert row.value or row.notes, row


def test_places_are_told_or_there_or_the_usual_ones():
    there = rows("sdn-native")
    assert told(there["cni_conf_dir"]) == ("C:\\k\\cni\\config", Origin.FOUND, "kubelet --cni-conf-dir")
    assert told(there["subnet_env"]) == ("C:\\run\\flannel\\subnet.env", Origin.FOUND, "file system")
    assert told(there["kubeconfig"]) == ("C:\\k\\config", Origin.FOUND, "kubelet --kubeconfig")
    assert told(there["hns_network"]) == ("vxlan0", Origin.FOUND, "Get-HnsNetwork")
    rke2 = rows("rke2")
    assert rke2["containerd_config"].source == "containerd --config"
    assert codes(rke2["source_vip"]) == ("no-source-vip",)
    assert rke2["kubelet_service"].notes == (Note("no-service", "C:\\var\\lib\\rancher\\rke2\\bin\\kubelet.exe"),)
    assert told(rke2["runtime_service"])[0] == "rke2"
    assert codes(rows("sdn-nssm")["containerd_config"]) == ("docker",)


def test_a_file_that_is_not_there_says_so():
    gone = replace(fact(healthy("sdn-native"), "flannel.subnet_env")[0], present=False, content="")
    row = rows("sdn-native", put("flannel.subnet_env", (gone,)))["subnet_env"]
    assert (told(row), codes(row)) == ((gone.path, Origin.DEFAULT, ""), ("absent",))
    locked = replace(gone, present=None, problem="Access is denied.")
    row = rows("sdn-native", put("flannel.subnet_env", (locked,)))["subnet_env"]
    assert row.notes == (Note("not-read", "Access is denied."),)
    assert codes(rows("sdn-native", put("flannel.net_conf", ()))["net_conf"]) == ("nowhere.net_conf",)
    assert codes(rows("sdn-native", put("flannel.source_vip", ()))["source_vip"]) == ("nowhere.source_vip",)


def test_what_is_typed_stands_first_with_its_scope():
    own = replace(
        NODE,
        profile="rke2",
        cluster=(Typed("service_cidr", "10.99.0.0/16", "list"), Typed("hyperv_host", "hv-9", "group")),
        paths=(Typed("kubectl", "D:\\kubectl.exe", "node"),),
        names=(Typed("kubelet_service", "KubeNode", "group"),),
    )
    found = rows("rke2", node=own)
    assert told(found["service_cidr"]) == ("10.99.0.0/16", Origin.TYPED, "list")
    assert found["service_cidr"].notes == (Note("shows", "10.43.0.0/16"),)
    assert told(found["hyperv_host"]) == ("hv-9", Origin.TYPED, "group")
    assert told(found["kubectl"]) == ("D:\\kubectl.exe", Origin.TYPED, "node")
    assert told(found["kubelet_service"]) == ("KubeNode", Origin.TYPED, "group")
    assert told(found["profile"]) == ("RKE2 (rke2)", Origin.TYPED, "node")


def test_a_typed_name_that_the_node_lacks_is_told_as_such():
    apart = (("kubelet_service", "KubeNode"), ("runtime_service", "Ctr"))
    changes = (
        each("daemons.services", lambda one: replace(one, typed_apart=apart)),
        each("hns.networks", lambda one: replace(one, typed_apart="pods-2")),
    )
    named = {"kubelet_service": "KubeNode", "runtime_service": "Ctr", "hns_network": "pods-2"}
    own = replace(NODE, names=tuple(Typed(key, value, "node") for key, value in named.items()))
    found = rows("sdn-native", *changes, node=own)
    assert {key: (told(found[key]), codes(found[key])) for key in named} == {
        key: ((value, Origin.TYPED, "node"), ("typed-not-there",)) for key, value in named.items()
    }


def test_defaults_are_called_so():
    without = rows("rke2", put("cni.folders", ()))
    assert told(without["service_cidr"]) == ("10.43.0.0/16", Origin.DEFAULT, "RKE2's default")
    assert codes(without["cni_conf"]) == ("no-cni-file",)


def test_why_a_value_is_not_known():
    there = rows("sdn-native")
    assert codes(there["proxy"]) == codes(there["no_proxy"]) == ("unset",)
    refused = put("environment.machine", Problem("environment.machine", "Access is denied.", "5"))
    assert rows("sdn-native", refused)["proxy"].notes == (Note("not-read", "Access is denied."),)
    assert codes(rows("sdn-native", put("profile.api_servers", ()))["api_server"]) == ("nowhere.api_server",)
    hidden = put("profile.api_servers", Problem("profile.api_servers", "locked"))
    assert rows("sdn-native", hidden)["api_server"].notes == (Note("not-read", "locked"),)
    assert rows("sdn-native", unread("machine"))["hyperv_host"].notes[0].code == "not-read"
    broken = replace(fact(healthy("rke2"), "flannel.net_conf")[0], present=None, content="", problem="locked")
    gone = replace(file("C:\\run\\flannel\\subnet.env", ""), present=False)
    changes = (put("flannel.net_conf", (broken,)), put("flannel.subnet_env", (gone,)), unread("daemons"))
    assert rows("rke2", *changes)["cluster_cidr"].notes[0].value.endswith("locked")


def test_a_proxy_is_told_with_its_place():
    line = "HTTPS_PROXY=http://proxy:3128"
    found = rows("sdn-native", in_service("containerd", environment=(line,)))
    assert told(found["proxy"])[:2] == ("http://proxy:3128", Origin.FOUND)


def test_a_layout_that_is_a_guess_is_called_one():
    assert codes(rows("rke2", unread("daemons"))["profile"]) == ("guess",)
    assert codes(rows("rke2")["profile"]) == ()


@pytest.mark.parametrize("code", ["never", "unread"])
def test_of_a_node_that_was_not_read_the_typed_values_are_told(code: str):
    own = replace(
        NODE, cluster=(Typed("dns_service", "10.96.0.10", "list"),), paths=(Typed("net_conf", "D:\\n", "node"),)
    )
    blank = replace(report("rke2", silent), profile="", context=())
    parts = {part.name: part.rows for part in node_site(own, None if code == "never" else blank)}
    assert list(parts) == ["cluster", "places"]
    assert [row.value for row in parts["cluster"] if row.value] == ["10.96.0.10"]
    assert {codes(row) for row in parts["cluster"] if not row.value} == {(code,)}
    assert [told(row) for row in parts["places"]] == [("D:\\n", Origin.TYPED, "node")]


def test_every_row_has_words(words: Catalogue):
    for layout in LAYOUTS:
        for change in (lambda facts: facts, silent, put("profile.api_servers", ()), put("cni.folders", ())):
            for part in node_site(NODE, report(layout, change)):
                assert section_title(part, words) != f"here.part.{part.name}"
                for row in part.rows:
                    evidence = evidence_of(row, words)
                    assert not words.label(row.label).startswith("here."), row
                    assert not any(word.startswith(("here.note", "here.from")) for word in evidence.source.split())
                    assert evidence.source, row
