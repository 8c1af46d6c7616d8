"""Names: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from dataclasses import replace

from cases_node import FAIL, PASS, UNKNOWN, WARN
from node_changes import (
    Case,
    Change,
    cni,
    content,
    each,
    first,
    gone,
    in_content,
    in_line,
    in_process,
    in_service,
    more,
    put,
    unread,
    unreadable,
    without_service,
)
from node_facts import KUBELET_CONFIG, fact
from node_files import file

from checks.facts import HnsEndpointFact, HnsLoadBalancerFact, NameServersFact
from checks.finding import Verdict
from checks.node import Typed

INFO = Verdict.INFO
AT = "hns.load_balancers"
OTHER = HnsLoadBalancerFact("O", ("10.96.0.1",), 6, 443, 6443, 2)
FLAG = " --cluster-dns=10.96.0.10"
NO_KUBELET = (gone("kubelet"), without_service("kubelet"))
DNS_UNKNOWN = in_line("kubelet", FLAG, "")
CNI_AWAY = "network.outbound-nat-exceptions"


def pod(address: str, *servers: str, remote: bool = False, network: str = "cbr0") -> HnsEndpointFact:
    name = f"{address.replace('.', '')}_{network}"
    return HnsEndpointFact(address, name, "26E0C124", network, address, remote, 3, None, None, servers)


def named(*servers: str) -> Change:
    """Name servers in the CNI file, which then passes nothing else on."""
    told = ", ".join(f'"{one}"' for one in servers)
    return cni(
        lambda text: text.replace('"dns": true', '"dns": false').replace(
            '"delegate": {', f'"delegate": {{"dns": {{"Nameservers": [{told}]}}, '
        )
    )


def service(told: str) -> tuple[Typed, ...]:
    """The cluster's DNS service as the node list names it."""
    return (Typed("dns_service", told, "list"),)


def bridged(
    name: str, verdict: Verdict, reason: str, *changes: Change, layout: str = "sdn-nssm", cause: str = ""
) -> Case:
    return Case(name, layout, changes, verdict, reason, (), cause)


BALANCER = (
    *(bridged(f"healthy {layout}", PASS, "both", layout=layout) for layout in ("sdn-nssm", "sdn-native", "rke2")),
    bridged("from kubelet's file", PASS, "both", layout="hostprocess"),
    bridged("schema 2 tells no state", PASS, "both", each(AT, lambda one: replace(one, state=None))),
    bridged("among others", PASS, "both", more(AT, OTHER)),
    bridged("two servers", PASS, "both", in_line("kubelet", FLAG, f"{FLAG},fd00::10")),
    bridged("the CNI file alone tells it", PASS, "both", DNS_UNKNOWN, named("10.96.0.10")),
    bridged("none at all", FAIL, "missing", put(AT, ())),
    bridged("others only", FAIL, "missing", put(AT, (OTHER,))),
    bridged("for another address", FAIL, "missing", each(AT, lambda one: replace(one, vips=("10.96.0.99",)))),
    bridged("another port", FAIL, "missing", each(AT, lambda one: replace(one, port=5353))),
    bridged("one of two addresses", FAIL, "missing", in_line("kubelet", FLAG, f"{FLAG},10.96.0.11")),
    bridged("not applied", FAIL, "bad-state", each(AT, lambda one: replace(one, state=1))),
    bridged("UDP only", WARN, "one-protocol", each(AT, lambda one: one if one.protocol == 17 else None)),
    bridged("TCP only", WARN, "one-protocol", each(AT, lambda one: one if one.protocol == 6 else None)),
    bridged("UDP not applied", WARN, "one-protocol", first(AT, state=4)),
    bridged("nobody tells the address", UNKNOWN, "dns-unknown", DNS_UNKNOWN, cause="network.cluster-dns-agrees"),
    bridged("not set, CNI unread", UNKNOWN, "not-read", DNS_UNKNOWN, unread("cni.folders")),
    bridged("balancers unread", UNKNOWN, "not-read", unread(AT)),
    bridged("HNS unread", UNKNOWN, "not-read", unread("hns")),
    bridged("kubelet unread", UNKNOWN, "not-read", unread("daemons")),
    bridged(
        "kubelet's line withheld", UNKNOWN, "not-read", in_process("kubelet", command_line=None), layout="hostprocess"
    ),
    bridged("kubelet's file unread", UNKNOWN, "not-read", unread("profile.kubelet_config"), layout="hostprocess"),
    bridged(
        "kubelet's file not given out", UNKNOWN, "not-read", unreadable("profile.kubelet_config"), layout="hostprocess"
    ),
    bridged("layout unread", UNKNOWN, "not-read", unread("profile"), layout="hostprocess"),
    bridged("kubelet ended, its file tells", PASS, "both", gone("kubelet"), layout="hostprocess"),
    bridged(
        "AKS keeps it in a file of its own",
        PASS,
        "both",
        *NO_KUBELET,
        put(
            "profile.kubelet_config",
            (file("C:\\k\\kubeclusterconfig.json", '{"Kubernetes":{"Network":{"DnsIp":"10.96.0.10"}}}'),),
        ),
    ),
)

