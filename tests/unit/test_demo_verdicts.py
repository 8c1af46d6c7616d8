"""What the checklist says of each simulated node of the demo, and that its fault is found for the right reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from test_demo_load import with_proxy

from checks.causes import fold
from checks.check import Context, evaluate
from checks.facts import ClockFacts, HyperVFacts, NodeFacts, NodePortFacts, Problem
from checks.finding import Finding, Verdict
from checks.fleet import FLEET_IDS
from checks.hyperv_host import guest_macs
from checks.node import Node
from checks.node_ports import node_ports
from checks.probe import HOST_PROBE, PROBES, ExtraPaths, decode
from checks.profile import detect
from checks.rules import CHECKS
from checks.rules.fleet import Member, compare
from checks.simulator.demo_hosts import load_demo_hosts
from checks.simulator.demo_load import load_demo_node
from checks.simulator.demo_probes import probe
from checks.simulator.demo_reach import knock_at

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"

# Findings that are neither PASS nor NOT_APPLICABLE nor a known limit (INFO): verdict, reason, fixes offered.
ILL = {
    "worker-01": {},
    "worker-02": {
        "flannel.flanneld-runs": (Verdict.FAIL, "no-node-name", ("restart-flanneld",)),
        "flannel.subnet-env": (Verdict.FAIL, "missing", ("restart-flanneld",)),
        "network.hns-network-exists": (Verdict.FAIL, "missing", ("restart-flanneld",)),
        "network.addresses-left": (Verdict.UNKNOWN, "subnet-unknown", ()),
        "network.endpoints-are-clean": (Verdict.UNKNOWN, "subnet-unknown", ()),
        "network.right-adapter": (Verdict.UNKNOWN, "nothing-told", ()),
    },
    "worker-03": {"flannel.source-vip": (Verdict.FAIL, "stale", ("remove-stale-subnet-files",))},
    "worker-05": {"node.proxy-variables": (Verdict.FAIL, "no-proxy-set", ("set-proxy-variables",))},
    "worker-06": {
        "node.images-are-pulled": (Verdict.FAIL, "linux-image", ()),
        "node.names-in-lower-case": (Verdict.WARN, "upper-case", ()),
        "network.kube-proxy-name": (Verdict.FAIL, "differs", ()),
        "network.pod-cidr-agrees": (Verdict.FAIL, "file-differs", ()),
        "network.node-address-agrees": (Verdict.FAIL, "changed", ()),
    },
    "worker-07": {
        "node.containers-feature": (Verdict.WARN, "restart-owed", ()),
        "node.clock-and-certificates": (Verdict.WARN, "clock-drifts", ()),
        "node.disk-has-room": (Verdict.FAIL, "full", ()),
        "node.no-disk-pressure": (Verdict.FAIL, "pressure", ()),
        "network.hns-is-healthy": (Verdict.WARN, "restarted", ()),
        "node.build-without-known-faults": (Verdict.WARN, "service-after-hns", ()),
        "network.right-adapter": (Verdict.FAIL, "differ", ()),
        "network.address-kept": (Verdict.WARN, "no-gateway", ()),
        "network.firewall-lets-in": (Verdict.FAIL, "kubelet-shut", ()),
        "network.mac-spoofing": (Verdict.WARN, "off", ()),
    },
    "edge-1": {},
    "edge-2": {},
    "edge-3": {
        "node.docker-left": (Verdict.WARN, "will-start", ()),
        "node.pause-image-fits": (Verdict.FAIL, "no-build", ()),
        "network.cni-ready": (Verdict.FAIL, "plugin-missing", ()),
    },
    "edge-4": {
        "node.kubelet-runs": (Verdict.FAIL, "stopped", ()),
        "node.containerd-runs": (Verdict.FAIL, "stopped", ()),
        "node.removed-flags": (Verdict.FAIL, "ends-over-them", ()),
        "node.containerd-config": (Verdict.FAIL, "marked", ()),
        "node.pause-image-fits": (Verdict.UNKNOWN, "config-unusable", ()),
        "node.port-forward-tool": (Verdict.UNKNOWN, "config-unusable", ()),
        "network.cni-ready": (Verdict.UNKNOWN, "config-unusable", ()),
    },
    "worker-08": {
        "network.names-agree": (Verdict.FAIL, "kube-proxy-differs", ()),
        "network.dns-load-balancer": (Verdict.WARN, "one-protocol", ()),
        "network.cluster-dns-agrees": (Verdict.FAIL, "endpoints-differ", ()),
        "network.node-name-servers": (Verdict.FAIL, "none", ()),
        "network.addresses-left": (Verdict.WARN, "leaked", ()),
        "network.endpoints-are-clean": (Verdict.FAIL, "twins", ()),
        "flannel.vxlan-parameters": (Verdict.WARN, "copies-differ", ()),
        "network.node-ports-answer": (Verdict.WARN, "silent", ()),
    },
    "edge-5": {
        "network.cni-file-is-flannels": (Verdict.FAIL, "shadowed", ()),
        "network.outbound-nat-exceptions": (Verdict.FAIL, "not-flannel", ()),
        "network.cni-ready": (Verdict.UNKNOWN, "no-plugins", ()),
        "network.dns-load-balancer": (Verdict.FAIL, "missing", ()),
        "flannel.vxlan-parameters": (Verdict.FAIL, "linux-defaults", ()),
    },
    "edge-6": {},
    "edge-7": {
        "node.kube-proxy-runs": (Verdict.FAIL, "absent", ()),
        "node.proxy-answers": (Verdict.FAIL, "unreachable", ("set-proxy-variables",)),
        "node.port-forward-tool": (Verdict.WARN, "log-says-missing", ()),
    },
    "edge-8": {"node.api-server-reachable": (Verdict.FAIL, "not-reached", ())},
}
FLEET_ILL = {
    "edge-6": {"fleet.pod-subnets-apart": "twice", "fleet.pod-cidrs-apart": "twice"},
    "edge-7": {
        "fleet.pod-subnets-apart": "twice",
        "fleet.pod-cidrs-apart": "twice",
        "fleet.flannel-alike": "differs",
        "fleet.no-proxy-alike": "differs",
        "fleet.nat-exceptions-alike": "differs",
    },
    "worker-05": {"fleet.versions-alike": "differs"},
}
LIMITS = {"network.ping-outside", "network.local-node-port", "network.service-address-from-node", "network.dns-limits"}
"""They tell what Windows can't do: there is nothing that could fail."""
BAD = (Verdict.FAIL, Verdict.WARN)
PROFILES = {
    "worker-01": "sdn-nssm",
    "worker-02": "sdn-bare",
    "worker-03": "sdn-nssm",
    "worker-05": "kubeadm-hostprocess",
    "worker-06": "sdn-nssm",
    "worker-07": "sdn-nssm",
    "edge-1": "kubeadm-hostprocess",
    "edge-2": "rke2",
    "edge-3": "kubeadm-hostprocess",
    "edge-4": "kubeadm-hostprocess",
    "edge-5": "kubeadm-hostprocess",
    "edge-6": "kubeadm-hostprocess",
    "edge-7": "kubeadm-hostprocess",
    "edge-8": "kubeadm-hostprocess",
    "worker-08": "sdn-nssm",
}


