"""flanneld and its file: what is changed on a healthy node, and what must be said of it, by check."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cases_network import DEAD, NAT, NOT_HERE
from cases_node import FAIL, PASS, RKE2_DOWN, UNKNOWN, WARN
from cases_proxy import SET
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
    in_nssm,
    in_process,
    in_service,
    machine,
    more,
    put,
    twice,
    unread,
    unreadable,
)
from node_facts import process
from node_files import ADDRESS, NOW, STARTED, Cluster, file, net_conf, subnet_env

from checks.facts import AdapterFact
from checks.finding import Verdict
from checks.flanneld_log import NO_RESTART
from checks.node import Typed

RESTART = ("restart-flanneld",)
NETWORK, SUBNET_ENV = "hns.networks", "flannel.subnet_env"
NO_NETWORK = put(NETWORK, (NAT,))
YOUNG = in_process("flanneld", created=NOW - timedelta(seconds=30))
CAUSE = "node.proxy-variables"
GONE = (Typed("flanneld_service", "gone", "group"),)


def native(
    name: str,
    verdict: Verdict,
    reason: str,
    *changes: Change,
    fixes: tuple[str, ...] = RESTART,
    layout: str = "sdn-native",
    cause: str = "",
    names: tuple[Typed, ...] = (),
) -> Case:
    kept = fixes if verdict in (FAIL, WARN) and layout in ("sdn-native", "sdn-nssm") else ()
    return Case(name, layout, changes, verdict, reason, kept, cause, names)


NET_CONF = "flannel.net_conf"
CONSOLE = replace(process("C:\\k\\powershell.exe -File C:\\k\\start.ps1"), role="start-script")
LOGS = {
    "name-exists": "E] Error registering network: hnsCall failed in Win32: 같은 이름의 네트워크가 있습니다. (0x803b0010)",
    "other-version": "드라이브 %1에 %2을(를) 넣으십시오. (0x22)",
    "no-management-ip": "E] Error registering network: timeout, failed to get management IP from HNSNetwork cbr0: context",
    "no-interface": "E] Failed to find interface to use that matches the interfaces and/or regexes provided",
    "no-pod-cidr": 'E] Error registering network: failed to acquire lease: node "worker-03" pod cidr not assigned',
    "outside-network": 'E] subnet "10.244.0.0/16" specified in the flannel net config doesn\'t contain "10.42.3.0/24"',
    "no-net-conf": "E] Failed to create SubnetManager: failed to read net conf: open /etc/kube-flannel/net-conf.json:",
    "bad-vxlan": "E] invalid VXLAN backend config. VNI [1] must be greater than or equal to 4096 on Windows",
    "no-kubeconfig": "E] Failed to create SubnetManager: fail to create kubernetes config: error reading kubeconfig",
    "node-not-found": 'E] Failed to create SubnetManager: nodes "WORKER-03" not found',
    "through-proxy": "E] Failed to list *v1.Node: proxyconnect tcp: dial tcp 10.9.9.9:3128",
    "api-unreachable": "F] Failed to list *v1.Node: dial tcp 10.2.0.2:6443: i/o timeout",
}


def log(*lines: str) -> Change:
    return put("flannel.flanneld_log", lines)


NO_NAME = in_service("flanneld", environment=None)
OTHER_NAME = in_service("flanneld", environment=("NODE_NAME=worker-09",))
CAPITALS = in_service("flanneld", environment=("NODE_NAME=WORKER-03",))
API_SERVERS = "profile.api_servers"
FLANNELD = (
    *NOT_HERE,
    *(
        native(f"healthy {layout}", PASS, "runs", layout=layout)
        for layout in ("sdn-native", "sdn-nssm", "hostprocess", "rke2")
    ),
    native("no start time", PASS, "runs", in_process("flanneld", created=None)),
    native("two", WARN, "several", twice("flanneld"), fixes=()),
    native("called otherwise", WARN, "typed-service-absent", names=GONE, fixes=()),
    native("dead and called otherwise", FAIL, "typed-service-absent", *DEAD, names=GONE, fixes=()),
    native("dead", FAIL, "dead", *DEAD, NO_NETWORK),
    native("dead, only the file is gone", FAIL, "dead", *DEAD, content(SUBNET_ENV, None)),
    native("dead, network there", WARN, "dead-network-there", *DEAD),
    native("dead, networks unread", FAIL, "dead", *DEAD, unread(NETWORK)),
    native(
        "dead, behind a proxy", FAIL, "dead", *DEAD, NO_NETWORK, in_service("kubelet", environment=SET), cause=CAUSE
    ),
    native("dead in a pod", FAIL, "dead", gone("flanneld"), NO_NETWORK, layout="hostprocess"),
    native("dead on RKE2", FAIL, "dead", gone("flanneld"), NO_NETWORK, layout="rke2"),
    native("RKE2 is stopped", FAIL, "parent-down", *RKE2_DOWN, NO_NETWORK, layout="rke2", cause="node.containerd-runs"),
    native(
        "RKE2 is stopped, network there", WARN, "parent-down", *RKE2_DOWN, layout="rke2", cause="node.containerd-runs"
    ),
    native("no subnet manager", FAIL, "wrong-flags", *DEAD, in_line("flanneld", " --kube-subnet-mgr=1", "")),
    native("no kubeconfig", FAIL, "wrong-flags", *DEAD, in_line("flanneld", " --kubeconfig-file=C:\\k\\config", "")),
    native("another interface", FAIL, "wrong-flags", *DEAD, in_line("flanneld", ADDRESS, "10.2.0.99")),
    native(
        "interface by name", WARN, "dead-network-there", *DEAD, in_line("flanneld", ADDRESS, '"vEthernet (Ethernet)"')
    ),
    native(
        "interfaces unread",
        WARN,
        "dead-network-there",
        *DEAD,
        in_line("flanneld", ADDRESS, "10.2.0.99"),
        unread("network"),
    ),
    native(
        "dead, a kubeconfig that is not there", WARN, "no-kubeconfig", *DEAD, in_line("flanneld", "k\\config", "k\\old")
    ),
    native("dead, and no kubeconfig at all", FAIL, "no-kubeconfig", *DEAD, NO_NETWORK, put(API_SERVERS, ()), fixes=()),
    native("dead, kubeconfigs unread", WARN, "dead-network-there", *DEAD, unread(API_SERVERS)),
    native("dead, NODE_NAME of another node", WARN, "dead-name-differs", *DEAD, OTHER_NAME),
    native("dead, NODE_NAME in capitals", FAIL, "dead-name-differs", *DEAD, NO_NETWORK, CAPITALS),
    native("no NODE_NAME", FAIL, "no-node-name", *DEAD, NO_NAME),
    native("NODE_NAME of the machine", WARN, "dead-network-there", *DEAD, NO_NAME, machine("NODE_NAME=worker-03")),
    native("NODE_NAME unread", WARN, "dead-network-there", *DEAD, NO_NAME, unread("environment")),
    native(
        "net-conf with a typing error",
        FAIL,
        "bad-net-conf",
        *DEAD,
        in_content("flannel.net_conf", 'vxlan"', 'host_gw"'),
        fixes=(),
        cause="flannel.vxlan-parameters",
    ),
    native(
        "net-conf with a mark",
        FAIL,
        "bad-net-conf",
        *DEAD,
        content("flannel.net_conf", b"\xff\xfe{\0}\0"),
        fixes=(),
        cause="flannel.vxlan-parameters",
    ),
    native(
        "net-conf elsewhere",
        WARN,
        "dead-network-there",
        *DEAD,
        content("flannel.net_conf", "{}"),
        in_line("flanneld", " --ip-masq", " --net-config-path=C:\\x.json --ip-masq"),
    ),
    native("net-conf not given out", WARN, "dead-network-there", *DEAD, unreadable("flannel.net_conf")),
    native("starting", WARN, "starting", YOUNG, NO_NETWORK, fixes=()),
    native("stuck", FAIL, "stuck", NO_NETWORK),
    native("stuck, start unknown", FAIL, "stuck", NO_NETWORK, in_process("flanneld", created=None)),
    native("stuck without an address", FAIL, "stuck", first(NETWORK, management_ip=None)),
    native("starting without an address", WARN, "starting", first(NETWORK, management_ip=None), YOUNG, fixes=()),
    native("file of an earlier start", WARN, "unfinished", first(SUBNET_ENV, modified=STARTED - timedelta(hours=1))),
    native("file of an earlier start, just started", PASS, "runs", YOUNG),
    native(
        "runs without subnet manager", WARN, "runs-with-wrong-flags", in_line("flanneld", " --kube-subnet-mgr=1", "")
    ),
    native(
        "runs without kubeconfig",
        WARN,
        "runs-with-wrong-flags",
        in_line("flanneld", " --kubeconfig-file=C:\\k\\config", ""),
    ),
    native(
        "a pod needs no kubeconfig",
        PASS,
        "runs",
        in_line("flanneld", " --kubeconfig-file=C:\\hpc\\mounts\\kubeconfig.conf", ""),
        layout="hostprocess",
    ),
    native(
        "runs with another interface",
        FAIL,
        "runs-with-wrong-flags",
        in_line("flanneld", ADDRESS, "10.2.0.99"),
        cause="network.node-address-agrees",
    ),
    native("another name", WARN, "node-name-differs", in_service("flanneld", environment=("NODE_NAME=WORKER-03",))),
    native(
        "two net-conf.json that differ",
        WARN,
        "net-confs-differ",
        more(NET_CONF, file("C:\\k\\net-conf.json", net_conf("vxlan0", "vxlan", Cluster("10.99.0.0/16")))),
        fixes=(),
    ),
    native(
        "two net-conf.json that agree",
        PASS,
        "runs",
        more(NET_CONF, file("C:\\k\\net-conf.json", net_conf("vxlan0", "vxlan", Cluster()))),
    ),
    *(
        native(
            f"log: {reason}", FAIL, reason, *DEAD, NO_NETWORK, log(line), fixes=() if reason in NO_RESTART else RESTART
        )
        for reason, line in LOGS.items()
    ),
    native("log, network there", WARN, "other-version", *DEAD, log(LOGS["other-version"])),
    native("log of a flanneld that runs", FAIL, "name-exists", NO_NETWORK, log(LOGS["name-exists"])),
    native("log of one that can't", FAIL, "no-pod-cidr", NO_NETWORK, log(LOGS["no-pod-cidr"]), fixes=()),
    native(
        "an error before it came up",
        FAIL,
        "dead",
        *DEAD,
        NO_NETWORK,
        log(
            LOGS["name-exists"], "I0716 13:54:40.000000 2472 main.go:417] Wrote subnet file to /run/flannel/subnet.env"
        ),
    ),
    native("an error that tells nothing", FAIL, "dead", *DEAD, NO_NETWORK, log("E0716 main.go:291] something else")),
    native("a log of missing flags that are there", FAIL, "dead", *DEAD, NO_NETWORK, log("E0716] dial 127.0.0.1:2379")),
    native("log unread", FAIL, "dead", *DEAD, NO_NETWORK, unread("flannel.flanneld_log")),
    native(
        "NSSM gives it an environment without NODE_NAME",
        FAIL,
        "no-node-name",
        gone("flanneld"),
        in_nssm("flanneld", app_environment=("PATH=C:\\k",), app_environment_extra=None),
        machine("NODE_NAME=worker-03"),
        layout="sdn-nssm",
    ),
    native("a console waits", FAIL, "dead", *DEAD, NO_NETWORK, more("daemons.processes", CONSOLE)),
    native("its line hidden", PASS, "runs", in_process("flanneld", command_line=None)),
    native("processes unread", UNKNOWN, "not-read", unread("daemons.processes")),
    native("services unread", UNKNOWN, "not-read", unread("daemons.services")),
    native("networks unread", UNKNOWN, "not-read", unread(NETWORK)),
    native("network's name unread", UNKNOWN, "not-read", NO_NETWORK, unread("cni")),
    native("addresses unread", UNKNOWN, "not-read", unread("network.addresses")),
    native("names unread", UNKNOWN, "not-read", unread("system.host_name")),
    native("environment unread", UNKNOWN, "not-read", unread("environment.machine")),
)

AT = "flannel.subnet_env"
OVERLAY = Cluster()
IPV6 = "FLANNEL_IPV6_NETWORK=2001:cafe:42::/56\nFLANNEL_IPV6_SUBNET=2001:cafe:42::1/64\n"


def line(old: str, new: str) -> Change:
    return in_content(AT, old, new)


def card(mtu: int | None) -> tuple[Change, ...]:
    """All adapters with this MTU."""
    return (
        each("network.adapters", lambda one: replace(one, mtu=mtu)),
        each("network.mtus", lambda one: replace(one, mtu=mtu)),
    )


SECOND = more("network.adapters", AdapterFact("Ethernet 2", "Second", 20, "up", "00-15-5D-01-02-FF", False, 1400))
ELSEWHERE = cni(
    lambda text: text.replace('"type": "flannel",', '"type": "flannel", "subnetFile": "/run/other/subnet.env",')
)
ENV = (
    *NOT_HERE,
    native("the plug-in reads another file", FAIL, "elsewhere", ELSEWHERE, fixes=()),
    native(
        "both were told of another file",
        PASS,
        "whole",
        ELSEWHERE,
        in_line("flanneld", " --ip-masq", " --subnet-file=C:\\run\\other\\subnet.env --ip-masq"),
        put(AT, (file("C:\\run\\other\\subnet.env", subnet_env(OVERLAY, 1450)),)),
    ),
    native("CNI file unread", UNKNOWN, "not-read", unread("cni.folders")),
    native("blanks before a name", FAIL, "missing-keys", line("FLANNEL_MTU", " FLANNEL_MTU")),
    native("blanks after a value", FAIL, "bad-network", line("10.244.0.0/16", "10.244.0.0/16 ")),
    *(
        native(f"healthy {layout}", PASS, "whole", layout=layout)
        for layout in ("sdn-native", "sdn-nssm", "hostprocess", "rke2")
    ),
    native(
        "CRLF and comments",
        PASS,
        "whole",
        content(AT, "# flannel\r\n" + subnet_env(OVERLAY, 1450).replace("\n", "\r\n")),
    ),
    native("both families", PASS, "whole", content(AT, IPV6 + subnet_env(OVERLAY, 1450))),
    native(
        "IPv6 only",
        PASS,
        "whole",
        content(AT, IPV6 + "FLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n"),
        first(NETWORK, subnets=("2001:cafe:42::/64",)),
        put("flannel.net_conf", ()),
    ),
    native("no time", PASS, "whole", first(AT, modified=None)),
    native("missing", FAIL, "missing", content(AT, None)),
    native("missing since flanneld is dead", FAIL, "missing", content(AT, None), *DEAD, cause="flannel.flanneld-runs"),
    native("missing in a pod's layout", FAIL, "missing", content(AT, None), layout="hostprocess"),
    native(
        "missing where it was told",
        FAIL,
        "missing",
        in_line("flanneld", " --ip-masq", " --subnet-file=/run/flannel/subnet.env --ip-masq"),
        content(AT, None),
    ),
    native("unread", UNKNOWN, "not-read", unread(AT)),
    native("flannel unread", UNKNOWN, "not-read", unread("flannel")),
    native("not given out", UNKNOWN, "not-read", unreadable(AT)),
    native("not asked for", UNKNOWN, "not-read", put(AT, ())),
    native("networks unread", UNKNOWN, "not-read", unread(NETWORK)),
    native("net-conf unread", UNKNOWN, "not-read", unread("flannel.net_conf")),
    native("byte order mark", FAIL, "marked", content(AT, "\ufeff" + subnet_env(OVERLAY, 1450))),
    native("UTF-16", FAIL, "marked", content(AT, subnet_env(OVERLAY, 1450).encode("utf-16"))),
    native("UTF-16 without a mark", FAIL, "marked", content(AT, subnet_env(OVERLAY, 1450).encode("utf-16-le"))),
    native("empty", FAIL, "missing-keys", content(AT, "")),
    native(
        "cut off", FAIL, "missing-keys", content(AT, "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.3.1/24\n")
    ),
    native("network is no range", FAIL, "bad-network", line("10.244.0.0/16", "10.244.0.0")),
    native("subnet is no range", FAIL, "bad-subnet", line("10.244.3.1/24", "10.244.300.1/24")),
    native("MTU is no number", FAIL, "bad-mtu", line("1450", "big")),
    native("MTU is no number of ours", FAIL, "bad-mtu", line("1450", "²")),
    native("outside its own network", FAIL, "outside", line("10.244.3.1/24", "10.99.3.1/24")),
    native("of another node", FAIL, "differs", line("10.244.3.1/24", "10.244.0.1/24")),
    native(
        "outside net-conf",
        WARN,
        "outside-net-conf",
        content("flannel.net_conf", net_conf("vxlan0", "vxlan", Cluster("10.99.0.0/16"))),
    ),
    native("full MTU with vxlan", WARN, "mtu", line("1450", "1500")),
    native("full MTU without", PASS, "whole", layout="sdn-nssm"),
    native("big frames", PASS, "whole", line("1450", "8950"), *card(9000)),
    native("big frames, small packets", WARN, "mtu-differs", *card(9000)),
    native("vxlan on a small card", WARN, "mtu-differs", *card(1400)),
    native("vxlan takes nothing off", WARN, "mtu", line("1450", "1400"), *card(1400)),
    native("less than the card without vxlan", WARN, "mtu-differs", line("1500", "1450"), layout="sdn-nssm"),
    native("the switch took some of it", PASS, "whole", each("network.mtus", lambda one: replace(one, mtu=1450))),
    native(
        "started after that",
        PASS,
        "whole",
        line("1500", "1450"),
        each("network.mtus", lambda one: replace(one, mtu=1450)),
        layout="sdn-nssm",
    ),
    native("another card's", WARN, "mtu-differs", line("1450", "1350"), SECOND),
    native("card of no MAC address", PASS, "whole", each("network.adapters", lambda one: replace(one, mac=""))),
    native(
        "no card has the address",
        UNKNOWN,
        "card-unknown",
        put("network.addresses", ()),
        cause="network.node-address-agrees",
    ),
    native("nobody tells an MTU", UNKNOWN, "card-unknown", *card(None), put("network.mtus", ())),
    native("MTUs unread", UNKNOWN, "not-read", unread("network.mtus")),
    native("network unread", UNKNOWN, "not-read", unread("network")),
)

CASES = {"flannel.flanneld-runs": FLANNELD, "flannel.subnet-env": ENV}
