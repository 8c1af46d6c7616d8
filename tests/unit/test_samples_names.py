"""Samples about names, DNS and what HNS holds: 6.1, 6.5, 6.6, 6.11, 6.12 and W7."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cases_addresses import held
from cases_network import AS_WINS
from node_changes import Change, content, first, in_line, put
from samples import Golden, Place, sample, text
from test_samples_cni import NAT, PIPE, SHADOWED

from checks.facts import HnsEndpointFact, HnsLoadBalancerFact, NodeFacts

NAMES, VXLAN = "network.names-agree", "flannel.vxlan-parameters"
L2, OVERLAY, HPC = Place("sdn-nssm"), Place("sdn-native"), Place("hostprocess")
CBR0 = Place("sdn-nssm", "10.233.64.9", own="10.233.69", pods="10.233.0.0/16")
MISSING, OTHERS = "kube-proxy/hns-network-missing.log", "kube-proxy/other-messages.txt"
ENDPOINTS, EXCERPT = "hns/endpoints-cbr0-node-constructed.json", "hns/endpoint-overlay-pod-excerpt.json"
EXHAUSTED = "kubelet/ipam-exhausted.log"


def log(name: str, words: str = "") -> Change:
    """kube-proxy's log ends with the sample's lines that hold some words; it was started without --network-name."""

    def change(facts: NodeFacts) -> NodeFacts:
        lines = tuple(line for line in text(name).splitlines() if words in line)
        return put("flannel.kube_proxy_log", lines)(in_line("kube-proxy", " --network-name=", " --v=4 --x=")(facts))

    return change


def names(name: str, place: Place, verdict: str, words: str = "") -> Golden:
    return Golden(name, place, (log(name, words),), NAMES, verdict)


def net_conf(name: str, place: Place, verdict: str, *changes: Change) -> Golden:
    path = f"flannel/{name}"
    return Golden(
        path, place, (lambda facts: content("flannel.net_conf", sample(path))(facts), *changes), VXLAN, verdict
    )


def endpoints(name: str) -> Change:
    def fact(one: dict[str, Any]) -> HnsEndpointFact:
        servers = tuple(server for server in one.get("DNSServerList", "").split(",") if server)
        network = one.get("VirtualNetworkName", "vxlan0")
        is_remote = bool(one.get("IsRemoteEndpoint"))
        return HnsEndpointFact(
            one["ID"], one["Name"], "N", network, one["IPAddress"], is_remote, one.get("State"), None, None, servers
        )

    def change(facts: NodeFacts) -> NodeFacts:
        told = json.loads(sample(name))
        return put("hns.endpoints", tuple(fact(one) for one in (told if isinstance(told, list) else [told])))(facts)

    return change


def balancers(facts: NodeFacts) -> NodeFacts:
    """HNS holds what the sample has, and nothing for DNS."""
    made: list[HnsLoadBalancerFact] = []
    for one in json.loads(sample("hns/policylist-elb-excerpt.json")):
        for port in one["Policies"]:
            vips = tuple(port["VIPs"])
            state, inner = one["State"], port["InternalPort"]
            made.append(HnsLoadBalancerFact(one["ID"], vips, port["Protocol"], port["ExternalPort"], inner, state))
    return put("hns.load_balancers", tuple(made))(facts)


def all_handed_out(facts: NodeFacts) -> NodeFacts:
    """Every address of the range that the sample's last line names is reserved, but the gateway's."""
    start, end = re.findall(r"range set: ([\d.]+)-([\d.]+)", text(EXHAUSTED))[-1]
    base = start.rpartition(".")[0]
    last = int(end.rpartition(".")[2])
    return put("flannel.reservations", tuple(held(f"{base}.{n}", "x") for n in range(2, last + 1)))(facts)


SDN_OVERLAY = first("hns.networks", name="vxlan0", type="Overlay")
GOLDEN = (
    names(MISSING, OVERLAY, "fail kube-proxy-looks-for"),
    names(MISSING, L2, "pass agree-without-proxy"),
    names(OTHERS, OVERLAY, "fail kube-proxy-looks-for", "is not present or has changed"),
    names(OTHERS, OVERLAY, "fail kube-proxy-nameless", "KUBE_NETWORK"),
    names(OTHERS, OVERLAY, "pass agree-without-proxy", "specified port already exists"),
    Golden(f"cni/{NAT}", HPC, (SHADOWED,), "network.cni-file-is-flannels", "fail shadowed"),
    Golden(f"cni/{NAT}", HPC, (SHADOWED, *AS_WINS, PIPE), "network.cni-file-is-flannels", "warn shadowed"),
    net_conf("net-conf-bad-linux-default-vxlan.json", HPC, "fail linux-defaults"),
    net_conf("net-conf-bad-host_gw-typo.json", HPC, "fail unknown-backend"),
    net_conf("net-conf-hpc-vxlan-4096.json", HPC, "pass fits"),
    net_conf("net-conf-sdn-overlay.json", L2, "pass own-defaults", SDN_OVERLAY),
    net_conf("net-conf-sdn-hostgw.json", L2, "not_applicable not-vxlan"),
    Golden(ENDPOINTS, CBR0, (endpoints(ENDPOINTS),), "network.endpoints-are-clean", "pass clean"),
    Golden(ENDPOINTS, CBR0, (endpoints(ENDPOINTS),), "network.cluster-dns-agrees", "pass agree"),
    Golden(EXCERPT, OVERLAY, (endpoints(EXCERPT),), "network.cluster-dns-agrees", "fail endpoints-differ"),
    Golden("hns/policylist-elb-excerpt.json", OVERLAY, (balancers,), "network.dns-load-balancer", "fail missing"),
    Golden(EXHAUSTED, CBR0, (all_handed_out,), "network.addresses-left", "fail exhausted"),
)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda one: f"{one.sample} on {one.place.layout}: {one.verdict}")
def test_a_sample_gets_the_verdict_it_deserves(golden: Golden):
    golden.hold()