def asked(host: str, facts: NodeFacts) -> HyperVFacts | Problem:
    """What the node's Hyper-V host says, as the scan asks it."""
    hosts = load_demo_hosts(DEMO / "hosts")
    if host not in hosts:
        return facts.hyperv
    parameters = {"Machine": facts.machine.guest.virtual_machine, "Mac": list(guest_macs(facts))}
    return decode(HOST_PROBE.field, probe(hosts[host], HOST_PROBE.script, parameters))


def read(name: str) -> NodeFacts:
    state = load_demo_node(DEMO / f"{name}.yaml").state
    assert state is not None
    alone = {field: one for field, one in PROBES.items() if field != "proxy"}
    answers = {
        field: decode(field, probe(state, one.script, one.parameters(ExtraPaths()))) for field, one in alone.items()
    }
    # The scan measures the clock: here without a way there and back.
    ahead = (answers["system"].node_time - datetime.now(UTC)).total_seconds()
    facts = with_proxy(state, NodeFacts(**answers, clock=ClockFacts(ahead, ahead)))
    facts = replace(facts, hyperv=asked(state.system.hyper_v_host, facts))
    return replace(facts, node_ports=NodePortFacts("a", tuple(knock_at(state, one) for one in node_ports(facts.hns))))


@cache
def judge(name: str) -> tuple[str, tuple[Finding, ...]]:
    facts = read(name)
    profile = detect(facts)
    context = Context(facts, profile, Node(name, "127.0.0.1"), facts.system.node_time)
    return profile.name, fold(tuple(evaluate(check, context) for check in CHECKS))


