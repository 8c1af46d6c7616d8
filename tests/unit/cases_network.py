"""Pod network: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from dataclasses import replace

from cases_node import CALICO, FAIL, NOT_APPLICABLE, PASS, UNKNOWN, WARN
from node_changes import (
    Case,
    Change,
    cni,
    each,
    first,
    gone,
    in_content,
    in_line,
    in_service,
    more,
    put,
    unread,
    unreadable,
    without_service,
)
from node_facts import service

from checks.facts import HnsNetworkFact
from checks.finding import Verdict

RESTART = ("restart-flanneld",)
EXTERNAL = HnsNetworkFact("E", "External", "L2Bridge", "10.2.0.13", ("192.168.255.0/30",), (), "Ethernet", 0, ())
NAT = HnsNetworkFact("N", "nat", "nat", None, ("172.28.48.0/20",), (), None, 0, ())
NO_FLANNEL = (
    gone("flanneld"),
    without_service("flanneld"),
    put("cni.folders", ()),
    put("hns.networks", (NAT,)),
    put("flannel.net_conf", ()),
)
OTHER_CNI = (
    gone("flanneld"),
    without_service("flanneld"),
    cni(lambda text: '{"name":"azure","plugins":[{"type":"azure-vnet"}]}'),
    put("hns.networks", ()),
    put("flannel.net_conf", ()),
)
AS_WINS = (
    put("profile.present_paths", ("C:\\k\\StartKubelet.ps1", "C:\\var\\lib\\kubelet\\config.yaml")),
    each(
        "daemons.processes",
        lambda one: replace(
            one,
            command_line=(one.command_line or "").replace("C:\\hpc", "C:\\k"),
            executable_path=(one.executable_path or "").replace("C:\\hpc", "C:\\k"),
        ),
    ),
)
"""On a HostProcess node: its pods' programs lie where the wins DaemonSets put them. What tells wins itself is left out."""
KUBEPROXY = "powershell.exe -File C:\\k\\kubeproxystart.ps1"
AZURE = HnsNetworkFact("A", "azure", "L2Bridge", "10.2.0.13", ("10.244.3.0/24",), (), "Ethernet", 0, ())
AKS = (
    each(
        "daemons.services",
        lambda one: service("Kubeproxy", "C:\\k\\nssm.exe", KUBEPROXY) if one.name == "kube-proxy" else one,
    ),
    put("profile.present_paths", ("C:\\k\\kubeclusterconfig.json", "C:\\k\\kubeproxystart.ps1")),
    more("hns.networks", AZURE),
)
NOT_HERE = (
    Case("Calico", "sdn-nssm", CALICO, NOT_APPLICABLE, "other-cni"),
    Case("Azure CNI", "sdn-nssm", OTHER_CNI, NOT_APPLICABLE, "other-cni"),
    Case("AKS", "sdn-nssm", AKS, NOT_APPLICABLE, "other-cni"),
    Case("no flannel", "sdn-nssm", NO_FLANNEL, NOT_APPLICABLE, "no-flannel"),
    Case("no flannel, processes unread", "sdn-nssm", (*NO_FLANNEL, unread("daemons")), UNKNOWN, "not-read"),
)
DEAD = (gone("flanneld"), in_service("flanneld", state="stopped", exit_code=1))
AT_NETWORK = "hns.networks"
FOREIGN = in_content("flannel.subnet_env", "10.244.3.1/24", "10.244.5.1/24")


def renamed(name: str) -> tuple[Change, ...]:
    """The network has a name of its own, and files tell it."""
    return (
        first(AT_NETWORK, name=name),
        cni(lambda text: text.replace("cbr0", name)),
        in_content("flannel.net_conf", "cbr0", name),
        in_line("kube-proxy", " --network-name=cbr0", ""),
    )


STUCK = "flannel.flanneld-runs"
"""flanneld runs and made no network: that is the fault, the missing network follows."""


def bridged(
    name: str, verdict: Verdict, reason: str, *changes: Change, fixes: tuple[str, ...] = (), cause: str = ""
) -> Case:
    return Case(name, "sdn-nssm", changes, verdict, reason, fixes, cause)