RESOLVER = ' --resolv-conf=""'
AT_POD = "hns.endpoints"
AT_FILE = "profile.kubelet_config"
DROPPED = "C:\\etc\\kubelet.d"


def encoded(name: str, before: bytes = b"") -> Change:
    """kubelet's file in another encoding, with bytes before it."""
    return lambda facts: content(AT_FILE, before + fact(facts, AT_FILE)[0].data.decode().encode(name))(facts)


AGREES = (
    *(bridged(f"healthy {layout}", PASS, "agree", layout=layout) for layout in ("sdn-nssm", "hostprocess", "rke2")),
    bridged("name server in the CNI file", PASS, "agree", named("10.96.0.10")),
    bridged("pods have it", PASS, "agree", put(AT_POD, (pod("10.244.3.9", "10.96.0.10"), pod("10.244.3.2")))),
    bridged("a pod asks as the node does", PASS, "agree", put(AT_POD, (pod("10.244.3.9", "10.2.0.1"),))),
    bridged("a remote endpoint counts not", PASS, "agree", put(AT_POD, (pod("10.244.4.9", "8.8.8.8", remote=True),))),
    bridged(
        "a container on nat counts not", PASS, "agree", put(AT_POD, (pod("172.28.1.9", "8.8.8.8", network="nat"),))
    ),
    bridged("the host's own servers", PASS, "agree", in_line("kubelet", RESOLVER, " --resolv-conf=Host")),
    bridged("not set", FAIL, "not-set", DNS_UNKNOWN),
    bridged("set empty", FAIL, "not-set", in_line("kubelet", FLAG, " --cluster-dns=")),
    bridged("not in the file", FAIL, "not-set", in_content(AT_FILE, "clusterDNS", "other"), layout="hostprocess"),
    bridged("the file is no YAML", UNKNOWN, "not-read", content(AT_FILE, "a: ["), layout="hostprocess"),
    Case("the node list has another", "sdn-nssm", (), FAIL, "kubelet-differs", cluster=service("10.96.0.53")),
    Case("the node list has it, too", "sdn-nssm", (), PASS, "agree", cluster=service("fd00::a, 10.96.0.10")),
    bridged("the file is empty", UNKNOWN, "not-read", content(AT_FILE, b""), layout="hostprocess"),
    bridged("UTF-16 with a mark", PASS, "agree", encoded("utf-16"), layout="hostprocess"),
    bridged("UTF-16 without a mark", UNKNOWN, "not-read", encoded("utf-16-le"), layout="hostprocess"),
    bridged("bytes that are no UTF-8", UNKNOWN, "not-read", encoded("utf-8", b"#\xe9\n"), layout="hostprocess"),
    bridged("a path of Linux", FAIL, "resolv-conf", in_line("kubelet", RESOLVER, " --resolv-conf=/etc/resolv.conf")),
    bridged(
        "nothing overrules the shared file", FAIL, "resolv-conf", in_line("kubelet", RESOLVER, ""), layout="hostprocess"
    ),
    bridged(
        "a script tells it, and kubelet is down",
        UNKNOWN,
        "flags-unknown",
        in_content(AT_FILE, "resolvConf", "other"),
        gone("kubelet"),
        in_service("kubelet", state="stopped"),
        layout="hostprocess",
        cause="node.kubelet-runs",
    ),
    bridged("not told", WARN, "resolv-conf-unset", in_line("kubelet", RESOLVER, "")),
    bridged(
        "empty in the file",
        PASS,
        "agree",
        in_line("kubelet", RESOLVER, ""),
        in_content(AT_FILE, "/run/systemd/resolve/resolv.conf", '""'),
        layout="hostprocess",
    ),
    bridged(
        "a drop-in file wins over the file",
        PASS,
        "agree",
        in_line("kubelet", RESOLVER, f" --config-dir={DROPPED}"),
        more(AT_FILE, file(f"{DROPPED}\\10-a.conf", "resolvConf: /x"), file(f"{DROPPED}\\20-b.conf", 'resolvConf: ""')),
        layout="hostprocess",
    ),
    bridged(
        "a drop-in file withheld",
        UNKNOWN,
        "not-read",
        in_line("kubelet", RESOLVER, f" --config-dir={DROPPED}"),
        more(AT_FILE, replace(file(f"{DROPPED}\\10-a.conf", ""), present=None, problem="denied")),
        layout="hostprocess",
    ),
    bridged(
        "its file is not there", FAIL, "not-set", put(AT_FILE, (file(KUBELET_CONFIG, None),)), layout="hostprocess"
    ),
    bridged("its file was not asked for", UNKNOWN, "not-read", put(AT_FILE, ()), layout="hostprocess"),
    bridged("another server in the CNI file", FAIL, "cni-differs", named("11.0.0.10")),
    bridged("no server passed on", FAIL, "cni-without-dns", named()),
    bridged("pods have another", FAIL, "endpoints-differ", put(AT_POD, (pod("10.244.3.9", "10.96.0.99"),))),
    bridged(
        "one pod has another",
        WARN,
        "some-endpoints-differ",
        put(AT_POD, (pod("10.244.3.9", "10.96.0.99"), pod("10.244.3.10", "10.96.0.10"))),
    ),
    bridged("a CNI file with a mark", UNKNOWN, "no-cni", cni(lambda text: "\ufeff" + text), cause=CNI_AWAY),
    bridged("no CNI file", UNKNOWN, "no-cni", put("cni.folders", ()), cause=CNI_AWAY),
    bridged("no kubelet", UNKNOWN, "no-kubelet", *NO_KUBELET, cause="node.kubelet-runs"),
    bridged("kubelet unread", UNKNOWN, "not-read", unread("daemons.processes", "daemons.services")),
    bridged("CNI unread", UNKNOWN, "not-read", unread("cni")),
    bridged("endpoints unread", UNKNOWN, "not-read", unread(AT_POD)),
    bridged("own servers unread", UNKNOWN, "not-read", unread("network.name_servers")),
)

