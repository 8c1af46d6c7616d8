"""The name of the pods' network and the CNI file that counts: what is changed, and what must be said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cases_dns import CNI_AWAY, pod
from cases_network import AS_WINS, NAT, NOT_HERE
from cases_node import FAIL, PASS, UNKNOWN, WARN
from node_changes import (
    Case,
    Change,
    cni,
    each,
    first,
    gone,
    in_content,
    in_line,
    in_process,
    machine,
    more,
    put,
    unread,
    unreadable,
    without_service,
)
from node_facts import fact, with_fact
from node_files import file

from checks.facts import CniFolderFact, NodeFacts
from checks.finding import Verdict
from checks.node import Typed

FLAG = " --network-name=cbr0"
LOG = "flannel.kube_proxy_log"
MISSED = "E0628 16:57:08.673912    1180 proxier.go:564] Unable to find HNS Network specified by {}. Please check network name"
CHANGED = "E0628 16:57:08.673912 1 x] The HNS network {} is not present or has changed since the last sync."
NAMELESS = "F0628 1 x] Environment variable KUBE_NETWORK and network-flag not initialized"
NO_FLAG = in_line("kube-proxy", FLAG, "")


def bridged(
    name: str, verdict: Verdict, reason: str, *changes: Change, layout: str = "sdn-nssm", cause: str = ""
) -> Case:
    return Case(name, layout, changes, verdict, reason, (), cause)


def from_file(text: str) -> tuple[Change, ...]:
    path = "C:\\k\\proxy.conf"
    return (in_line("kube-proxy", FLAG, f" --config={path}"), put("profile.kube_proxy_config", (file(path, text),)))


NAMES = (
    *NOT_HERE,
    *(bridged(f"healthy {layout}", PASS, "agree", layout=layout) for layout in ("sdn-nssm", "hostprocess", "rke2")),
    bridged(
        "capitals",
        PASS,
        "agree",
        in_line("kube-proxy", FLAG, " --network-name=CBR0"),
        first("hns.networks", name="Cbr0"),
    ),
    bridged("from kube-proxy's file", PASS, "agree", *from_file("winkernel: {networkName: cbr0}")),
    bridged(
        "from its service", PASS, "agree", NO_FLAG, each("daemons.services", lambda one: _with_network(one, "cbr0"))
    ),
    bridged("from the machine", PASS, "agree", NO_FLAG, machine("KUBE_NETWORK=cbr0")),
    bridged("nobody can tell kube-proxy's", PASS, "agree-without-proxy", NO_FLAG),
    bridged("its log missed it for a time", PASS, "agree-without-proxy", NO_FLAG, put(LOG, (MISSED.format("cbr0"),))),
    bridged("no kube-proxy", PASS, "agree-without-proxy", gone("kube-proxy"), without_service("kube-proxy")),
    Case("typed otherwise", "sdn-nssm", (), FAIL, "typed-differs", names=(Typed("hns_network", "pods-2", "node"),)),
    bridged("the CNI file has another", FAIL, "files-differ", cni(lambda text: text.replace("cbr0", "podnet"))),
    bridged("net-conf has another", FAIL, "files-differ", in_content("flannel.net_conf", "cbr0", "podnet")),
    bridged(
        "kube-proxy has another", FAIL, "kube-proxy-differs", in_line("kube-proxy", FLAG, " --network-name=vxlan0")
    ),
    bridged(
        "kube-proxy's file has another", FAIL, "kube-proxy-differs", *from_file("winkernel: {networkName: vxlan0}")
    ),
    bridged(
        "its service has another",
        FAIL,
        "kube-proxy-differs",
        NO_FLAG,
        each("daemons.services", lambda one: _with_network(one, "l2")),
    ),
    bridged("the machine has another", FAIL, "kube-proxy-differs", NO_FLAG, machine("KUBE_NETWORK=vxlan0")),
    bridged(
        "its log misses another", FAIL, "kube-proxy-looks-for", NO_FLAG, put(LOG, (MISSED.format("vxlan0"), "I x"))
    ),
    bridged("its log misses one since", FAIL, "kube-proxy-looks-for", NO_FLAG, put(LOG, (CHANGED.format("vxlan0"),))),
    bridged("it was told none", FAIL, "kube-proxy-nameless", NO_FLAG, put(LOG, (NAMELESS,))),
    bridged(
        "no name anywhere",
        UNKNOWN,
        "no-name",
        NO_FLAG,
        put("cni.folders", ()),
        put("flannel.net_conf", ()),
        put("hns.networks", ()),
    ),
    bridged("CNI unread", UNKNOWN, "not-read", unread("cni")),
    bridged("net-conf unread", UNKNOWN, "not-read", unread("flannel.net_conf")),
    bridged("net-conf not given out", UNKNOWN, "not-read", unreadable("flannel.net_conf")),
    bridged("flannel's files unread", UNKNOWN, "not-read", unread("flannel")),
    bridged("HNS unread", UNKNOWN, "not-read", unread("hns")),
    bridged("kube-proxy's line hidden", UNKNOWN, "not-read", in_process("kube-proxy", command_line=None)),
    bridged("kube-proxy's file unread", UNKNOWN, "not-read", *from_file(""), unread("profile.kube_proxy_config")),
    bridged("machine unread, no flag", UNKNOWN, "not-read", NO_FLAG, unread("environment")),
    bridged("log unread, no flag", UNKNOWN, "not-read", NO_FLAG, unread(LOG)),
    bridged("services unread, no flag", UNKNOWN, "not-read", NO_FLAG, unread("daemons.services")),
)


def _with_network(one: Any, name: str) -> Any:
    if one.name != "kube-proxy":
        return one
    return replace(one, nssm=replace(one.nssm, app_environment_extra=(f"KUBE_NETWORK={name}",)))


OTHER = '{"name":"nat","type":"nat","master":"Ethernet"}'


def before(name: str, text: str) -> Change:
    """Another file in the folder, by whose name it comes first."""

    def change(facts: NodeFacts) -> NodeFacts:
        folder: CniFolderFact = fact(facts, "cni.folders")[0]
        files = (file(f"{folder.path}\\{name}", text), *folder.files)
        return with_fact(facts, "cni.folders", (replace(folder, files=files),))

    return change


ON_NAT = put("hns.endpoints", (replace(pod("172.28.48.9", network="nat"), network_id="N"), pod("10.244.3.9")))
CONTAINERD = each("daemons.processes", lambda one: replace(one, role="containerd") if one.role == "dockerd" else one)
WINS = (*AS_WINS, put("profile.pipes", ("rancher_wins",)))
CNI = (
    *NOT_HERE,
    *(bridged(f"healthy {layout}", PASS, "flannels", layout=layout) for layout in ("sdn-nssm", "hostprocess", "rke2")),
    bridged("another one behind it", PASS, "flannels", before("zz-nat.conf", OTHER)),
    bridged("Docker's own containers", PASS, "flannels", more("hns.networks", NAT), ON_NAT),
    bridged("another one before it", FAIL, "shadowed", before("0-containerd-nat.conf", OTHER)),
    bridged("a nameless one before it", FAIL, "shadowed", before("0.json", "{}")),
    bridged("laid by wins", WARN, "shadowed", before("0-nat.conf", OTHER), *WINS, layout="hostprocess"),
    bridged("another one alone", FAIL, "other-file", cni(lambda _: OTHER)),
    bridged("pods on nat", WARN, "pods-on-nat", more("hns.networks", NAT), ON_NAT, CONTAINERD),
    bridged("no file", UNKNOWN, "no-file", put("cni.folders", ()), cause=CNI_AWAY),
    bridged("a mark", UNKNOWN, "unparsable", cni(lambda text: "\ufeff" + text), cause=CNI_AWAY),
    bridged("unread", UNKNOWN, "not-read", unread("cni")),
    bridged("HNS unread", UNKNOWN, "not-read", unread("hns")),
    bridged("networks unread", UNKNOWN, "not-read", unread("hns.networks")),
    bridged("endpoints unread", UNKNOWN, "not-read", unread("hns.endpoints")),
    bridged("processes unread", UNKNOWN, "not-read", unread("daemons.processes")),
)

CASES = {"network.names-agree": NAMES, "network.cni-file-is-flannels": CNI}
