"""Parameters of the overlay: what is changed on a healthy node, and what must be said of it."""

from __future__ import annotations

from cases_network import NOT_HERE
from cases_network_names import bridged
from cases_node import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, WARN
from node_changes import Case, Change, content, first, in_content, more, put, unread, unreadable
from node_files import file

from checks.finding import Verdict

AT = "flannel.net_conf"
OTHER = "C:\\k\\net-conf.json"
BARE = '{"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan"}}'
PODS = "hostprocess"
OVERLAY = first("hns.networks", name="flannel.4096", type="Overlay")


def overlay(name: str, verdict: Verdict, reason: str, *changes: Change, layout: str = "sdn-native") -> Case:
    return Case(name, layout, changes, verdict, reason)


def option(text: str) -> Change:
    return in_content(AT, '"VNI": 4096', f'"VNI": 4096, {text}')


VXLAN = (
    *NOT_HERE,
    overlay("healthy", PASS, "fits"),
    overlay("healthy HostProcess", PASS, "fits", layout=PODS),
    overlay("a higher VNI", PASS, "fits", in_content(AT, "4096", "5000")),
    overlay("options off", PASS, "fits", option('"DirectRouting": false, "GBP": false')),
    overlay("a like copy", PASS, "fits", lambda facts: more(AT, _copy(facts))(facts)),
    overlay(
        "Windows' defaults in a file of its own", PASS, "own-defaults", content(AT, BARE), OVERLAY, layout="sdn-nssm"
    ),
    overlay("l2bridge", NOT_APPLICABLE, "not-vxlan", layout="sdn-nssm"),
    overlay("VNI of Linux", FAIL, "vni", in_content(AT, "4096", "1")),
    overlay("VNI of Linux beside another copy", FAIL, "vni", in_content(AT, "4096", "1"), more(AT, file(OTHER, BARE))),
    overlay("port of Linux", FAIL, "port", in_content(AT, "4789", "8472")),
    overlay("direct routing", FAIL, "direct-routing", option('"DirectRouting": true')),
    overlay("group policy", FAIL, "gbp", option('"GBP": true')),
    overlay("defaults in the cluster's file", FAIL, "linux-defaults", content(AT, BARE), layout=PODS),
    overlay("no port in the cluster's file", FAIL, "linux-defaults", in_content(AT, ', "Port": 4789', ""), layout=PODS),
    overlay("defaults, layout of no script", WARN, "defaults", content(AT, BARE.replace("244", "42")), layout="rke2"),
    overlay("another backend in a copy", WARN, "copies-differ", more(AT, file(OTHER, BARE))),
    bridged("another backend in a copy, l2bridge", WARN, "copies-differ", more(AT, file(OTHER, BARE))),
    overlay("not there", FAIL, "missing", content(AT, None)),
    overlay("a mark", FAIL, "marked", lambda facts: content(AT, b"\xef\xbb\xbf" + _copy(facts).data)(facts)),
    overlay(
        "UTF-16 without a mark",
        FAIL,
        "not-json",
        lambda facts: content(AT, _copy(facts).data.decode().encode("utf-16-le"))(facts),
    ),
    overlay("no JSON", FAIL, "not-json", content(AT, "#")),
    overlay("no range", FAIL, "bad-network", in_content(AT, "10.244.0.0/16", "x")),
    overlay("a backend with a typo", FAIL, "unknown-backend", in_content(AT, '"vxlan"', '"host_gw"')),
    overlay("unread", UNKNOWN, "not-read", unread(AT)),
    overlay("not given out", UNKNOWN, "not-read", unreadable(AT)),
    overlay("flannel's files unread", UNKNOWN, "not-read", unread("flannel")),
    overlay("no answer on any file", FAIL, "missing", put(AT, ())),
)


def _copy(facts):
    own = facts.flannel.net_conf[0]
    return file(OTHER, own.data)


CASES = {"flannel.vxlan-parameters": VXLAN}