@pytest.mark.parametrize("name", sorted(ILL))
def test_a_node_shows_its_own_fault_and_no_other(name: str):
    profile, findings = judge(name)
    assert profile == PROFILES[name]
    quiet = (Verdict.PASS, Verdict.INFO, Verdict.NOT_APPLICABLE)
    ill = {one.check: (one.verdict, one.reason, one.fixes) for one in findings if one.verdict not in quiet}
    assert ill == ILL[name]


def fleet() -> dict[str, tuple[Finding, ...]]:
    return dict(compare([Member(Node(name, "127.0.0.1"), read(name)) for name in ILL]))


def test_the_odd_ones_of_each_cluster_are_told():
    found = {name: {one.check: one.reason for one in told if one.verdict in BAD} for name, told in fleet().items()}
    assert {name: ill for name, ill in found.items() if ill} == FLEET_ILL


def test_every_check_passes_on_one_node_and_fails_on_another():
    told = [
        *(one for name in ILL for one in judge(name)[1]),
        *(one for findings in fleet().values() for one in findings),
    ]
    good = {one.check for one in told if one.verdict is Verdict.PASS}
    bad = {one.check for one in told if one.verdict in BAD}
    known = {one.check for one in told if one.verdict is Verdict.INFO}
    assert {one.id for one in CHECKS} | set(FLEET_IDS) == (good & bad) | (known & LIMITS)


def test_what_follows_from_a_dead_flanneld_names_it_as_the_cause():
    _, findings = judge("worker-02")
    causes = {one.check: one.cause for one in findings if one.verdict is Verdict.FAIL}
    assert causes == {
        "flannel.flanneld-runs": "",
        "flannel.subnet-env": "flannel.flanneld-runs",
        "network.hns-network-exists": "flannel.flanneld-runs",
    }


def test_every_node_of_the_demo_is_judged():
    assert {*ILL, "worker-04"} == {path.stem for path in DEMO.glob("*.yaml")}


def test_what_follows_from_a_runtime_that_ended_names_its_cause():
    _, findings = judge("edge-4")
    assert {one.check: one.cause for one in findings if one.cause} == {
        "node.kubelet-runs": "node.removed-flags",
        "node.containerd-runs": "node.containerd-config",
        "node.pause-image-fits": "node.containerd-config",
        "node.port-forward-tool": "node.containerd-config",
        "network.cni-ready": "node.containerd-config",
    }


def test_what_follows_from_another_cni_file_names_it_as_the_cause():
    _, findings = judge("edge-5")
    causes = {one.check: one.cause for one in findings if one.cause}
    assert causes == {
        "network.outbound-nat-exceptions": "network.cni-file-is-flannels",
        "network.cni-ready": "network.cni-file-is-flannels",
    }
