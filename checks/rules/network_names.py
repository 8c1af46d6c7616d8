"""Area network: one name for the pods' network in all places (6.1), and one CNI file that counts (6.5)."""

from __future__ import annotations

import re

from checks.check import Check, Context, said, unread
from checks.cluster import Told, cni_conf, cni_file
from checks.cni import read_cni
from checks.command_line import same_path
from checks.component_config import kube_proxy_network
from checks.daemons import daemon_flag, processes
from checks.facts import TYPED_NOT_THERE, CniFolderFact, FileFact, HnsNetworkFact, NodeFacts, Problem
from checks.finding import Evidence, Finding, Verdict
from checks.flannel_files import all_read, present, read_net_conf
from checks.given import all_of, answer_of
from checks.node import Typed
from checks.overrides import typed_name
from checks.profile import USES
from checks.rules.network import pod_network, where_flannel_applies

DEFAULT_NET_CONF = "C:\\etc\\kube-flannel\\net-conf.json"
_LOG = "kube-proxy's log"
# Words of kube-proxy itself, never of Windows.
_NOT_FOUND = re.compile(
    r"Unable to find HNS Network specified by (\S+?)\.(?:\s|$)|The HNS network (\S+) is not present"
)
_NO_NAME = "KUBE_NETWORK and network-flag not initialized"


def complaint(lines: tuple[str, ...]) -> tuple[str | None, str]:
    """The network that kube-proxy's log last missed and the line that says so; '' where it was given no name at all."""
    for line in reversed(lines):
        found = _NOT_FOUND.search(line)
        if found:
            return found[1] or found[2], line
        if _NO_NAME in line:
            return "", line
    return None, ""


def own_net_conf(facts: NodeFacts) -> FileFact | Problem | None:
    """The net-conf.json that flanneld reads."""
    files = all_read(answer_of(facts.flannel, lambda one: one.net_conf), "flannel.net_conf")
    if isinstance(files, Problem):
        return files
    told = daemon_flag(facts, "flanneld", "net-config-path") or DEFAULT_NET_CONF
    return next((one for one in present(files) if same_path(one.path, told)), next(iter(present(files)), None))


@where_flannel_applies
def names_agree(context: Context) -> Finding:
    """6.1: CNI file, net-conf.json, HNS and kube-proxy mean one network; case does not matter."""
    facts = context.facts
    file, conf, network = own_net_conf(facts), cni_file(facts), pod_network(facts)
    proxy = kube_proxy_network(facts)
    for answer in (file, conf, network, proxy):
        if isinstance(answer, Problem) and answer.code != TYPED_NOT_THERE:
            return unread(answer)
    in_cni = _cni_name(facts)
    in_conf = _net_conf_name(file) if isinstance(file, FileFact) else None
    in_hns = Told(network.name, "Get-HnsNetwork") if isinstance(network, HnsNetworkFact) else None
    told = proxy if isinstance(proxy, Told) else None
    evidence = tuple(Evidence("network", one.value, one.source) for one in (in_cni, in_conf, in_hns, told) if one)
    typed = typed_name(context.node, "hns_network")
    apart = _apart(typed, (in_cni, in_conf, told)) if typed is not None else None
    if typed is not None and apart is not None:
        more = (Evidence("expected-name", typed.value, typed.source), *evidence)
        return said(Verdict.FAIL, "typed-differs", more, name=typed.value, told=apart.value, source=apart.source)
    if in_cni and in_conf and _differ(in_cni, in_conf):
        values = {"cni": in_cni.value, "conf": in_conf.value, "file": in_conf.source, "cni_file": in_cni.source}
        return said(Verdict.FAIL, "files-differ", evidence, **values)
    lead = in_cni or in_conf or in_hns
    if lead is None:
        return said(Verdict.UNKNOWN, "no-name", (Evidence("network", "–", "CNI file, net-conf.json, HNS"),))
    if told is not None and _differ(told, lead):
        more = {"proxy": told.value, "source": told.source, "name": lead.value}
        return said(Verdict.FAIL, "kube-proxy-differs", evidence, **more)
    return _judge_log(facts, lead, told, evidence)


def _differ(one: Told, other: Told) -> bool:
    return one.value.lower() != other.value.lower()


def _apart(typed: Typed, places: tuple[Told | None, ...]) -> Told | None:
    """The first place on the node that means another network than the node list."""
    return next((one for one in places if one is not None and one.value.lower() != typed.value.lower()), None)


