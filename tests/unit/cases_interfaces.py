"""Adapters and addresses: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from node_changes import Case, Change, first, gone, in_line, more, put, unread, without_service

from checks.facts import AdapterFact, AddressFact, RouteFact
from checks.finding import Verdict

FAIL, WARN, PASS, UNKNOWN = Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.UNKNOWN
NOT_APPLICABLE = Verdict.NOT_APPLICABLE

SECOND = (
    more("network.adapters", AdapterFact("Ethernet 2", "Second", 20, "up", "00-15-5D-01-02-FF", False)),
    more("network.addresses", AddressFact("10.3.0.13", 24, "Ethernet 2", 20, "ipv4")),
)
CALICO = (
    gone("flanneld"),
    without_service("flanneld"),
    put("cni.folders", ()),
    put("hns.networks", ()),
    put("flannel.net_conf", ()),
    put("profile.present_paths", ("C:\\CalicoWindows",)),
)


def node_ip(value: str) -> Change:
    return in_line("kubelet", "--hostname", f"--node-ip={value} --hostname")


def iface(value: str) -> Change:
    return in_line("flanneld", "--iface=10.2.0.13", f"--iface={value}" if value else "--v=1")


def address(text: str, index: int = 12) -> Change:
    return put("network.addresses", (AddressFact(text, 16, "vEthernet (Ethernet)", index, "ipv4"),))


ADAPTER = (
    *(Case(f"healthy {one}", one, (), PASS, "one") for one in ("sdn-native", "sdn-nssm", "hostprocess", "rke2")),
    Case("node-ip on the same card", "sdn-nssm", (node_ip("10.2.0.13,fd00::1"),), PASS, "one"),
    Case("node-ip on another card", "sdn-nssm", (*SECOND, node_ip("10.3.0.13")), FAIL, "differ"),
    Case("iface on another card", "sdn-nssm", (*SECOND, iface("10.3.0.13")), FAIL, "differ"),
    Case("iface by the card's name", "sdn-nssm", (iface("Ethernet"),), PASS, "one"),
    Case("node-ip of nobody", "sdn-nssm", (node_ip("10.9.9.9"),), FAIL, "not-here"),
    Case(
        "the gateway is on another card",
        "sdn-nssm",
        (*SECOND, put("network.routes", (RouteFact("0.0.0.0/0", "10.3.0.1", 20),))),
        WARN,
        "not-the-gateway",
    ),
    Case(
        "two gateways",
        "sdn-nssm",
        (*SECOND, more("network.routes", RouteFact("0.0.0.0/0", "10.3.0.1", 20))),
        PASS,
        "one",
    ),
    Case("no gateway", "sdn-nssm", (put("network.routes", ()),), PASS, "one"),
    Case("nobody tells", "sdn-nssm", (iface(""), put("hns.networks", ())), UNKNOWN, "nothing-told"),
    Case("a card without a MAC address", "sdn-nssm", (first("network.adapters", mac=""),), PASS, "one"),
    Case("another plug-in", "sdn-nssm", CALICO, NOT_APPLICABLE, "other-cni"),
    Case("networks unread", "sdn-nssm", (unread("hns.networks"),), UNKNOWN, "not-read"),
    Case("adapters unread", "sdn-nssm", (unread("network.adapters"),), UNKNOWN, "not-read"),
    Case("addresses unread", "sdn-nssm", (unread("network.addresses"),), UNKNOWN, "not-read"),
    Case("routes unread", "sdn-nssm", (unread("network.routes"),), UNKNOWN, "not-read"),
    Case("no answer", "sdn-nssm", (unread("network"),), UNKNOWN, "not-read"),
    Case("processes unread", "sdn-nssm", (unread("daemons.processes"),), UNKNOWN, "not-read"),
)
KEPT = (
    Case("healthy", "sdn-nssm", (), PASS, "kept"),
    Case("self-given", "sdn-nssm", (address("169.254.7.9"),), FAIL, "self-given"),
    Case(
        "self-given, no gateway",
        "sdn-nssm",
        (address("169.254.7.9"), put("network.routes", ())),
        FAIL,
        "self-given",
    ),
    Case(
        "self-given on a switch of its own",
        "sdn-nssm",
        (
            more("network.adapters", AdapterFact("vEthernet (inner)", "Switch", 30, "up", "00-15-5D-99-99-99", True)),
            more("network.addresses", AddressFact("169.254.7.9", 16, "vEthernet (inner)", 30, "ipv4")),
        ),
        PASS,
        "kept",
    ),
    Case(
        "self-given beside its own",
        "sdn-nssm",
        (more("network.addresses", AddressFact("169.254.7.9", 16, "vEthernet (Ethernet)", 12, "ipv4")),),
        PASS,
        "kept",
    ),
    Case("no address", "sdn-nssm", (put("network.addresses", ()),), FAIL, "no-address"),
    Case("no gateway", "sdn-nssm", (put("network.routes", ()),), WARN, "no-gateway"),
    Case("adapters unread", "sdn-nssm", (unread("network.adapters"),), UNKNOWN, "not-read"),
    Case("addresses unread", "sdn-nssm", (unread("network.addresses"),), UNKNOWN, "not-read"),
    Case("routes unread", "sdn-nssm", (unread("network.routes"),), UNKNOWN, "not-read"),
    Case("no answer", "sdn-nssm", (unread("network"),), UNKNOWN, "not-read"),
)

CASES = {"network.right-adapter": ADAPTER, "network.address-kept": KEPT}