HNS = (
    *NOT_HERE,
    bridged("healthy", PASS, "exists"),
    Case("healthy overlay", "sdn-native", (), PASS, "exists"),
    bridged("beside External and nat", PASS, "exists", more(AT_NETWORK, EXTERNAL, NAT)),
    bridged("type in other letters", PASS, "exists", first(AT_NETWORK, type="l2bridge")),
    bridged("a name of its own", PASS, "exists", *renamed("podnet")),
    bridged(
        "a name of its own, no file tells it",
        FAIL,
        "missing",
        first(AT_NETWORK, name="podnet"),
        fixes=RESTART,
        cause=STUCK,
    ),
    bridged("hns stopped", FAIL, "hns-stopped", in_service("hns", state="stopped")),
    bridged(
        "hns stopped, networks unread", FAIL, "hns-stopped", in_service("hns", state="stopped"), unread(AT_NETWORK)
    ),
    bridged("networks unread", UNKNOWN, "not-read", unread(AT_NETWORK)),
    bridged("HNS silent", UNKNOWN, "not-read", unread("hns")),
    bridged("services unread", UNKNOWN, "not-read", unread("daemons.services")),
    bridged("missing", FAIL, "missing", put(AT_NETWORK, (NAT,)), fixes=RESTART, cause=STUCK),
    Case("missing in a pod's layout", "hostprocess", (put(AT_NETWORK, ()),), FAIL, "missing", cause=STUCK),
    Case("missing on RKE2", "rke2", (put(AT_NETWORK, ()),), FAIL, "missing", cause=STUCK),
    bridged("missing, net-conf unread", UNKNOWN, "not-read", put(AT_NETWORK, (NAT,)), unread("flannel.net_conf")),
    bridged(
        "missing, net-conf not given out", UNKNOWN, "not-read", put(AT_NETWORK, (NAT,)), unreadable("flannel.net_conf")
    ),
    bridged("missing, flannel's files unread", UNKNOWN, "not-read", put(AT_NETWORK, (NAT,)), unread("flannel")),
    bridged("missing, CNI file unread", UNKNOWN, "not-read", put(AT_NETWORK, (NAT,)), unread("cni")),
    Case(
        "missing since flanneld is dead",
        "sdn-nssm",
        (put(AT_NETWORK, ()), *DEAD),
        FAIL,
        "missing",
        RESTART,
        STUCK,
    ),
    Case(
        "unread while flanneld is dead",
        "sdn-nssm",
        (unread(AT_NETWORK), *DEAD),
        UNKNOWN,
        "not-read",
        (),
        STUCK,
    ),
    bridged("overlay for a bridge", FAIL, "wrong-type", first(AT_NETWORK, type="Overlay"), fixes=RESTART),
    Case("bridge for an overlay", "sdn-native", (first(AT_NETWORK, type="L2Bridge"),), FAIL, "wrong-type", RESTART),
    bridged("no management address", FAIL, "no-management-ip", first(AT_NETWORK, management_ip=None), fixes=RESTART),
    bridged("empty management address", FAIL, "no-management-ip", first(AT_NETWORK, management_ip=""), fixes=RESTART),
    bridged("APIPA", WARN, "apipa", first(AT_NETWORK, management_ip="169.254.149.216")),
    bridged(
        "address of before",
        FAIL,
        "management-not-here",
        first(AT_NETWORK, management_ip="10.2.0.99"),
        fixes=RESTART,
        cause="network.node-address-agrees",
    ),
    bridged(
        "its adapter is down",
        FAIL,
        "management-not-here",
        each("network.adapters", lambda one: replace(one, status="down")),
        fixes=RESTART,
        cause="network.node-address-agrees",
    ),
    bridged("addresses unread", UNKNOWN, "not-read", unread("network.addresses")),
    bridged("adapters unread", UNKNOWN, "not-read", unread("network.adapters")),
    bridged("network unread", UNKNOWN, "not-read", unread("network")),
    bridged("subnet.env of another node, by the cluster", PASS, "exists", FOREIGN),
    bridged(
        "subnet.env of another node, nobody to ask",
        UNKNOWN,
        "subnet-unclear",
        FOREIGN,
        unread("cluster"),
        fixes=RESTART,
        cause="flannel.subnet-env",
    ),
    bridged("another prefix", FAIL, "subnet-differs", first(AT_NETWORK, subnets=("10.244.7.0/24",)), fixes=RESTART),
    bridged("no prefix", FAIL, "subnet-differs", first(AT_NETWORK, subnets=()), fixes=RESTART),
    bridged("subnet.env unread", UNKNOWN, "not-read", unread("flannel.subnet_env")),
    bridged("two External", WARN, "several-external", more(AT_NETWORK, EXTERNAL, replace(EXTERNAL, id="F"))),
    Case("no other node", "sdn-native", (first(AT_NETWORK, remote_subnets=()),), WARN, "no-remote-subnets"),
    bridged("error", WARN, "unhealthy", first(AT_NETWORK, health_error=0x803B0010)),
    bridged("error below zero", WARN, "unhealthy", first(AT_NETWORK, health_error=-2143617008)),
    bridged("no health told", PASS, "exists", first(AT_NETWORK, health_error=None)),
    bridged(
        "another name in the CNI file",
        FAIL,
        "wrong-name",
        cni(lambda text: text.replace("cbr0", "vxlan0")),
    ),
    bridged("the name in other letters", PASS, "exists", cni(lambda text: text.replace("cbr0", "CBR0"))),
    bridged(
        "only the vEthernet of another switch",
        WARN,
        "no-vethernet",
        each("network.adapters", lambda one: replace(one, mac="00-15-5D-63-7A-72") if one.is_virtual else one),
    ),
    bridged(
        "the card itself unseen",
        PASS,
        "exists",
        each("network.adapters", lambda one: one if one.is_virtual else None),
    ),
    bridged(
        "no vEthernet",
        WARN,
        "no-vethernet",
        each("network.adapters", lambda one: replace(one, name="Ethernet 2") if one.is_virtual else one),
    ),
)

CASES = {"network.hns-network-exists": HNS}