def _cni_name(facts: NodeFacts) -> Told | None:
    file, conf = cni_file(facts), cni_conf(facts)
    if conf is None or not conf.is_flannel or not conf.name or not isinstance(file, FileFact):
        return None
    return Told(conf.name, file.path)


def _net_conf_name(file: FileFact) -> Told | None:
    name = read_net_conf(file.data).name
    return Told(name, file.path) if name else None


def _judge_log(facts: NodeFacts, lead: Told, told: Told | None, evidence: tuple[Evidence, ...]) -> Finding:
    """Nobody can read the variables of a bare process or of a pod's: there its log tells what it looks for."""
    if told is not None:
        return said(Verdict.PASS, "agree", evidence, name=lead.value)
    lines = answer_of(facts.flannel, lambda one: one.kube_proxy_log)
    if isinstance(lines, Problem):
        return unread(lines)
    missed, line = complaint(lines)
    if missed is None or missed.lower() == lead.value.lower():
        return said(Verdict.PASS, "agree-without-proxy", evidence, name=lead.value)
    more = (*evidence, Evidence("log", line[:300], _LOG))
    if not missed:
        return said(Verdict.FAIL, "kube-proxy-nameless", more, name=lead.value)
    return said(Verdict.FAIL, "kube-proxy-looks-for", more, missed=missed, name=lead.value)


@where_flannel_applies
def cni_file_is_flannels(context: Context) -> Finding:
    """6.5: the first file by name is the one that counts, and it must be flannel's."""
    facts = context.facts
    file = cni_file(facts)
    if isinstance(file, Problem):
        return unread(file)
    if file is None:
        return said(Verdict.UNKNOWN, "no-file", (Evidence("cni-file", "–", "CNI folders"),))
    conf = read_cni(file.data)
    evidence = (Evidence("cni-file", file.path, "first file of the CNI folder"),)
    if conf.fault:
        return said(Verdict.UNKNOWN, "unparsable", evidence, file=file.path)
    if conf.is_flannel:
        return _judge_nat(facts, file, evidence)
    # The wins DaemonSets lay their nat file on purpose, until flannel's pod has written its own.
    verdict = Verdict.WARN if context.profile.name == "wins" else Verdict.FAIL
    values = {"file": file.path, "plugin": conf.type or conf.name or "?"}
    behind = _flannels(facts, file)
    if behind is None:
        return said(verdict, "other-file", evidence, **values)
    more = (*evidence, Evidence("cni-file", behind.path, "flannel's file in the same folder"))
    return said(verdict, "shadowed", more, flannel=behind.path, **values)


def _flannels(facts: NodeFacts, first: FileFact) -> FileFact | None:
    """flannel's file in the folder of another one that comes first."""
    folders: tuple[CniFolderFact, ...] = ()
    if not isinstance(facts.cni, Problem) and not isinstance(facts.cni.folders, Problem):
        folders = facts.cni.folders
    files = [one for folder in folders if first in folder.files for one in folder.files if not one.problem]
    return next((one for one in files if one.present and read_cni(one.data).is_flannel), None)


def _judge_nat(facts: NodeFacts, file: FileFact, evidence: tuple[Evidence, ...]) -> Finding:
    """Pods that were made while another file came first keep their addresses of the network nat."""
    hns = answer_of(facts.hns, lambda one: all_of(one.networks, one.endpoints, processes(facts, "dockerd")))
    if isinstance(hns, Problem):
        return unread(hns)
    networks, endpoints, docker = hns
    nat = {one.id for one in networks if one.type.lower() == "nat"}
    found = [] if docker else [one for one in endpoints if not one.is_remote and one.network_id in nat]
    if not found:
        return said(Verdict.PASS, "flannels", evidence, file=file.path)
    shown = tuple(Evidence("endpoint", f"{one.ip_address or '–'} · {one.name}", "Get-HnsEndpoint") for one in found[:5])
    return said(Verdict.WARN, "pods-on-nat", (*evidence, *shown), count=str(len(found)), file=file.path)


_FILES = ("cni.folders", "profile.containerd_config")
CHECKS = (
    Check(
        "network.names-agree",
        (*USES, *_FILES, "flannel.net_conf", "hns.networks"),
        names_agree,
        waits_for=("environment",),
    ),
    Check(
        "network.cni-file-is-flannels",
        (*USES, *_FILES, "hns.networks", "hns.endpoints"),
        cni_file_is_flannels,
        waits_for=("flannel",),
    ),
)
