"""Outbound NAT: what is changed on a healthy node's CNI file and around it, and what must be said of it."""

from __future__ import annotations

import json
from dataclasses import replace

from cases_network import AT_NETWORK, NAT, NOT_HERE
from cases_node import FAIL, PASS, UNKNOWN, WARN
from node_changes import (
    Case,
    Change,
    cni,
    content,
    each,
    in_line,
    more,
    put,
    unread,
)
from node_facts import service
from node_files import file

from checks.facts import CniFolderFact
from checks.finding import Verdict

FOLDER = "C:\\k\\cni\\config"


def in_folder(name: str, text: str) -> Change:
    """One more file in the CNI folder."""
    return each("cni.folders", lambda one: replace(one, files=(file(f"{one.path}\\{name}", text), *one.files)))


def policies(*values: dict[str, object]) -> str:
    listed = [{"Name": "EndpointPolicy", "Value": value} for value in values]
    return json.dumps({"name": "cbr0", "type": "flannel", "delegate": {"type": "win-bridge", "policies": listed}})


def excepting(*ranges: str) -> Change:
    """The exceptions of the healthy file are these."""

    def change(text: str) -> str:
        tree = json.loads(text)
        delegate = (tree["plugins"][0] if "plugins" in tree else tree)["delegate"]
        listed = delegate.get("Policies") or delegate["AdditionalArgs"]
        value = listed[0]["Value"]
        settings = value.get("Settings", value)
        settings["Exceptions" if "Exceptions" in settings else "ExceptionList"] = list(ranges)
        return json.dumps(tree)

    return cni(change)


def nat(name: str, verdict: Verdict, reason: str, *changes: Change, layout: str = "sdn-nssm") -> Case:
    return Case(name, layout, changes, verdict, reason)


def named(name_server: str) -> Change:
    return cni(
        lambda text: text.replace('"delegate": {', f'"delegate": {{"dns": {{"Nameservers": ["{name_server}"]}}, ')
    )


PODS, SERVICES, NODES = "10.244.0.0/16", "10.96.0.0/12", "10.2.0.0/24"
OUTBOUND = (
    *NOT_HERE,
    nat("healthy", PASS, "listed"),
    *(nat(f"healthy {layout}", PASS, "listed", layout=layout) for layout in ("sdn-native", "hostprocess", "rke2")),
    nat("an entry of the user's", PASS, "listed", excepting(PODS, SERVICES, NODES, "192.168.7.0/24")),
    nat("no folder", FAIL, "missing", put("cni.folders", (CniFolderFact(FOLDER, False, ()),))),
    nat("empty folder", FAIL, "missing", each("cni.folders", lambda one: replace(one, files=()))),
    nat(
        "a file in another folder only",
        FAIL,
        "missing",
        each("cni.folders", lambda one: replace(one, path="C:\\etc\\cni\\net.d")),
        more("cni.folders", CniFolderFact(FOLDER, True, ())),
    ),
    nat(
        "folder not given out",
        UNKNOWN,
        "not-read",
        each("cni.folders", lambda one: replace(one, files=(), problem="access denied")),
    ),
    nat(
        "file not given out",
        UNKNOWN,
        "not-read",
        each("cni.folders", lambda one: replace(one, files=(replace(one.files[0], content="", problem="too big"),))),
    ),
    nat("folders unread", UNKNOWN, "not-read", unread("cni.folders")),
    nat("CNI unread", UNKNOWN, "not-read", unread("cni")),
    nat("processes unread", UNKNOWN, "not-read", unread("daemons.processes")),
    nat("containerd's configuration unread", UNKNOWN, "not-read", unread("profile.containerd_config")),
    nat("byte order mark", FAIL, "marked", cni(lambda text: b"\xef\xbb\xbf" + text.encode())),
    nat("UTF-16", FAIL, "marked", cni(lambda text: b"\xff\xfe" + text.encode("utf-16-le"))),
    nat("comments", FAIL, "not-json", cni(lambda text: text.replace("[", "[ # ranges\n", 1))),
    nat("empty file", FAIL, "not-json", cni(lambda text: "")),
    nat("a list", FAIL, "not-an-object", cni(lambda text: "[]")),
    nat(
        "another plug-in first", FAIL, "not-flannel", in_folder("0-containerd-nat.conf", '{"name":"nat","type":"nat"}')
    ),
    nat("another plug-in later", PASS, "listed", in_folder("z.conf", '{"name":"nat","type":"nat"}')),
    nat(
        "wins keeps its nat file on purpose",
        WARN,
        "not-flannel",
        in_folder("0-containerd-nat.conf", '{"name":"nat","type":"nat"}'),
        more("daemons.services", service("rancher-wins", "C:\\wins.exe")),
        layout="hostprocess",
    ),
    nat(
        "old shape",
        FAIL,
        "old-shape",
        cni(lambda text: text.replace('"type": "win-bridge"', '"type": "win-bridge", "apiVersion": 2')),
    ),
    nat("no policy", FAIL, "no-policy", cni(lambda text: policies({"Type": "ROUTE", "DestinationPrefix": SERVICES}))),
    nat("nothing excepted", FAIL, "empty", excepting()),
    nat("no range excepted", FAIL, "empty", excepting("everything")),
    nat("everything excepted", FAIL, "everything", excepting(PODS, SERVICES, NODES, "0.0.0.0/0")),
    nat("pods not excepted", FAIL, "cluster-missing", excepting(SERVICES, NODES)),
    nat("a part of the pods excepted", FAIL, "cluster-missing", excepting("10.244.3.0/24", SERVICES, NODES)),
    nat("services not excepted", FAIL, "service-missing", excepting(PODS, NODES)),
    nat("address of before", FAIL, "stale-address", cni(lambda text: text.replace("10.2.0.13/32", "10.2.0.99/32"))),
    nat(
        "provider of before",
        FAIL,
        "stale-address",
        cni(lambda text: text.replace("10.2.0.13", "10.2.0.99")),
        layout="hostprocess",
    ),
    nat(
        "pods' range unknown",
        UNKNOWN,
        "ranges-unknown",
        content("flannel.subnet_env", None),
        put("flannel.net_conf", ()),
        in_line("kube-proxy", "--cluster-cidr=10.244.0.0/16", ""),
    ),
    nat(
        "services' range unknown",
        UNKNOWN,
        "ranges-unknown",
        cni(lambda text: policies({"Type": "OutBoundNAT", "ExceptionList": [PODS, SERVICES]})),
    ),
    nat("own address unknown", UNKNOWN, "ranges-unknown", put(AT_NETWORK, (NAT,)), put("network.routes", ())),
    nat("nodes not excepted", WARN, "management-missing", excepting(PODS, SERVICES)),
    nat("nodes not excepted on an overlay", PASS, "listed", excepting(PODS, SERVICES), layout="sdn-native"),
    nat("too broad", WARN, "too-broad", excepting("10.0.0.0/8")),
    nat("too broad beside others", WARN, "too-broad", excepting(PODS, SERVICES, NODES, "10.244.0.0/15")),
    nat(
        "name server fits",
        PASS,
        "listed",
        named("10.96.0.10"),
    ),
    nat(
        "another name server",
        WARN,
        "dns-differs",
        named("11.0.0.10"),
    ),
    nat(
        "cluster's name server unknown",
        PASS,
        "listed",
        named("11.0.0.10"),
        in_line("kubelet", " --cluster-dns=10.96.0.10", ""),
    ),
)

CASES = {"network.outbound-nat-exceptions": OUTBOUND}
