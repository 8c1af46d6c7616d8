"""Outbound NAT: what is changed on a healthy node's CNI file and around it, and what must be said of it."""

from __future__ import annotations

import json
from dataclasses import replace

from cases_network import AS_WINS, AT_NETWORK, NAT, NOT_HERE
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

from checks.facts import CniFolderFact, HnsEndpointFact
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


def nat(name: str, verdict: Verdict, reason: str, *changes: Change, layout: str = "sdn-nssm", cause: str = "") -> Case:
    return Case(name, layout, changes, verdict, reason, (), cause)


def named(name_server: str) -> Change:
    return cni(
        lambda text: text.replace('"delegate": {', f'"delegate": {{"dns": {{"Nameservers": ["{name_server}"]}}, ')
    )


def without_policy(kind: str) -> Change:
    def change(text: str) -> str:
        tree = json.loads(text)
        for key in ("Policies", "AdditionalArgs"):
            listed = tree["delegate"].get(key, [])
            tree["delegate"][key] = [one for one in listed if one["Value"]["Type"] != kind]
        return json.dumps(tree)

    return cni(change)


def pod(*exceptions: str) -> HnsEndpointFact:
    return HnsEndpointFact("E", "pod", "26e0c124", "cbr0", "10.244.3.9", False, 3, exceptions)


ENDPOINTS = "hns.endpoints"
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
        "another plug-in first",
        FAIL,
        "not-flannel",
        in_folder("0-containerd-nat.conf", '{"name":"nat","type":"nat"}'),
        cause="network.cni-file-is-flannels",
    ),
    nat("another plug-in later", PASS, "listed", in_folder("z.conf", '{"name":"nat","type":"nat"}')),
    nat(
        "wins keeps its nat file on purpose",
        WARN,
        "not-flannel",
        in_folder("0-containerd-nat.conf", '{"name":"nat","type":"nat"}'),
        *AS_WINS,
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
    nat(
        "new shape without its version",
        FAIL,
        "new-shape",
        cni(lambda text: policies({"Type": "OutBoundNAT", "Settings": {"Exceptions": [PODS, SERVICES, NODES]}})),
    ),
    nat(
        "old list in the new shape",
        FAIL,
        "empty",
        cni(lambda text: text.replace('"Exceptions"', '"ExceptionList"')),
        layout="hostprocess",
    ),
    nat("pods in two halves", PASS, "listed", excepting("10.244.0.0/17", "10.244.128.0/17", SERVICES, NODES)),
    nat(
        "name server not excepted",
        FAIL,
        "service-missing",
        in_line("kubelet", "10.96.0.10", "10.43.0.10"),
    ),
    nat(
        "name server on the node itself",
        PASS,
        "listed",
        in_line("kubelet", "10.96.0.10", "169.254.20.10"),
    ),
    nat("no provider address", FAIL, "no-provider", without_policy("ProviderAddress"), layout="hostprocess"),
    nat("win-overlay knows the provider address", PASS, "listed", without_policy("ProviderAddress"), layout="rke2"),
    nat("no route to services", WARN, "route-missing", without_policy("SDNRoute"), layout="rke2"),
    nat(
        "no route to the node on l2bridge",
        WARN,
        "route-missing",
        cni(lambda text: text.replace("10.2.0.13/32", SERVICES)),
    ),
    nat("pods with the same list", PASS, "listed", put(ENDPOINTS, (pod(PODS, SERVICES, NODES),))),
    nat("pods of before", WARN, "old-pods", put(ENDPOINTS, (pod(PODS, SERVICES), pod(PODS), pod()))),
    nat("pods that leave nothing alone", WARN, "old-pods", put(ENDPOINTS, (pod(PODS, SERVICES, "0.0.0.0/0"),))),
    nat(
        "other endpoints",
        PASS,
        "listed",
        put(
            ENDPOINTS,
            (replace(pod(), is_remote=True), replace(pod(), network_id="N"), replace(pod(), nat_exceptions=None)),
        ),
    ),
    nat("endpoints unread", UNKNOWN, "not-read", unread(ENDPOINTS)),
    nat("endpoints, no network", PASS, "listed", put(AT_NETWORK, (NAT,))),
    nat("nothing excepted", FAIL, "empty", excepting()),
    nat("no range excepted", FAIL, "empty", excepting("everything")),
    nat("everything excepted", FAIL, "everything", excepting(PODS, SERVICES, NODES, "0.0.0.0/0")),
    nat("pods not excepted", FAIL, "cluster-missing", excepting(SERVICES, NODES)),
    nat("a part of the pods excepted", FAIL, "cluster-missing", excepting("10.244.3.0/24", SERVICES, NODES)),
    nat("services not excepted", FAIL, "service-missing", excepting(PODS, NODES)),
    nat(
        "address of before",
        FAIL,
        "stale-address",
        cni(lambda text: text.replace("10.2.0.13/32", "10.2.0.99/32")),
        cause="network.node-address-agrees",
    ),
    nat(
        "provider of before",
        FAIL,
        "stale-address",
        cni(lambda text: text.replace("10.2.0.13", "10.2.0.99")),
        layout="hostprocess",
        cause="network.node-address-agrees",
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
