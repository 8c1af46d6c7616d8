"""Source VIP: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from cases_flannel import NETWORK, NO_NETWORK
from cases_network import DEAD, NOT_HERE, STUCK
from cases_node import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, WARN
from node_changes import (
    Case,
    Change,
    content,
    first,
    gone,
    in_content,
    in_line,
    in_process,
    inside,
    more,
    put,
    unread,
    unreadable,
    without_service,
)
from node_files import BOOT, file, source_vip, source_vip_request

from checks.facts import ReservationFact
from checks.finding import Verdict

FIX = ("remove-stale-subnet-files",)
AT, REQUEST, HELD, SUBNET_ENV = (
    f"flannel.{name}" for name in ("source_vip", "source_vip_request", "reservations", "subnet_env")
)
LOG = "flannel.kube_proxy_log"
REFUSED = 'E0409 13:34:04.794013    4103 proxier.go:998] "Source Vip endpoint creation failed" err="(0x803b002f)"'
NO_FILE = content(AT, None)
STALE = content(AT, source_vip("10.244.9.2"))
FOREIGN = in_content(SUBNET_ENV, "10.244.3.1/24", "10.244.5.1/24")
VIP = "--source-vip=10.244.3.2"
HIDDEN = in_process("kube-proxy", command_line=None)
BEFORE = ReservationFact(
    "flannel.4096", "10.42.9.2", "C:\\var\\lib\\cni\\networks\\flannel.4096\\10.42.9.2", "kube-proxy", BOOT
)
ERROR = '{"code": 100, "msg": "error reading network config: invalid character"}'


def from_file(vip: str, more: str = "") -> tuple[Change, ...]:
    """kube-proxy reads its configuration from a file; other flags do not count then."""
    text = f"kind: KubeProxyConfiguration\nwinkernel:\n  networkName: vxlan0\n  sourceVip: {vip or chr(34) * 2}\n"
    path = "C:\\k\\proxy.conf"
    return (in_line("kube-proxy", VIP, f"--config={path}{more}"), put("profile.kube_proxy_config", (file(path, text),)))


def native(
    name: str,
    verdict: Verdict,
    reason: str,
    *changes: Change,
    fixes: tuple[str, ...] = (),
    layout: str = "sdn-native",
    cause: str = "",
) -> Case:
    return Case(name, layout, changes, verdict, reason, fixes, cause)


SOURCE_VIP = (
    *NOT_HERE,
    *(native(f"healthy {layout}", PASS, "fits", layout=layout) for layout in ("sdn-native", "hostprocess", "rke2")),
    native("no overlay", NOT_APPLICABLE, "not-overlay", layout="sdn-nssm"),
    native(
        "newer shape of the answer",
        PASS,
        "fits",
        content(AT, '{"cniVersion":"0.3.0","ips":[{"address":"10.244.3.2/24"}]}'),
    ),
    native("stale", FAIL, "stale", content(AT, source_vip("10.244.9.2")), fixes=FIX),
    native("stale in a pod's layout", FAIL, "stale", content(AT, source_vip("10.244.9.2")), layout="hostprocess"),
    native(
        "stale, and no service to restart",
        FAIL,
        "stale",
        content(AT, source_vip("10.244.9.2")),
        without_service("kube-proxy"),
    ),
    native(
        "left by another layout",
        PASS,
        "fits",
        put(
            AT,
            (
                file("C:\\k\\sourceVip.json", source_vip("10.9.9.2")),
                file("C:\\sourcevip\\sourceVip.json", source_vip("10.244.3.2")),
            ),
        ),
        layout="hostprocess",
    ),
    native("an error in the file", FAIL, "no-address", content(AT, ERROR), fixes=FIX),
    native("an empty file", FAIL, "no-address", content(AT, b""), fixes=FIX),
    native(
        "UTF-16 without a mark",
        FAIL,
        "no-address",
        content(AT, source_vip("10.244.3.2").decode("utf-16").encode("utf-16-le")),
        fixes=FIX,
    ),
    native("an address that is none", FAIL, "stale", content(AT, '{"ip4":{"ip":"none/24"}}'), fixes=FIX),
    native(
        "kube-proxy uses another", FAIL, "kube-proxy-differs", in_line("kube-proxy", VIP, "--source-vip=10.244.3.9")
    ),
    native("kube-proxy has an empty one", FAIL, "kube-proxy-differs", in_line("kube-proxy", VIP, "--source-vip=")),
    native("kube-proxy names none", FAIL, "kube-proxy-differs", in_line("kube-proxy", VIP, "")),
    native("kube-proxy has it from its file", PASS, "fits", *from_file("10.244.3.2")),
    native("kube-proxy has another from its file", FAIL, "kube-proxy-differs", *from_file("10.244.9.2")),
    native("kube-proxy has none from its file", FAIL, "kube-proxy-differs", *from_file("")),
    native("beside a file the flag counts not", FAIL, "kube-proxy-differs", *from_file("", f" {VIP}")),
    native("kube-proxy's file is no YAML", UNKNOWN, "not-read", *from_file("[")),
    native(
        "kube-proxy's file unread", UNKNOWN, "not-read", *from_file("10.244.3.2"), unread("profile.kube_proxy_config")
    ),
    native(
        "kube-proxy's file not given out", UNKNOWN, "not-read", *from_file("x"), unreadable("profile.kube_proxy_config")
    ),
    native(
        "network of another subnet",
        FAIL,
        "network-differs",
        first("hns.networks", subnets=("10.244.7.0/24",)),
        cause="network.hns-network-exists",
    ),
    native("kube-proxy's line hidden", UNKNOWN, "not-read", in_process("kube-proxy", command_line=None)),
    native("subnet.env of another node, by the cluster", PASS, "fits", FOREIGN),
    native("the same without a file", PASS, "fits", FOREIGN, NO_FILE),
    native(
        "subnet.env of another node, nobody to ask",
        UNKNOWN,
        "leases-apart",
        FOREIGN,
        unread("cluster"),
        cause="flannel.subnet-env",
    ),
    native(
        "the same without a file, nobody to ask",
        UNKNOWN,
        "leases-apart",
        FOREIGN,
        NO_FILE,
        unread("cluster.node"),
        cause="flannel.subnet-env",
    ),
    native("subnet.env of another node, networks unread", UNKNOWN, "not-read", FOREIGN, unread(NETWORK)),
    native("subnet.env of another node, and a VIP of before", FAIL, "stale", FOREIGN, STALE),
    native(
        "stale, but the cluster has assigned another subnet since",
        FAIL,
        "stale",
        STALE,
        inside("cluster.node", pod_cidrs=("10.244.7.0/24",)),
    ),
    native("kube-proxy is gone", PASS, "fits", gone("kube-proxy")),
    native(
        "request of before", WARN, "request-stale", content(REQUEST, source_vip_request("10.244.9.0/24")), fixes=FIX
    ),
    native(
        "refused in the log", WARN, "log-refused", put(LOG, (REFUSED, "I0409 13:34:04.814013    4103 proxier.go:955]"))
    ),
    native("refused to an earlier one", PASS, "fits", put(LOG, (REFUSED.replace("4103", "3560"),))),
    native("log unread", UNKNOWN, "not-read", unread(LOG)),
    native("request not given out", UNKNOWN, "not-read", unreadable(REQUEST)),
    native("no request", PASS, "fits", content(REQUEST, None)),
    native("not reserved", WARN, "reservation-missing", put(HELD, ()), fixes=FIX),
    native("subnet known from the network", PASS, "fits", content(SUBNET_ENV, None)),
    native("subnet unknown", UNKNOWN, "pod-subnet-unknown", content(SUBNET_ENV, None), NO_NETWORK, cause=STUCK),
    native(
        "subnet unknown since flanneld is dead",
        UNKNOWN,
        "pod-subnet-unknown",
        content(SUBNET_ENV, None),
        NO_NETWORK,
        *DEAD,
        cause="flannel.flanneld-runs",
    ),
    native("mode unknown", UNKNOWN, "mode-unknown", NO_NETWORK, put("flannel.net_conf", ())),
    native("no file yet", NOT_APPLICABLE, "no-file-yet", NO_FILE, gone("kube-proxy")),
    native("no file, kube-proxy has one", PASS, "fits", NO_FILE),
    native("no file, kube-proxy names none", FAIL, "no-vip", NO_FILE, in_line("kube-proxy", VIP, "")),
    native("no file, kube-proxy has one from its own", PASS, "fits", NO_FILE, *from_file("10.244.3.2")),
    native("no file, kube-proxy's own names none", FAIL, "no-vip", NO_FILE, *from_file("")),
    native("no file, empty flag", FAIL, "no-vip", NO_FILE, in_line("kube-proxy", VIP, "--source-vip=")),
    native("no file, another subnet", FAIL, "no-vip", NO_FILE, in_line("kube-proxy", VIP, "--source-vip=10.244.9.2")),
    native(
        "no file, flanneld is dead",
        FAIL,
        "no-vip",
        NO_FILE,
        in_line("kube-proxy", VIP, "--source-vip="),
        NO_NETWORK,
        *DEAD,
        cause="flannel.flanneld-runs",
    ),
    native("no file, processes unread", UNKNOWN, "not-read", NO_FILE, unread("daemons.processes")),
    native("RKE2 reserved nothing", NOT_APPLICABLE, "no-file-here", put(HELD, ()), layout="rke2"),
    native(
        "RKE2 holds the address of before", FAIL, "stale-reservation", first(HELD, address="10.42.9.2"), layout="rke2"
    ),
    native(
        "RKE2 with another node's subnet.env",
        PASS,
        "fits",
        in_content(SUBNET_ENV, "10.42.3.1/24", "10.42.5.1/24"),
        layout="rke2",
    ),
    native(
        "RKE2's pods hold addresses",
        PASS,
        "fits",
        more(HELD, ReservationFact("flannel.4096", "10.42.9.9", "C:\\x", "0123\r\neth0", None)),
        layout="rke2",
    ),
    native(
        "RKE2's kube-proxy uses another",
        FAIL,
        "reserved-differs",
        in_line("kube-proxy", "--network-name", "--source-vip=10.42.3.9 --network-name"),
        layout="rke2",
    ),
    native(
        "RKE2's kube-proxy uses what is reserved",
        PASS,
        "fits",
        in_line("kube-proxy", "--network-name", "--source-vip=10.42.3.2 --network-name"),
        layout="rke2",
    ),
    native(
        "RKE2 reserved nothing, and kube-proxy has one of before",
        FAIL,
        "no-vip",
        put(HELD, ()),
        in_line("kube-proxy", "--network-name", "--source-vip=10.42.9.2 --network-name"),
        layout="rke2",
    ),
    native(
        "RKE2 reserved nothing, and kube-proxy has one",
        PASS,
        "fits",
        put(HELD, ()),
        in_line("kube-proxy", "--network-name", "--source-vip=10.42.3.2 --network-name"),
        layout="rke2",
    ),
    native("RKE2 left one of before", PASS, "fits", more(HELD, BEFORE), layout="rke2"),
    native("RKE2's kube-proxy hides its line", UNKNOWN, "not-read", HIDDEN, layout="rke2"),
    native(
        "RKE2's network has another subnet",
        FAIL,
        "network-differs",
        first("hns.networks", subnets=("10.42.7.0/24",)),
        layout="rke2",
        cause="network.hns-network-exists",
    ),
    native("RKE2's reservations unread", UNKNOWN, "not-read", unread(HELD), layout="rke2"),
    native("unread", UNKNOWN, "not-read", unread(AT)),
    native("flannel unread", UNKNOWN, "not-read", unread("flannel")),
    native("request unread", UNKNOWN, "not-read", unread(REQUEST)),
    native("reservations unread", UNKNOWN, "not-read", unread(HELD)),
    native("not given out", UNKNOWN, "not-read", unreadable(AT)),
    native("networks unread", UNKNOWN, "not-read", unread(NETWORK)),
)

CASES = {"flannel.source-vip": SOURCE_VIP}
