"""The cluster over all nodes: every value with its sources and nodes, and what differs side by side."""

from __future__ import annotations

from dataclasses import replace

from node_facts import NODE, NOW, healthy

from checks.catalogue import Catalogue
from checks.cluster_context import ContextValue
from checks.scan import NodeReport
from checks.site_context import SiteEntry, SiteValue, site_context, site_document, site_lines
from checks.site_settings import CLUSTER_KEYS


def blank(name: str) -> NodeReport:
    return NodeReport(replace(NODE, name=name), "", (), healthy("rke2"), (), NOW, 1.0, 3, 1)


def report(name: str, **values: tuple[str, ...]) -> NodeReport:
    """The report of a node with these values: value, source, and what the node shows instead."""
    context = tuple(ContextValue(key, *values.get(key, ("", ""))) for key in CLUSTER_KEYS)
    return replace(blank(name), context=context)


SITE = (
    report("a", cluster_cidr=("10.244.0.0/16", "subnet.env"), hyperv_host=("HV-01", "registry")),
    report("b", cluster_cidr=("10.244.0.0/16", "cni.conf"), hyperv_host=("hv-01.example.com", "node list")),
    report("c", cluster_cidr=("10.42.0.0/16", "node list", "10.244.0.0/16")),
    blank("unread"),
)


def entry(name: str, *reports: NodeReport) -> SiteEntry:
    return next(one for one in site_context(reports) if one.name == name)


def test_equal_values_stand_together_and_others_beside_them():
    assert entry("cluster_cidr", *SITE).values == (
        SiteValue("10.244.0.0/16", ("subnet.env", "cni.conf"), ("a", "b")),
        SiteValue("10.42.0.0/16", ("node list",), ("c",)),
        SiteValue("10.244.0.0/16", (), ("c",), is_overruled=True),
    )


def test_what_most_nodes_have_comes_first():
    site = (SITE[2], SITE[0], SITE[1])
    assert [one.nodes for one in entry("cluster_cidr", *site).values] == [("a", "b"), ("c",), ("c",)]


def test_a_host_with_its_domain_is_the_same_one():
    told = entry("hyperv_host", *SITE)
    assert told.values == (SiteValue("HV-01", ("registry", "node list"), ("a", "b")),)
    assert told.unknown == ("c",)


def test_what_no_node_knows_is_unknown_on_all_that_were_read():
    assert entry("proxy", *SITE) == SiteEntry("proxy", (), ("a", "b", "c"))
    assert [one.name for one in site_context(SITE)] == list(CLUSTER_KEYS)


def test_without_a_node_that_was_read_nothing_is_said(words: Catalogue):
    assert site_context(SITE[3:]) == ()
    assert site_document(SITE[3:]) == []
    assert list(site_lines(SITE[3:], words)) == []


def test_one_node_needs_no_summary_in_text(words: Catalogue):
    assert list(site_lines((SITE[0], SITE[3]), words)) == []
    assert site_document(SITE[:1])


def test_the_text_has_a_line_for_each_value(words: Catalogue):
    lines = list(site_lines(SITE, words))
    assert lines[:4] == [
        "Cluster, over all nodes",
        "  pods           10.244.0.0/16  (subnet.env, cni.conf; a, b)",
        "                 10.42.0.0/16  (node list; c)",
        "                 10.244.0.0/16  (the nodes show it, the node list says otherwise; c)",
    ]
    assert "  proxy          not known: a, b, c" in lines


def test_many_nodes_are_counted(words: Catalogue):
    many = [report(f"n{number}", proxy=("http://p:1", "x")) for number in range(9)]
    assert "  proxy          http://p:1  (x; n0, n1, n2, n3, n4, n5 and 3 more)" in list(site_lines(many, words))
    assert next(one for one in site_document(many) if one["name"] == "proxy")["values"][0]["nodes"] == [
        f"n{number}" for number in range(9)
    ]
