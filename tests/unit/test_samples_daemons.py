"""Command lines, registry values and messages of the samples on a node: kube-proxy, F1, F2, W2b and W9."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from cases_network import AKS, AS_WINS, NAT, OTHER_CNI
from node_changes import Change, each, gone, in_process, in_service, machine, put
from node_facts import judge, service
from samples import Golden, Place, text

from checks.cluster import cluster_cidr
from checks.daemons import daemon_flag
from checks.profile import detect

PROXY, VIP = "node.kube-proxy-runs", "flannel.source-vip"
LINES = "kube-proxy/command-lines.txt"
L2 = Place("sdn-nssm", own="10.244.4")
OVERLAY = Place("sdn-native", own="10.244.4")
HPC = Place("hostprocess", own="10.244.4")
WINS = (
    *AS_WINS,
    in_process("kube-proxy", name="rancher-wins-kube-proxy.exe"),
    put("flannel.reservations", ()),
)


def command_lines() -> dict[str, str]:
    """The sample's command lines by the comment before each."""
    found = text(LINES).splitlines()
    return {words.removeprefix("# "): line for words, line in zip(found[::2], found[1::2], strict=True)}


def proxy_line(start: str) -> Change:
    """kube-proxy runs with the sample's command line whose comment starts so."""

    def change(facts):
        line = next(line for words, line in command_lines().items() if words.startswith(start))
        line = line.removeprefix("Running ")
        return in_process("kube-proxy", command_line=line)(facts)

    return change


def line(start: str, place: Place, vip: str, *changes: Change) -> tuple[Golden, Golden]:
    own = (proxy_line(start), *changes)
    return Golden(LINES, place, own, PROXY, "pass runs"), Golden(LINES, place, own, VIP, vip)


PROXIES = (
    *line("SDN l2bridge", L2, "not_applicable not-overlay"),
    *line("SDN overlay", OVERLAY, "pass fits"),
    *line("SDN overlay with", OVERLAY, "fail kube-proxy-differs"),
    *line("HostProcess DaemonSet, containerd < 1.7", HPC, "pass fits"),
    *line("HostProcess DaemonSet, containerd >= 1.7", HPC, "pass fits"),
    *line("HostProcess DaemonSet, containerd >= 1.7", Place("hostprocess"), "fail kube-proxy-differs"),
    *line("wins era", HPC, "not_applicable no-file-here", *WINS),
    *line("RKE2", Place("rke2"), "pass fits"),
    *line("AKS style", L2, "not_applicable other-cni", *OTHER_CNI[2:], *AKS),
    # An override that is missing, or of another name, harms the pods' endpoints; kube-proxy runs with it.
    *line("BROKEN: no hostname-override", L2, "not_applicable not-overlay"),
    *line("BROKEN: override does not", L2, "not_applicable not-overlay"),
)


@pytest.mark.parametrize("golden", PROXIES, ids=range(len(PROXIES)))
def test_a_command_line_gets_the_verdict_it_deserves(golden: Golden):
    golden.hold()


def registry() -> dict[str, tuple[str, ...]]:
    """The sample's values as `NAME=value` lines, by key or by key and value name."""
    found: dict[str, tuple[str, ...]] = {}
    key = ""
    for one in text("proxy/registry-values-constructed.txt").splitlines():
        if one.startswith("["):
            key = one[1:].partition("]")[0].rpartition("\\Services\\")[2]
        elif "REG_SZ" in one:
            name, value = re.split(r"\s+\(REG_SZ\) = ", one)
            found[key] = (*found.get(key, ()), f"{name}={value}")
        elif one.startswith("  "):
            found[key] = (*found.get(key, ()), one.strip())
    return found


def as_told(facts):
    values = registry()
    session = next(name for name in values if name.endswith("Session Manager\\Environment"))
    facts = machine(*values[session])(facts)
    facts = in_service("containerd", environment=values["containerd"])(facts)
    wrapped = service("kubelet", "C:\\k\\nssm.exe", "C:\\k\\kubelet.exe --v=4", extra=values["kubelet\\Parameters"])
    return each("daemons.services", lambda one: wrapped if one.name == "kubelet" else one)(facts)


HOME = Place("sdn-native", "10.127.130.38")
VALUES = "proxy/registry-values-constructed.txt"
INSIDE = "10.127.130.0/24,"


def forgotten(facts):
    return each("environment.machine", lambda one: replace(one, value=one.value.replace(INSIDE, "")))(facts)


PROXY_VALUES = (
    Golden(VALUES, HOME, (as_told,), "node.proxy-variables", "pass set"),
    # kubelet has the proxy from NSSM and the exceptions from the machine.
    Golden(VALUES, HOME, (as_told, forgotten), "node.proxy-variables", "fail api-through-proxy"),
    Golden(VALUES, Place("sdn-native"), (as_told,), "node.proxy-variables", "fail api-through-proxy"),
    Golden(
        VALUES,
        Place("sdn-native", "10.127.130.38", "10.200.3", "10.200.0.0/16"),
        (as_told,),
        "node.proxy-variables",
        "fail cluster-through-proxy",
    ),
)


@pytest.mark.parametrize("golden", PROXY_VALUES, ids=lambda one: one.verdict)
def test_registry_values_get_the_verdict_they_deserve(golden: Golden):
    golden.hold()


def events() -> dict[str, str]:
    """Command lines of RKE2's children as its event log tells them."""
    found = re.findall(r"Running (?:RKE2 )?(kubelet|kube-proxy) \[?(--[^}\n]*)", text("rke2/eventlog-lines.txt"))
    return {name: f"C:\\var\\lib\\rancher\\rke2\\bin\\{name}.exe {flags}" for name, flags in found}


def test_what_rke2_tells_of_its_children_is_read():
    facts = Place("rke2").facts
    for name, told in events().items():
        facts = in_process(name, command_line=told)(facts)
    found = judge(facts)
    assert detect(facts).name == "rke2"
    assert daemon_flag(facts, "kubelet", "cluster-dns") == "10.43.0.10"
    assert (
        cluster_cidr(put("flannel", replace(facts.flannel, subnet_env=(), net_conf=()))(facts)).value == "10.42.0.0/16"
    )
    told = {check: f"{found[check].verdict.value} {found[check].reason}" for check in (PROXY, VIP)}
    assert told == {PROXY: "pass runs", VIP: "pass fits"}
    assert found["network.outbound-nat-exceptions"].reason == "listed"


def test_what_rke2_itself_prints_is_no_error_of_flanneld():
    lines = tuple(text("rke2/expected-messages-constructed.txt").splitlines())
    facts = put("flannel.flanneld_log", lines)(Place("rke2").facts)
    assert judge(facts)["flannel.flanneld-runs"].reason == "runs"
    dead = judge(put("hns.networks", (NAT,))(gone("flanneld")(facts)))["flannel.flanneld-runs"]
    assert (dead.verdict.value, dead.reason) == ("fail", "dead")
