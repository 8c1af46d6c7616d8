"""HNS objects of the samples through the probe that asks for them, on a node: W6 and the pods' own lists of W2b."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hns_answers import RUNNING, cmdlets
from node_changes import put
from node_facts import judge
from samples import Place, sample, text

from checks.facts import AdapterFact, HnsFacts, Problem
from checks.probe import decode

PROBE = Path(__file__).resolve().parents[2] / "resources" / "scripts" / "probes" / "Get-HnsFact.ps1"
W6, W2B = "network.hns-network-exists", "network.outbound-nat-exceptions"
CBR0 = Place("sdn-nssm", "10.2.51.61", "10.233.69", "10.233.64.0/18")
FLANNEL = Place("hostprocess", "192.168.79.40", "10.244.1")
VXLAN0 = Place("sdn-native", "172.27.1.88", "10.244.1")
EXTERNAL = Place("sdn-nssm", "10.138.0.5")


def network(name: str) -> Any:
    """A network of the samples; those that a console printed as lists are taken as far as they go."""
    if name.endswith(".json"):
        return json.loads(sample(name))
    found: dict[str, Any] = {}
    for line in text(name).splitlines():
        key, colon, value = line.partition(" : ")
        if colon and not key.startswith(" ") and "@{" not in value:
            found[key.strip()] = value.strip()
    # What the console cut off: type and prefix of a network that carries remote subnets.
    peers = re.findall(r"DestinationPrefix=([^;]+);.*?ProviderAddress=([^;]+);", text(name).replace("\n", " "))
    policies = [{"Type": "RemoteSubnetRoute", "DestinationPrefix": one, "ProviderAddress": by} for one, by in peers]
    return {**found, "Type": "Overlay", "Subnets": [{"AddressPrefix": "10.244.1.0/24"}], "Policies": policies}


Ask = Callable[[str], HnsFacts]


@pytest.fixture
def ask(run_powershell: Callable[..., str]) -> Ask:
    """What the probe tells on a node with these commands."""

    def run(node: str) -> HnsFacts:
        found = decode("hns", json.loads(run_powershell(PROBE.read_text(encoding="utf-8"), node)))
        assert isinstance(found, HnsFacts)
        return found

    return run


NETWORKS = [
    ("hns/network-cbr0-l2bridge-constructed.json", CBR0, "pass exists"),
    ("hns/network-cbr0-bad-apipa-constructed.json", CBR0, "warn apipa"),
    ("hns/network-cbr0-bad-no-managementip-constructed.json", CBR0, "fail no-management-ip"),
    ("hns/network-external-l2bridge.json", EXTERNAL, "fail missing"),
    ("hns/network-flannel4096-overlay-constructed.json", FLANNEL, "pass exists"),
    ("hns/network-flannel4096-schema2-constructed.json", FLANNEL, "pass exists"),
    ("hns/network-flannel4096-bad-no-remotesubnet-constructed.json", FLANNEL, "warn no-remote-subnets"),
    ("hns/network-flannel4096-bad-subnet-differs-from-podcidr-constructed.json", FLANNEL, "fail subnet-differs"),
    ("hns/get-hnsnetwork-flannel4096-excerpt.txt", FLANNEL, "pass exists"),
    ("hns/get-hnsnetwork-vxlan0-excerpt.txt", VXLAN0, "pass exists"),
    # The node's address has changed since; the CNI file hands pods to a bridge.
    (
        "hns/network-flannel4096-overlay-constructed.json",
        replace(FLANNEL, address="192.168.79.41"),
        "fail management-not-here",
    ),
    ("hns/network-flannel4096-overlay-constructed.json", replace(CBR0, own="10.244.1"), "fail missing"),
]


@pytest.mark.parametrize(("name", "place", "verdict"), NETWORKS)
def test_a_network_gets_the_verdict_it_deserves(ask: Ask, name: str, place: Place, verdict: str) -> None:
    found = judge(put("hns", ask(cmdlets([network(name)], [], [])))(place.facts))[W6]
    assert f"{found.verdict.value} {found.reason}" == verdict, found


def test_pods_of_a_node_with_an_older_list(ask: Ask) -> None:
    endpoints = json.loads(sample("hns/endpoints-cbr0-node-constructed.json"))
    hns = ask(cmdlets([network(NETWORKS[0][0])], endpoints, json.loads(sample("hns/policylist-elb-excerpt.json"))))
    found = judge(put("hns", hns)(CBR0.facts))[W2B]
    # One pod, and its list knows another range of pods than 10.233.64.0/18; the node's own and the remote one have none.
    assert (found.verdict.value, found.reason, found.value("pods")) == ("warn", "old-pods", "1")
    own = judge(put("hns", hns)(replace(CBR0, pods="10.244.0.0/16").facts))[W2B]
    assert (own.verdict.value, own.reason) == ("pass", "listed")
    assert hns.load_balancer_vips == ("10.96.77.10",)


def test_a_pod_of_another_plug_in_is_not_ours(ask: Ask) -> None:
    pod = json.loads(sample("hns/endpoint-overlay-pod-excerpt.json"))
    hns = ask(cmdlets([network("hns/network-flannel4096-overlay-constructed.json")], [pod], []))
    assert not isinstance(hns.endpoints, Problem)
    assert hns.endpoints[0].nat_exceptions == ("10.152.183.0/24", "10.1.0.0/16")
    found = judge(put("hns", hns)(FLANNEL.facts))[W2B]
    assert (found.verdict.value, found.reason) == ("pass", "listed")


def test_a_table_for_people_is_not_guessed_at(ask: Ask) -> None:
    said = text("hns/hnsdiag-list-all-excerpt.txt").replace("'", "''")
    hns = ask(
        RUNNING
        + f"Set-SimulatedCommand hnsdiag.exe {{ param($words) $global:LASTEXITCODE = 0\n'{said}' -split \"`n\" }}\n"
    )
    found = judge(put("hns", hns)(FLANNEL.facts))[W6]
    assert (found.verdict.value, found.reason) == ("unknown", "not-read")


def adapters(part: int) -> tuple[AdapterFact, ...]:
    """The adapters before (0) or after (1) the virtual switch took over the card."""
    found: list[AdapterFact] = []
    for line in text("hns/netadapter-and-mtu.txt").split("# netsh")[0].split("# after")[part].splitlines():
        told = re.fullmatch(r"(\S.*?)\s{2,}(.*?)\s+(\d+) (Up|Down)\s+([0-9A-F-]{17})\s+.*", line)
        if told:
            name, words, index, status, mac = told.groups()
            found.append(AdapterFact(name, words, int(index), status.lower(), mac, name.startswith("vEthernet")))
    return tuple(found)


@pytest.mark.parametrize(("part", "verdict"), [(0, "warn no-vethernet"), (1, "pass exists")])
def test_the_switch_left_the_node_an_adapter(part: int, verdict: str) -> None:
    facts = Place("sdn-nssm", "10.138.0.5").facts
    index = {0: 6, 1: 8}[part]
    facts = put("network.adapters", adapters(part))(facts)
    facts = put("network.addresses", tuple(replace(one, interface_index=index) for one in facts.network.addresses))(
        facts
    )
    found = judge(facts)[W6]
    assert f"{found.verdict.value} {found.reason}" == verdict, found
