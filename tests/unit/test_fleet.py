"""Nodes held against each other: what one change on one of them makes of all, and that nothing unread makes it better."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from cases_cluster import node as node_object
from hypothesis import given, settings
from hypothesis import strategies as st
from node_changes import Change, cni, content, gone, in_content, in_line, in_service, more, put, silent, unread
from node_facts import NODE, context, fact_paths, healthy
from node_files import NOW, Cluster, file, net_conf, subnet_env
from reasons import given_reasons
from runtime_changes import absent, containerd, kubernetes, no_version, says

from checks.errors import CannotReachNode
from checks.facts import ApiServerFact, NodeFacts, Problem, VariableFact
from checks.finding import Verdict
from checks.fleet import FLEET_IDS, with_fleet
from checks.node import Node
from checks.rules.fleet import FLEET_CHECKS, Member, compare
from checks.scan import NodeReport, unread_report

OWN_ENV, CONF = "flannel.subnet_env", "flannel.net_conf"


def lease(own: str, mtu: int = 1450, pods: str = "10.244.0.0/16") -> Change:
    """Another subnet of its own in subnet.env."""
    return content(OWN_ENV, subnet_env(Cluster(pods, own=own), mtu))


SECOND: tuple[Change, ...] = (lease("10.244.4"), node_object(pod_cidrs=("10.244.4.0/24",)))
THIRD: tuple[Change, ...] = (lease("10.244.5"), node_object(pod_cidrs=("10.244.5.0/24",)))


def made(layout: str, *changes: Change) -> NodeFacts:
    facts = healthy(layout)
    for change in changes:
        facts = change(facts)
    return facts


def site(*all_facts: NodeFacts, groups: tuple[str, ...] = ()) -> tuple[Member, ...]:
    names = ("one", "two", "three", "four")
    told = zip(names, all_facts, (*groups, "", "", "", ""), strict=False)
    return tuple(Member(Node(name, "10.0.0.1", group=group), facts) for name, facts, group in told)


def said(members: tuple[Member, ...], check: str) -> dict[str, str]:
    found = compare(members)
    told = {name: next(one for one in findings if one.check == check) for name, findings in found.items()}
    return {name: f"{one.verdict.value} {one.reason}" for name, one in told.items()}


@dataclass(frozen=True)
class Case:
    """The second of two nodes is changed: what each of the two is told by one check."""

    name: str
    check: str
    changes: tuple[Change, ...]
    first: str
    second: str
    layout: str = "sdn-native"

    @property
    def members(self) -> tuple[Member, ...]:
        return site(healthy(self.layout), made(self.layout, *self.changes))


SUBNETS, CIDRS, FLANNEL = "fleet.pod-subnets-apart", "fleet.pod-cidrs-apart", "fleet.flannel-alike"
VERSIONS, NO_PROXY, NAT = "fleet.versions-alike", "fleet.no-proxy-alike", "fleet.nat-exceptions-alike"
OTHER_SERVER = put("profile.api_servers", (ApiServerFact("C:\\k\\config", "https://10.9.9.9:6443"),))
NO_SERVER = put("profile.api_servers", ())
WITHOUT = "unknown others-unread"
UNREAD = "unknown not-read"
CASES = (
    Case("apart", SUBNETS, SECOND, "pass apart", "pass apart"),
    Case("the same subnet", SUBNETS, (), "fail twice", "fail twice"),
    Case("a wider one around it", SUBNETS, (in_content(OWN_ENV, "3.1/24", "2.1/23"),), "fail twice", "fail twice"),
    Case("other cluster", SUBNETS, (OTHER_SERVER,), "not_applicable alone", "not_applicable alone"),
    Case("file not there", SUBNETS, (content(OWN_ENV, None),), "pass apart", "not_applicable none-here"),
    Case("file without a subnet", SUBNETS, (content(OWN_ENV, "x"),), "pass apart", "not_applicable none-here"),
    Case("file unread", SUBNETS, (unread(OWN_ENV),), WITHOUT, UNREAD),
    Case("file held", SUBNETS, (put(OWN_ENV, (replace(healthy("rke2").flannel.subnet_env[0], present=None),)),),
         WITHOUT, UNREAD),
    Case("server unread", SUBNETS, (unread("profile.api_servers"),), WITHOUT, UNREAD),
    Case("profile unread", SUBNETS, (unread("profile"),), WITHOUT, UNREAD),
    Case("no server named", SUBNETS, (NO_SERVER,), WITHOUT, UNREAD),
    Case("no server named, RKE2 unread", SUBNETS, (NO_SERVER, unread("profile.rke2_settings")), WITHOUT, UNREAD),
    Case("server of RKE2's settings", SUBNETS,
         (NO_SERVER, put("profile.rke2_settings", (VariableFact("server", "https://10.2.0.2:9345"),))),
         "fail twice", "fail twice", "rke2"),
    Case("server is the node itself", SUBNETS,
         (NO_SERVER, put("profile.rke2_settings", (VariableFact("server", "https://127.0.0.1:9345"),))),
         WITHOUT, UNREAD, "rke2"),
    Case("nothing read", SUBNETS, (silent,), WITHOUT, UNREAD),
    Case("assigned apart", CIDRS, SECOND, "pass apart", "pass apart"),
    Case("assigned twice", CIDRS, (), "fail twice", "fail twice"),
    Case("none assigned", CIDRS, (node_object(pod_cidrs=()),), "pass apart", "not_applicable none-here"),
    Case("Node not told", CIDRS, (unread("cluster.node"),), WITHOUT, UNREAD),
    Case("no kubectl", CIDRS, (unread("cluster"),), WITHOUT, UNREAD),
    Case("alike", FLANNEL, (), "pass alike", "pass alike"),
    Case("another network", FLANNEL, (lease("10.243.4", pods="10.243.0.0/16"),), "fail differs", "fail differs"),
    Case("another backend", FLANNEL, (content(CONF, net_conf("vxlan0", "host-gw", Cluster())),),
         "fail differs", "fail differs"),
    Case("another MTU", FLANNEL, (in_content(OWN_ENV, "1450", "1400"),), "warn differs", "warn differs"),
    Case("net-conf of another place", FLANNEL,
         (put(CONF, (file("D:\\net-conf.json", net_conf("vxlan0", "host-gw", Cluster())),)),),
         "fail differs", "fail differs"),
    Case("a copy that flanneld does not read", FLANNEL,
         (more(CONF, file("C:\\k\\net-conf.json", net_conf("vxlan0", "host-gw", Cluster()))),), "pass alike", "pass alike"),
    Case("no file, the same backend", FLANNEL, (content(OWN_ENV, None),), "pass alike", "pass alike"),
    Case("nothing of flannel", FLANNEL, (content(OWN_ENV, None), put(CONF, ())),
         "pass alike", "not_applicable none-here"),
    Case("net-conf elsewhere", FLANNEL,
         (in_line("flanneld", " --ip-masq", " --net-config-path=C:\\x.json --ip-masq"),), "pass alike", "pass alike"),
    Case("net-conf unread", FLANNEL, (unread(CONF),), WITHOUT, UNREAD),
    Case("net-conf held", FLANNEL, (put(CONF, (replace(healthy("sdn-native").flannel.net_conf[0], problem="held"),)),),
         WITHOUT, UNREAD),
    Case("flannel unread", FLANNEL, (unread("flannel"),), WITHOUT, UNREAD),
    Case("processes unread", FLANNEL, (unread("daemons.processes"),), WITHOUT, UNREAD),
    Case("the same versions", VERSIONS, (), "pass alike", "pass alike"),
    Case("another kubelet", VERSIONS, (kubernetes("1.29.1"),), "warn differs", "warn differs"),
    Case("another runtime", VERSIONS, (containerd("2.1.0"),), "warn differs", "warn differs"),
    Case("another flanneld", VERSIONS, (says("flanneld", output="v0.22.0"),), "warn differs", "warn differs"),
    Case("no kubectl, the same versions", VERSIONS, (unread("cluster"),), "pass alike", "pass alike"),
    Case("no kubectl, another kubelet", VERSIONS, (unread("cluster"), kubernetes("1.29.1")),
         "warn differs", "warn differs"),
    Case("the cluster tells what the program does not", VERSIONS,
         (no_version("kubelet"), node_object(kubelet_version="v1.29.1")), "warn differs", "warn differs"),
    Case("nobody tells kubelet's", VERSIONS, (no_version("kubelet"), unread("cluster")), WITHOUT, UNREAD),
    Case("flanneld does not tell", VERSIONS, (no_version("flanneld"),), WITHOUT, UNREAD),
    Case("flanneld lies nowhere", VERSIONS, (absent("flanneld"),), "pass alike", "pass alike"),
    Case("programs not asked", VERSIONS, (unread("runtime"),), WITHOUT, UNREAD),
    Case("no proxy anywhere", NO_PROXY, (), "pass alike", "pass alike"),
    Case("exceptions on one", NO_PROXY, (in_service("containerd", environment=("NO_PROXY=a",)),),
         "warn differs", "warn differs"),
    Case("only its own names", NO_PROXY,
         (in_service("containerd", environment=("NO_PROXY=10.2.0.13/32, WORKER-03,10.2.0.13",)),),
         "pass alike", "pass alike"),
    Case("exceptions, addresses unread", NO_PROXY,
         (in_service("containerd", environment=("NO_PROXY=a",)), unread("network.addresses")), WITHOUT, UNREAD),
    Case("exceptions, network unread", NO_PROXY,
         (in_service("containerd", environment=("NO_PROXY=a",)), unread("network")), WITHOUT, UNREAD),
    Case("exceptions, name unread", NO_PROXY,
         (in_service("containerd", environment=("NO_PROXY=a",)), unread("system.computer_name")), WITHOUT, UNREAD),
    Case("exceptions, host name unread", NO_PROXY,
         (in_service("containerd", environment=("NO_PROXY=a",)), unread("system.host_name")), WITHOUT, UNREAD),
    Case("exceptions, system unread", NO_PROXY,
         (in_service("containerd", environment=("NO_PROXY=a",)), unread("system")), WITHOUT, UNREAD),
    Case("environment unread", NO_PROXY, (unread("environment.machine"),), WITHOUT, UNREAD),
    Case("services unread", NO_PROXY, (unread("daemons.services"),), WITHOUT, UNREAD),
    Case("the same exceptions", NAT, (), "pass alike", "pass alike"),
    Case("one more exception", NAT, (cni(lambda text: text.replace('"10.96.0.0/12"', '"10.96.0.0/12", "1.0.0.0/8"', 1)),),
         "warn differs", "warn differs"),
    Case("its own subnet besides", NAT,
         (cni(lambda text: text.replace('"10.96.0.0/12"', '"10.96.0.0/12", "10.2.0.0/24"', 1)),),
         "pass alike", "pass alike"),
    Case("its part of the pods' range besides", NAT,
         (cni(lambda text: text.replace('"10.96.0.0/12"', '"10.96.0.0/12", "10.244.3.0/24"', 1)),),
         "pass alike", "pass alike"),
    Case("no CNI file", NAT, (put("cni.folders", ()),), "pass alike", "not_applicable none-here"),
    Case("broken CNI file", NAT, (cni(lambda _: "{"),), "pass alike", "not_applicable none-here"),
    Case("CNI unread", NAT, (unread("cni"),), WITHOUT, UNREAD),
    Case("addresses unread", NAT, (unread("network.addresses"),), WITHOUT, UNREAD),
    Case("network unread", NAT, (unread("network"),), WITHOUT, UNREAD),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{case.check}: {case.name}" for case in CASES])
def test_two_nodes_are_compared(case: Case):
    assert said(case.members, case.check) == {"one": case.first, "two": case.second}


def test_every_reason_of_the_rules_is_reached():
    told = {text.partition(" ")[2] for case in CASES for text in (case.first, case.second)}
    assert told == given_reasons("fleet") | {"not-read"}
    assert {case.check for case in CASES} == FLEET_IDS


def test_the_odd_one_out_is_told_and_not_the_many():
    odd = made("sdn-native", kubernetes("1.29.1"))
    three = site(healthy("sdn-native"), odd, healthy("sdn-native"))
    assert said(three, VERSIONS) == {"one": "pass alike", "two": "warn differs", "three": "pass alike"}
    finding = next(one for one in compare(three)["two"] if one.check == VERSIONS)
    assert (finding.value("what"), finding.value("usual")) == ("kubelet", "1.23.17")
    assert finding.value("nodes") == "one, three"


def test_who_is_the_odd_one_is_not_known_while_one_was_not_read():
    odd = made("sdn-native", kubernetes("1.29.1"))
    three = site(healthy("sdn-native"), odd, made("sdn-native", silent))
    assert said(three, VERSIONS) == {"one": WITHOUT, "two": WITHOUT, "three": UNREAD}


def test_a_double_subnet_is_told_though_others_were_not_read():
    three = site(healthy("sdn-native"), healthy("sdn-native"), made("sdn-native", silent))
    assert said(three, SUBNETS) == {"one": "fail twice", "two": "fail twice", "three": UNREAD}


def test_an_unread_node_of_another_group_counts_for_nothing():
    three = site(healthy("sdn-native"), made("sdn-native", *SECOND), made("sdn-native", silent), groups=("a", "a", "b"))
    assert said(three, SUBNETS) == {"one": "pass apart", "two": "pass apart", "three": UNREAD}


def test_a_node_alone_is_compared_with_nobody():
    assert said(site(healthy("rke2")), CIDRS) == {"one": "not_applicable alone"}
    assert said(site(made("rke2", unread("cluster"))), CIDRS) == {"one": "not_applicable alone"}


CRAFTED = (
    *(case.members for case in CASES),
    site(healthy("sdn-native"), made("sdn-native", *SECOND), made("sdn-native", *THIRD)),
    site(healthy("sdn-native"), made("sdn-native", node_object(runtime_version="x")), made("sdn-native", gone("kubelet"))),
    site(healthy("sdn-native"), healthy("sdn-nssm"), healthy("rke2"), healthy("hostprocess")),
)  # fmt: skip
GOOD = (Verdict.PASS, Verdict.INFO, Verdict.NOT_APPLICABLE)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CRAFTED), st.integers(0, 3), st.sets(st.sampled_from(fact_paths()), min_size=1, max_size=4))
def test_what_was_not_read_of_one_node_makes_nothing_better_on_any(members, place, paths):
    place %= len(members)
    less = list(members)
    less[place] = replace(less[place], facts=made_unread(less[place].facts, paths))
    before, after = compare(members), compare(less)
    for name, findings in after.items():
        for was, now in zip(before[name], findings, strict=True):
            told = (name, now.check, sorted(paths), was.reason, now.reason)
            if now.verdict is Verdict.PASS:
                assert was.verdict is Verdict.PASS, told
            if now.verdict is Verdict.FAIL:
                assert was.verdict not in GOOD, told


def made_unread(facts: NodeFacts, paths: set[str]) -> NodeFacts:
    return unread(*sorted(paths))(facts)


def report(name: str, facts: NodeFacts) -> NodeReport:
    return NodeReport(replace(NODE, name=name), context(facts).profile.name, (), facts, (), NOW, 1.0, 3, 1)


def test_findings_are_put_into_the_reports_once():
    error = CannotReachNode("silent", node="gone")
    reports = (
        report("one", healthy("sdn-native")),
        report("two", healthy("sdn-native")),
        unread_report(replace(NODE, name="gone"), error, NOW),
    )
    told = with_fleet(with_fleet(reports))
    assert [one.check for one in told[0].findings] == [check.id for check in FLEET_CHECKS]
    assert told[0].findings[0].verdict is Verdict.FAIL
    assert {one.read_at for one in told[0].findings[0].evidence} == {NOW}
    assert len(told[2].findings) == len(reports[2].findings) + len(FLEET_CHECKS)
    assert {one.verdict for one in told[2].findings} == {Verdict.UNKNOWN}
    assert isinstance(told[2].facts.system, Problem)