LIMITS = (
    bridged("of this cluster", INFO, "limitation", in_line("kubelet", FLAG, f"{FLAG} --cluster-domain=corp.example")),
    bridged("domain not told", INFO, "limitation"),
    bridged("kubelet unread", INFO, "limitation", unread("daemons")),
    bridged("build unread", UNKNOWN, "not-read", unread("system.build")),
    bridged("machine unread", UNKNOWN, "not-read", unread("system")),
)

AT_SERVERS = "network.name_servers"
PLACEHOLDER = NameServersFact("vEthernet (Ethernet)", 12, "ipv6", ("fec0:0:0:ffff::1", "fec0:0:0:ffff::2"))
NODE = (
    bridged("healthy", PASS, "there"),
    bridged("no default route", PASS, "there", put("network.routes", ())),
    bridged("beside Windows' own fillers", PASS, "there", more(AT_SERVERS, PLACEHOLDER)),
    bridged("none", FAIL, "none", put(AT_SERVERS, ())),
    bridged("fillers only", FAIL, "none", put(AT_SERVERS, (PLACEHOLDER,))),
    bridged("on another adapter", WARN, "elsewhere", first(AT_SERVERS, interface="Ethernet", interface_index=6)),
    bridged("unread", UNKNOWN, "not-read", unread(AT_SERVERS)),
    bridged("routes unread", UNKNOWN, "not-read", unread("network.routes")),
    bridged("adapters unread", UNKNOWN, "not-read", unread("network")),
)

CASES = {
    "network.dns-load-balancer": BALANCER,
    "network.cluster-dns-agrees": AGREES,
    "network.dns-limits": LIMITS,
    "network.node-name-servers": NODE,
}
