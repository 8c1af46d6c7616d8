"""What only the cluster side tells: what is changed on a healthy node, and what must be said of it, by check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cases_network import NAT, NOT_HERE
from cases_node import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, WARN
from node_changes import (
    Case,
    Change,
    cni,
    content,
    each,
    first,
    gone,
    in_line,
    in_process,
    in_service,
    machine,
    more,
    put,
    stopped,
    unread,
)
from node_facts import fact, pod, with_fact
from node_files import ADDRESS, Cluster, file, net_conf
from runtime_changes import logged, says

from checks.facts import (
    HnsEndpointFact,
    HnsNetworkFact,
    NodeAddressFact,
    PodEventFact,
    ProgramFact,
    VariableFact,
)
from checks.finding import Verdict

LAYOUTS = ("sdn-native", "sdn-nssm", "hostprocess", "rke2")
IMAGE = "example.com/agent:1.0"
BACK_OFF = f'Back-off pulling image "{IMAGE}"'
PLATFORM = "failed to pull and unpack image: no match for platform in manifest: not found"


def case(
    name: str, verdict: Verdict, reason: str, *changes: Change, layout: str = "sdn-native", cause: str = ""
) -> Case:
    return Case(name, layout, changes, verdict, reason, (), cause)


SYNC = (
    'E1124 10:00:01.000000 1 pod_workers.go:1301] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for '
    '\\"main\\" with ImagePullBackOff: \\"Back-off pulling image \\\\\\"%s\\\\\\"\\"" pod="default/agent-1" podUID="1"'
)
FAILED = 'E1124 10:00:00.000000 1 kuberuntime_image.go:55] "Failed to pull image" err="rpc error: %s" image="%s"'
NO_FIT = logged(FAILED % (PLATFORM, IMAGE), SYNC % IMAGE)
NO_WAY = logged(FAILED % ("dial tcp 1.2.3.4:443: i/o timeout", IMAGE), SYNC % IMAGE)
OTHER = "example.com/other:2"


def dated(day: str) -> Change:
    """The image that does not fit, in a log of another day (month and day)."""
    return logged(*(line.replace("E1124", f"E{day}") for line in (FAILED % (PLATFORM, IMAGE), SYNC % IMAGE)))


BOTH = (FAILED % ("dial tcp 1.2.3.4", IMAGE), SYNC % IMAGE, FAILED % (PLATFORM, OTHER), SYNC % OTHER)


def lists(*names: str, image: str = "example.com/web:1") -> Change:
    """What crictl lists: pods that the runtime keeps, and the one image it has."""
    rows = [("POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME")]
    rows += [("a1b2c3", "2 hours ago", "Ready", name, "default", "0", "(default)") for name in names]
    name, _, tag = image.rpartition(":")
    images = [("IMAGE", "TAG", "IMAGE ID", "SIZE"), (name, tag, "0123abc", "115MB")]

    def table(told: list[tuple[str, ...]]) -> str:
        return "\n".join("".join(f"{word:<36}" for word in row).rstrip() for row in told)

    path = "C:\\containerd\\crictl.exe"
    return more(
        "runtime.programs",
        ProgramFact("crictl", path, "pods --state ready", 0, table(rows)),
        ProgramFact("crictl", path, "images", 0, table(images)),
    )


def pods(*listed: Any) -> Change:
    return put("cluster.pods", listed)


def waits(reason: str = "ErrImagePull", message: str = "", **changes: Any) -> Any:
    return pod("agent-1", IMAGE, reason, message, **changes)


def event(message: str, pod_name: str = "agent-1") -> PodEventFact:
    return PodEventFact("default", pod_name, "Failed", message, 3, None)


FOR_ANY = {"node_selector": ()}
PULLS = (
    *(case(f"healthy {layout}", PASS, "pulled", layout=layout) for layout in LAYOUTS),
    case("no pods", PASS, "pulled", pods()),
    case("waits for its network", PASS, "pulled", pods(waits("ContainerCreating"))),
    case("Linux image", FAIL, "linux-image", pods(pod("web-0"), waits(message=PLATFORM, **FOR_ANY))),
    case(
        "Linux image, told by the event",
        FAIL,
        "linux-image",
        pods(waits("ImagePullBackOff", BACK_OFF, **FOR_ANY)),
        put("cluster.events", (event("other image"), event(f'Failed to pull image "{IMAGE}": {PLATFORM}'))),
    ),
    case("Linux image, build unread", FAIL, "linux-image", pods(waits(message=PLATFORM, **FOR_ANY)), unread("system")),
    case("image of another build", FAIL, "other-build", pods(waits(message=PLATFORM))),
    case("another build by spec.os", FAIL, "other-build", pods(waits(message="0xc0370101", os="windows", **FOR_ANY))),
    case(
        "another build by affinity",
        FAIL,
        "other-build",
        pods(waits(message="no matching manifest for windows/amd64", affinity_systems=("windows",), **FOR_ANY)),
    ),
    case("for Linux by its selector", FAIL, "linux-image", pods(waits(message=PLATFORM, node_selector=("a=b",)))),
    case("the worst counts", FAIL, "other-build", pods(waits(message="404"), waits(message=PLATFORM))),
    case("too many requests", WARN, "rate-limit", pods(waits(message="429 Too Many Requests: toomanyrequests"))),
    case("a proxy is in the way", WARN, "proxy", pods(waits(message="proxyconnect tcp: dial tcp 10.0.0.1:3128"))),
    case("no way", WARN, "network", pods(waits(message="dial tcp 1.2.3.4:443: i/o timeout"))),
    case("name not known", WARN, "name", pods(waits(message="dial tcp: lookup r on 10.0.0.1:53: no such host"))),
    case("no room", WARN, "disk", pods(waits(message="write blob: no space left on device"))),
    case(
        "strange certificate", WARN, "certificate", pods(waits(message="x509: certificate signed by unknown authority"))
    ),
    case("signed in as nobody", WARN, "sign-in", pods(waits(message="401 Unauthorized"))),
    case("no such image", WARN, "not-found", pods(waits(message="manifest unknown"))),
    case("no cause told", WARN, "unclear", pods(waits("ImagePullBackOff", BACK_OFF))),
    case("no cause told, events unread", WARN, "unclear", pods(waits(message=BACK_OFF)), unread("cluster.events")),
    case("pods not told", UNKNOWN, "not-read", unread("cluster.pods")),
    case("by the log, another platform", FAIL, "log-platform", unread("cluster.pods"), NO_FIT, lists("agent-1")),
    case("by the log, no way", WARN, "network", unread("cluster"), NO_WAY, lists("agent-1", "web-0")),
    case("by the log, the worst", FAIL, "log-platform", unread("cluster"), logged(*BOTH), lists("agent-1")),
    case("by the log, before yesterday", UNKNOWN, "log-failed", unread("cluster"), dated("1122"), lists("agent-1")),
    case("by the log, in another zone", FAIL, "log-platform", unread("cluster"), dated("1125"), lists("agent-1")),
    case("by the log, of last year", UNKNOWN, "log-failed", unread("cluster"), dated("1231"), lists("agent-1")),
    case("by the log, without a time", UNKNOWN, "log-failed", unread("cluster"), dated("0230"), lists("agent-1")),
    case("by the log, unclear", UNKNOWN, "log-failed", unread("cluster"), logged(SYNC % IMAGE), lists("agent-1")),
    case(
        "by the log, pulled since",
        UNKNOWN,
        "runtime-sees-none",
        unread("cluster"),
        NO_WAY,
        lists("agent-1", image=IMAGE),
    ),
    case("by the log, gone since", UNKNOWN, "runtime-sees-none", unread("cluster"), NO_WAY, lists("web-0")),
    case("by the log, nothing", UNKNOWN, "runtime-sees-none", unread("cluster"), lists("web-0")),
    case("the log unread", UNKNOWN, "not-read", unread("cluster"), lists("web-0"), unread("runtime.kubelet_log")),
    case(
        "crictl says no", UNKNOWN, "not-read", unread("cluster"), NO_WAY, lists("agent-1"), says("crictl", exit_code=1)
    ),
    case("no kubectl", UNKNOWN, "not-read", unread("cluster")),
)

PROXY = " --hostname-override=worker-03"
NO_FLAG = in_line("kube-proxy", PROXY, "")
IN_FILE = in_line("kube-proxy", PROXY, " --config=/var/lib/kube-proxy/config.conf")
PROXY_CONFIG = "C:\\var\\lib\\kube-proxy\\config.conf"
NO_NAME = file(PROXY_CONFIG, "kind: KubeProxyConfiguration\n")
KUBELET_SILENT = in_line("kubelet", PROXY, "")


def config(override: str, present: bool | None = True, path: str = PROXY_CONFIG) -> Change:
    text = f"kind: KubeProxyConfiguration\nhostnameOverride: {override or chr(34) * 2}\n"
    told = replace(file(path, text), present=present, problem="" if present is not None else "access denied")
    return put("profile.kube_proxy_config", (told,))


def node(**values: Any) -> Change:
    return lambda facts: with_fact(facts, "cluster.node", replace(fact(facts, "cluster.node"), **values))


ENDPOINT = HnsEndpointFact("e", "e", "n", "vxlan0", "10.244.3.9", False, 1, None)
NAMES = (
    *(case(f"healthy {layout}", PASS, "same", layout=layout) for layout in LAYOUTS),
    case("another case", PASS, "same", in_line("kube-proxy", PROXY, " --hostname-override=WORKER-03")),
    case("another name", FAIL, "differs", in_line("kube-proxy", PROXY, " --hostname-override=worker-30")),
    case(
        "another name, endpoints lost",
        FAIL,
        "differs",
        in_line("kube-proxy", PROXY, " --hostname-override=worker-30"),
        put("hns.endpoints", (ENDPOINT,)),
    ),
    case(
        "another name, no API",
        FAIL,
        "differs",
        in_line("kube-proxy", PROXY, " --hostname-override=worker-30"),
        unread("cluster", "hns"),
    ),
    case("given by the file", PASS, "same", IN_FILE, config("worker-03")),
    case("another in the file", FAIL, "differs", IN_FILE, config("other")),
    case(
        "the flag wins",
        PASS,
        "same",
        in_line("kube-proxy", PROXY, " --config=C:\\c.conf" + PROXY),
        config("other", path="C:\\c.conf"),
    ),
    case("none in the file", WARN, "only-host-name", IN_FILE, config("")),
    case("file not there", UNKNOWN, "not-read", IN_FILE, config("", False)),
    case("file not read", UNKNOWN, "not-read", IN_FILE, config("", None)),
    case("file unread", UNKNOWN, "not-read", IN_FILE, unread("profile.kube_proxy_config")),
    case("file of another start", UNKNOWN, "not-read", IN_FILE, config("worker-03", path="C:\\other")),
    case("file of a pod's variable", UNKNOWN, "not-read", IN_FILE, config("env:NODE_NAME")),
    case("file not asked for", UNKNOWN, "not-read", IN_FILE, unread("profile")),
    case("file is none", UNKNOWN, "not-read", IN_FILE, put("profile.kube_proxy_config", (file(PROXY_CONFIG, "%"),))),
    case("none in the file at all", WARN, "only-host-name", IN_FILE, put("profile.kube_proxy_config", (NO_NAME,))),
    case("no flag, host name fits", WARN, "only-host-name", NO_FLAG),
    case("no flag, host name differs", FAIL, "host-name-differs", NO_FLAG, put("system.host_name", "WIN-7QK2")),
    case("no flag, host name unread", UNKNOWN, "not-read", NO_FLAG, unread("system.host_name")),
    case("no flag, system unread", UNKNOWN, "not-read", NO_FLAG, unread("system")),
    case("kubelet silent, kubeconfig tells", PASS, "same", KUBELET_SILENT, put("cluster.kubeconfig_name", "worker-03")),
    case(
        "kubelet silent, kubeconfig tells another",
        FAIL,
        "differs",
        KUBELET_SILENT,
        put("cluster.kubeconfig_name", "win-7qk2"),
    ),
    case("kubelet silent, the cluster tells", PASS, "same", KUBELET_SILENT),
    case("kubelet silent, the cluster tells another", FAIL, "differs", KUBELET_SILENT, node(name="ip-10-2-0-13")),
    case(
        "kubelet silent, RKE2 tells another",
        FAIL,
        "differs",
        KUBELET_SILENT,
        put("profile.rke2_settings", (VariableFact("node-name", "other"),)),
        layout="rke2",
    ),
    case("kubelet silent, RKE2 unread", UNKNOWN, "not-read", KUBELET_SILENT, unread("profile.rke2_settings")),
    case("kubelet silent, profile unread", UNKNOWN, "not-read", KUBELET_SILENT, unread("profile")),
    case("kubelet silent, kubeconfig unread", UNKNOWN, "not-read", KUBELET_SILENT, unread("cluster.kubeconfig_name")),
    case("kubelet silent, cluster silent", UNKNOWN, "not-read", KUBELET_SILENT, unread("cluster.node")),
    case("kubelet silent, no kubectl", UNKNOWN, "not-read", KUBELET_SILENT, unread("cluster")),
    case("kubelet gone, its service unread", UNKNOWN, "not-read", gone("kubelet"), unread("daemons.services")),
    case("line hidden", UNKNOWN, "not-read", in_process("kube-proxy", command_line=None)),
    case("kubelet's line hidden", UNKNOWN, "not-read", in_process("kubelet", command_line=None)),
    case("not running", NOT_APPLICABLE, "not-running", stopped("kube-proxy")),
    case("processes unread", UNKNOWN, "not-read", unread("daemons.processes")),
)

NONE_GIVEN = (NO_FLAG, KUBELET_SILENT, in_service("flanneld", environment=None))
UPPER = in_service("flanneld", environment=("NODE_NAME=WORKER-03",))
LETTERS = (
    *(case(f"healthy {layout}", PASS, "lower-case", layout=layout) for layout in LAYOUTS),
    case("kubelet", WARN, "upper-case", in_line("kubelet", PROXY, " --hostname-override=WORKER-03")),
    case("kube-proxy's file", WARN, "upper-case", IN_FILE, config("Worker-03")),
    case("RKE2", WARN, "upper-case", put("profile.rke2_settings", (VariableFact("node-name", "W3"),)), layout="rke2"),
    case("flanneld, running", WARN, "flanneld", UPPER),
    case("flanneld, dead", FAIL, "flanneld", UPPER, gone("flanneld")),
    case("flanneld, dead, RKE2 unread", WARN, "flanneld", UPPER, gone("flanneld"), unread("profile.rke2_settings")),
    case("variable of the machine", WARN, "flanneld", NONE_GIVEN[2], machine("NODE_NAME=WORKER-03")),
    case("nowhere a name", NOT_APPLICABLE, "none-given", *NONE_GIVEN),
    case("environment unread", UNKNOWN, "not-read", unread("environment")),
    case("machine variables unread", UNKNOWN, "not-read", unread("environment.machine")),
    case("services unread", UNKNOWN, "not-read", unread("daemons.services")),
    case("settings unread", UNKNOWN, "not-read", unread("profile.rke2_settings")),
    case("processes unread", UNKNOWN, "not-read", unread("daemons.processes")),
)

ENV, NETWORK = "flannel.subnet_env", "hns.networks"
TYPED_APART = each("hns.networks", lambda one: replace(one, typed_apart="pods-2"))
CIDR = (
    *NOT_HERE,
    *(case(f"healthy {layout}", PASS, "agrees", layout=layout) for layout in LAYOUTS),
    case("both families", PASS, "agrees", node(pod_cidrs=("2001:cafe:42::/64", "10.244.3.0/24"))),
    case("nothing uses it yet", PASS, "agrees", content(ENV, None), put(NETWORK, (NAT,))),
    case("none assigned", FAIL, "not-assigned", node(pod_cidrs=())),
    case("assigned what is no range", FAIL, "not-assigned", node(pod_cidrs=("10.244.3.0",))),
    case("outside the network", FAIL, "outside", node(pod_cidrs=("10.99.3.0/24",))),
    case(
        "outside net-conf's network",
        FAIL,
        "outside",
        content("flannel.net_conf", net_conf("vxlan0", "vxlan", Cluster("10.99.0.0/16"))),
        content(ENV, None),
    ),
    case("subnet.env of before", FAIL, "file-differs", node(pod_cidrs=("10.244.9.0/24",))),
    case("network of before", FAIL, "network-differs", node(pod_cidrs=("10.244.9.0/24",)), content(ENV, None)),
    case("the typed network is not there", UNKNOWN, "typed-not-there", TYPED_APART, cause="network.hns-network-exists"),
    case("network unread", UNKNOWN, "not-read", unread(NETWORK)),
    case("file unread", UNKNOWN, "not-read", unread(ENV)),
    case("Node not told", UNKNOWN, "not-read", unread("cluster.node")),
    case("no kubectl", UNKNOWN, "not-read", unread("cluster")),
)

OLD = "10.2.0.66"
LEFT = HnsNetworkFact("L", "flannel.4096", "Overlay", ADDRESS, ("10.244.9.0/24",), (), "Ethernet", 0, ())
CHANGED = (
    *NOT_HERE,
    *(case(f"healthy {layout}", PASS, "agrees", layout=layout) for layout in LAYOUTS),
    case("lease of before", FAIL, "changed", node(public_ip=OLD)),
    case("another public address on purpose", PASS, "agrees", node(public_ip=OLD, public_ip_overwrite=OLD)),
    case(
        "another public address by flag",
        PASS,
        "agrees",
        node(public_ip=OLD),
        in_line("flanneld", " --ip-masq", f" --public-ip={OLD} --ip-masq"),
    ),
    case("no lease", PASS, "agrees", node(public_ip="")),
    case("internal address of before", FAIL, "changed", node(addresses=(NodeAddressFact("InternalIP", OLD),))),
    case(
        "one of two internal addresses is here",
        PASS,
        "agrees",
        node(addresses=(NodeAddressFact("InternalIP", OLD), NodeAddressFact("InternalIP", ADDRESS))),
    ),
    case("--iface of before", FAIL, "changed", in_line("flanneld", ADDRESS, OLD)),
    case("--iface by name", PASS, "agrees", in_line("flanneld", ADDRESS, '"vEthernet (Ethernet)"')),
    case("--node-ip of before", FAIL, "changed", in_line("kubelet", PROXY, f" --node-ip={OLD}{PROXY}")),
    case("network of before", FAIL, "changed", first(NETWORK, management_ip=OLD)),
    case("network without an address", PASS, "agrees", first(NETWORK, management_ip=None)),
    case("network with an address of Windows' own", PASS, "agrees", first(NETWORK, management_ip="169.254.1.2")),
    case("CNI file of before", FAIL, "changed", cni(lambda text: text.replace(ADDRESS, OLD)), layout="rke2"),
    case("network left over", WARN, "leftover", more(NETWORK, LEFT)),
    case("the switch's own network", PASS, "agrees", more(NETWORK, replace(LEFT, name="External"), NAT)),
    case("perhaps left over", UNKNOWN, "not-read", more(NETWORK, LEFT), unread("cni")),
    case("perhaps left over, net-conf unread", UNKNOWN, "not-read", more(NETWORK, LEFT), unread("flannel.net_conf")),
    case("addresses unread", UNKNOWN, "not-read", node(public_ip=OLD), unread("network.addresses")),
    case("network facts unread", UNKNOWN, "not-read", node(public_ip=OLD), unread("network")),
    case("Node not told", UNKNOWN, "not-read", unread("cluster.node")),
    case("lease of before, networks unread", FAIL, "changed", node(public_ip=OLD), unread("hns")),
)

CASES = {
    "node.images-are-pulled": PULLS,
    "network.kube-proxy-name": NAMES,
    "node.names-in-lower-case": LETTERS,
    "network.pod-cidr-agrees": CIDR,
    "network.node-address-agrees": CHANGED,
}
