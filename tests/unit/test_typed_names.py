"""Names that the node list gives: services, the pods' network and the CNI file, and what becomes of wrong ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from node_changes import more
from node_facts import LAYOUTS, NODE, NOW, fact, healthy, judge, service, with_fact
from node_files import file

from checks.check import Context
from checks.cluster import Told, management_address
from checks.daemons import processes
from checks.daemons import service as service_of
from checks.errors import BadFile
from checks.facts import NodeFacts, Problem
from checks.finding import Evidence, Verdict
from checks.images import runtime_kind
from checks.inventory import load_nodes, parse_nodes, save_nodes
from checks.node import Node, Typed
from checks.overrides import narrowed, typed_paths
from checks.probe import PROBES
from checks.profile import detect
from checks.proxy import runtime
from checks.rules.flannel import flanneld_runs


def named(**names: str) -> Node:
    return replace(NODE, names=tuple(Typed(key, value, "group") for key, value in sorted(names.items())))


def seen(facts: NodeFacts, node: Node) -> NodeFacts:
    """As the scan takes the answers."""
    return replace(facts, **{field: narrowed(getattr(facts, field), node) for field in PROBES})


def test_services_are_asked_for_by_their_names():
    node = named(kubelet_service="KubeNode", runtime_service="Ctr", hns_network="x")
    told = dict(PROBES["daemons"].parameters(typed_paths(node)))
    assert told == {"Service": ["KubeNode", "Ctr"]}
    assert dict(PROBES["daemons"].parameters(typed_paths(NODE))) == {}


def test_the_typed_service_is_the_daemons_whatever_it_starts():
    facts = healthy("sdn-native")
    own = service("KubeNode", "C:\\k\\start-all.cmd")
    facts = with_fact(facts, "daemons.services", (*fact(facts, "daemons.services"), own))
    told = service_of(seen(facts, named(kubelet_service="kubenode")), "kubelet")
    assert (told.name, told.typed_for) == ("KubeNode", "kubelet")
    assert service_of(seen(facts, NODE), "kubelet").name == "kubelet"
    found = judge(seen(facts, named(kubelet_service="kubenode")), named(kubelet_service="kubenode"))[
        "node.kubelet-runs"
    ]
    assert Evidence("service", "KubeNode: running, auto", "Win32_Service (node list, group)") in found.evidence


@pytest.mark.parametrize(
    ("line", "daemon"),
    [("C:\\x\\run.cmd", "containerd"), ("C:\\docker\\dockerd.exe", "dockerd"), ("C:\\bin\\rke2.exe agent", "rke2")],
)
def test_the_runtimes_service_is_whose_program_it_starts(line, daemon):
    facts = with_fact(healthy("sdn-native"), "daemons.services", (service("Ctr", line),))
    assert service_of(seen(facts, named(runtime_service="Ctr")), daemon).typed_for == daemon


def test_what_a_node_says_of_that_itself_does_not_count():
    facts = healthy("sdn-native")
    lying = tuple(replace(one, typed_for="kubelet") for one in fact(facts, "daemons.services"))
    assert {one.typed_for for one in seen(with_fact(facts, "daemons.services", lying), NODE).daemons.services} == {""}
    apart = (("kubelet_service", "x"),)
    lying = tuple(replace(one, typed_apart=apart) for one in fact(facts, "daemons.services"))
    assert service_of(seen(with_fact(facts, "daemons.services", lying), NODE), "kubelet").name == "kubelet"
    networks = tuple(replace(one, is_typed=True) for one in fact(facts, "hns.networks"))
    assert not any(one.is_typed for one in seen(with_fact(facts, "hns.networks", networks), NODE).hns.networks)


RUNS = {
    "kubelet": "node.kubelet-runs",
    "kube_proxy": "node.kube-proxy-runs",
    "flanneld": "flannel.flanneld-runs",
    "runtime": "node.containerd-runs",
}
PROGRAMS = {"kube_proxy": ("kube-proxy",), "runtime": ("containerd", "dockerd", "rke2")}
WHILE_IT_RUNS = {
    "kubelet": {"node.proxy-variables", "node.removed-flags"},
    "kube_proxy": {"node.proxy-variables", "node.removed-flags"},
    "flanneld": {"node.proxy-variables", "node.names-in-lower-case"},
    "runtime": {
        "node.proxy-answers",
        "node.proxy-variables",
        "node.containerd-config",
        "node.docker-left",
        "node.pause-image-fits",
        "node.port-forward-tool",
        "network.cni-ready",
    },
}


def without(facts: NodeFacts, *roles: str) -> NodeFacts:
    kept = tuple(one for one in fact(facts, "daemons.processes") if one.role not in roles)
    return with_fact(facts, "daemons.processes", kept)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("key", RUNS)
def test_where_the_typed_service_is_not_there_no_other_one_is_taken(layout, key):
    node = named(**{f"{key}_service": "gone"})
    for verdict in (Verdict.WARN, Verdict.FAIL):
        facts = healthy(layout)
        if verdict is Verdict.FAIL:
            facts = without(facts, *PROGRAMS.get(key, (key,)))
        found = judge(seen(facts, node), node)
        missing = found[RUNS[key]]
        assert (missing.verdict, missing.reason, missing.fixes) == (verdict, "typed-service-absent", ())
        assert Evidence("service", "gone: –", "node list, group") in missing.evidence
        rests = {check: one for check, one in found.items() if one.value("fact") == f"names.{key}_service"}
        assert {(one.verdict, one.reason, one.cause) for one in rests.values()} <= {
            (Verdict.UNKNOWN, "typed-not-there", RUNS[key])
        }
        if verdict is Verdict.WARN and layout == "sdn-native":
            assert rests.keys() == WHILE_IT_RUNS[key]
        assert "restart-flanneld" not in {fix for one in found.values() for fix in one.fixes} or key != "flanneld"


@pytest.mark.parametrize(("key", "daemon"), [("kubelet", "kubelet"), ("runtime", "rke2"), ("runtime", "dockerd")])
def test_a_typed_service_that_is_not_there_is_a_problem_for_all_who_ask(key, daemon):
    told = service_of(seen(healthy("sdn-nssm"), named(**{f"{key}_service": "gone"})), daemon)
    assert told == Problem(
        f"names.{key}_service", "there is no service gone, as the node list names it", "typed-not-there"
    )


def test_a_typed_runtime_that_is_not_there_is_told_of_docker_where_that_runs():
    facts = more("daemons.processes", replace(fact(healthy("sdn-native"), "daemons.processes")[0], role="dockerd"))(
        without(healthy("sdn-native"), "containerd")
    )
    node = named(runtime_service="gone")
    found = judge(seen(facts, node), node)["node.containerd-runs"]
    assert (found.verdict, found.value("daemon")) == (Verdict.WARN, "dockerd")


def test_another_network_plugin_needs_no_flanneld():
    facts = healthy("sdn-native")
    node = named(flanneld_service="gone")
    context = Context(seen(facts, node), replace(detect(facts), uses_flannel=False), node, NOW)
    assert flanneld_runs(context).reason == "other-cni"
    assert flanneld_runs(replace(context, profile=replace(context.profile, uses_flannel=None))).reason == (
        "typed-service-absent"
    )


def test_the_typed_network_is_the_pods():
    facts = healthy("sdn-nssm")
    other = replace(fact(facts, "hns.networks")[0], name="pods-2", subnets=("10.9.9.0/24",))
    facts = with_fact(facts, "hns.networks", (*fact(facts, "hns.networks"), other))
    node = named(hns_network="PODS-2")
    found = judge(seen(facts, node), node)["network.hns-network-exists"]
    assert (found.verdict, found.value("name")) == (Verdict.FAIL, "pods-2")
    assert Evidence("expected-name", "PODS-2", "node list, group") in found.evidence


def test_a_typed_network_that_is_not_there_is_missing():
    node = named(hns_network="pods-2")
    found = judge(seen(healthy("sdn-nssm"), node), node)["network.hns-network-exists"]
    assert (found.verdict, found.reason, found.value("name")) == (Verdict.FAIL, "missing", "pods-2")


def test_only_the_typed_cni_file_counts():
    facts = healthy("sdn-nssm")
    folder = fact(facts, "cni.folders")[0]
    first = file(f"{folder.path}\\00-other.conf", "{}")
    facts = with_fact(facts, "cni.folders", (replace(folder, files=(first, *folder.files)),))
    kept = seen(facts, named(cni_conf="CNI.conf")).cni.folders[0]
    assert [one.path for one in kept.files] == [f"{folder.path}\\cni.conf"]
    assert len(seen(facts, NODE).cni.folders[0].files) == 2
    node = named(cni_conf="none.conf")
    assert judge(seen(facts, node), node)["network.outbound-nat-exceptions"].reason == "missing"


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("names: {kubelet_service: 'a\\b'}\n", "kubelet_service", "is no name of a service"),
        ("names: {cni_conf: 'C:\\k\\cni.conf'}\n", "cni_conf", "is no file name"),
        ("names: {cni_conf: flannel.txt}\n", "cni_conf", "is no file name"),
        ("names: {hns_network: ''}\n", "hns_network", "must not be empty"),
        ("names: {kubelet: x}\n", "kubelet", "is not a key"),
    ],
)
def test_a_wrong_name_is_told_with_line_and_key(text, key, words):
    with pytest.raises(BadFile) as told:
        parse_nodes(text + "nodes:\n  - name: a\n    address: b\n", "n")
    assert told.value.detail.startswith(f"line 1: $.names.{key}: ")
    assert words in told.value.detail


def test_names_are_merged_and_saved_like_paths(tmp_path):
    text = (
        "names: {hns_network: cbr1, cni_conf: 10-x.conflist}\ngroups:\n  A: {names: {hns_network: cbr2}}\n"
        "nodes:\n  - {name: a, address: b, group: A, names: {kubelet_service: Kube Node}}\n"
    )
    (node,) = parse_nodes(text, "n")
    assert node.names == (
        Typed("cni_conf", "10-x.conflist", "list"),
        Typed("hns_network", "cbr2", "group"),
        Typed("kubelet_service", "Kube Node", "node"),
    )
    save_nodes(tmp_path / "nodes.yaml", (node,))
    (again,) = load_nodes(tmp_path / "nodes.yaml")
    assert {one.name: one.value for one in again.names} == {one.name: one.value for one in node.names}


def test_a_typed_network_is_compared_with_every_place_that_names_one():
    facts = healthy("sdn-nssm")
    node = named(hns_network="pods-2")
    found = judge(seen(facts, node), node)["network.names-agree"]
    assert (found.verdict, found.reason, found.value("told")) == (Verdict.FAIL, "typed-differs", "cbr0")
    assert found.evidence[0] == Evidence("expected-name", "pods-2", "node list, group")
    same = named(hns_network="CBR0")
    assert judge(seen(facts, same), same)["network.names-agree"].reason == "agree"


def test_the_typed_network_tells_the_mode_and_the_nodes_address():
    facts = healthy("sdn-nssm")
    other = replace(fact(facts, "hns.networks")[0], name="pods-2", type="Overlay", management_ip="10.2.9.9")
    facts = with_fact(facts, "hns.networks", (*fact(facts, "hns.networks"), other))
    found = seen(facts, named(hns_network="pods-2"))
    assert detect(found).is_overlay is True
    assert management_address(found) == Told("10.2.9.9", "HNS network pods-2")
    assert detect(seen(facts, NODE)).is_overlay is False


def started_as(program: str, facts: NodeFacts) -> NodeFacts:
    """kube-proxy.exe under another name, as the process of a service KP that nothing else tells of."""
    lines = {one.role: one for one in fact(facts, "daemons.processes")}
    own = lines["kube-proxy"]
    line = own.command_line.replace("kube-proxy.exe", program).replace("worker-03", "worker-16")
    renamed = replace(own, name=program, role=program.removesuffix(".exe"), process_id=7700, command_line=line)
    others = tuple(one for one in fact(facts, "daemons.services") if one.name != "kube-proxy")
    facts = with_fact(facts, "daemons.services", (*others, service("KP", line, process_id=7700)))
    kept = tuple(one for one in fact(facts, "daemons.processes") if one.role != "kube-proxy")
    return with_fact(facts, "daemons.processes", (*kept, renamed))


def test_the_process_of_a_typed_service_is_the_daemons_whatever_its_program_is_called():
    facts = started_as("kp-v130.exe", healthy("sdn-native"))
    node = named(kube_proxy_service="kp")
    found = judge(seen(facts, node), node)
    assert (found["node.kube-proxy-runs"].verdict, found["node.kube-proxy-runs"].reason) == (Verdict.PASS, "runs")
    assert (found["network.kube-proxy-name"].verdict, found["network.kube-proxy-name"].reason) == (
        Verdict.FAIL,
        "differs",
    )
    assert judge(seen(facts, NODE), NODE)["node.kube-proxy-runs"].reason == "absent"


def test_of_two_processes_the_typed_services_own_counts():
    facts = healthy("sdn-native")
    own = next(one for one in fact(facts, "daemons.processes") if one.role == "kube-proxy")
    line = own.command_line.replace("worker-03", "worker-16")
    typed = replace(own, process_id=7700, parent_process_id=7600, parent_name="nssm.exe", command_line=line)
    wrapper = replace(
        own, name="nssm.exe", role="nssm", process_id=7600, parent_process_id=600, command_line="nssm.exe"
    )
    facts = more("daemons.processes", wrapper, typed)(facts)
    facts = more("daemons.services", service("KP", "C:\\k\\nssm.exe", process_id=7600))(facts)
    told = seen(facts, named(kube_proxy_service="KP"))
    assert [one.process_id for one in processes(told, "kube-proxy")] == [7700, own.process_id]
    assert [one.role for one in told.daemons.processes if one.process_id == 7600] == ["nssm"]


def test_a_shell_that_starts_the_daemon_is_not_the_daemon():
    facts = started_as("powershell.exe", healthy("sdn-native"))
    node = named(kube_proxy_service="KP")
    assert judge(seen(facts, node), node)["node.kube-proxy-runs"].reason == "service-without-process"


@pytest.mark.parametrize(
    ("line", "runtime_name", "kind"),
    [
        ("C:\\x\\run.exe", "containerd", "containerd"),
        ("C:\\docker\\dockerd.exe", "dockerd", "docker"),
        ("C:\\bin\\rke2.exe agent", "rke2", "containerd"),
    ],
)
def test_the_typed_runtime_decides_where_there_are_several(line, runtime_name, kind):
    facts = healthy("sdn-native")
    both = (service("docker", "C:\\docker\\dockerd.exe"), service("Ctr", line))
    facts = more("daemons.services", *both)(facts)
    node = named(runtime_service="Ctr")
    told = seen(facts, node)
    assert (runtime(told), runtime_kind(told)) == (runtime_name, kind)


def test_the_layout_is_found_by_typed_services():
    facts = healthy("sdn-nssm")
    own = next(one for one in fact(facts, "daemons.services") if one.name == "kubelet")
    others = tuple(one for one in fact(facts, "daemons.services") if one.name != "kubelet")
    facts = with_fact(facts, "daemons.services", (*others, replace(own, name="KubeNode")))
    assert detect(seen(facts, named(kubelet_service="KubeNode"))).name == "sdn-nssm"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_where_the_typed_network_is_not_there_no_other_one_is_judged(layout):
    node = named(hns_network="pods-2")
    facts = seen(healthy(layout), node)
    found = judge(facts, node)
    (other,) = fact(facts, "hns.networks")
    missing = found["network.hns-network-exists"]
    assert (missing.reason, missing.cause, missing.fixes) == ("missing", "network.names-agree", ())
    assert detect(facts).is_overlay is (layout != "sdn-nssm")  # by net-conf.json
    rests = {check for check, one in found.items() if one.value("fact") == "names.hns_network"}
    assert rests >= {
        "flannel.flanneld-runs",
        "flannel.subnet-env",
        "network.pod-cidr-agrees",
        "network.node-address-agrees",
        "network.addresses-left",
        "network.endpoints-are-clean",
        "network.right-adapter",
        "network.outbound-nat-exceptions",
    }
    for check, one in found.items():
        assert not any(f"Get-HnsNetwork {other.name}" in told.source for told in one.evidence), one
        if check in rests:
            assert (one.verdict, one.cause) == (Verdict.UNKNOWN, "network.names-agree")
        else:
            assert one.verdict is not Verdict.FAIL or one.reason in ("missing", "typed-differs"), one


def test_where_all_mean_the_typed_network_flanneld_may_make_it():
    node = named(hns_network="CBR0")
    facts = with_fact(healthy("sdn-nssm"), "hns.networks", (replace(healthy("rke2").hns.networks[0], name="other"),))
    missing = judge(seen(facts, node), node)["network.hns-network-exists"]
    assert (missing.reason, missing.fixes) == ("missing", ("restart-flanneld",))
    assert missing.cause == ""


def test_the_source_vip_is_not_compared_with_another_network():
    node = named(hns_network="pods-2")
    facts = seen(healthy("sdn-native"), node)
    assert judge(facts, node)["flannel.source-vip"].value("fact") == "names.hns_network"
    moved = with_fact(
        facts, "hns.networks", tuple(replace(one, subnets=("10.9.9.0/24",)) for one in facts.hns.networks)
    )
    assert judge(moved, node)["flannel.source-vip"].reason == "typed-not-there"
    assert management_address(facts) == Told("10.2.0.13", "Get-NetIPAddress, vEthernet (Ethernet)")
