"""Where this node keeps what is read of it, and what it calls its services: the very choices that the checks make."""

from __future__ import annotations

import ntpath
from collections.abc import Callable

from checks.cluster import cni_file, subnet_env_file
from checks.command_line import flag, same_path, windows_path
from checks.containerd import config, config_path
from checks.daemons import command_line, daemon_flag, processes, service
from checks.facts import TYPED_NOT_THERE, FileFact, HnsNetworkFact, NodeFacts, Problem, ServiceFact
from checks.given import answer_of
from checks.profile import Profile
from checks.programs import version
from checks.proxy import runtime
from checks.rules.network import pod_network
from checks.rules.network_names import own_net_conf
from checks.rules.source_vip import own_vip_files
from checks.site_rows import Note, Origin, SiteRow, label, nothing

FILE_SYSTEM = "file system"
SERVICES = "Win32_Service"
PROCESSES = "Win32_Process"


def places(facts: NodeFacts, profile: Profile) -> tuple[SiteRow, ...]:
    """Files and folders, in the order of the node list's `paths`."""
    return (
        _cni_folder(facts),
        *(_flannels(name, facts, profile, row) for name, row in _FLANNEL.items()),
        _kubeconfig(facts),
        _kubectl(facts),
        _containerd(facts),
    )


def names(facts: NodeFacts) -> tuple[SiteRow, ...]:
    """Services, the pods' network and the CNI file, in the order of the node list's `names`."""
    pulls = runtime(facts)
    return (
        *(_service(f"{name.replace('-', '_')}_service", facts, name) for name in ("kubelet", "kube-proxy", "flanneld")),
        _unread("runtime_service", pulls) if isinstance(pulls, Problem) else _service("runtime_service", facts, pulls),
        _network(facts),
        _cni_name(facts),
    )


def _unread(name: str, problem: Problem) -> SiteRow:
    code = TYPED_NOT_THERE if problem.code == TYPED_NOT_THERE else "not-read"
    return nothing(name, code, problem.message)


def _found(name: str, value: str, source: str, *notes: Note) -> SiteRow:
    return SiteRow(label(name), value, Origin.FOUND, source, notes)


def _file(name: str, file: FileFact, flag_name: str, told: str | None) -> SiteRow:
    """A file's place: told to a daemon, there already, or where it would be by default."""
    notes = () if file.present else (Note("absent"),) if file.present is False else (Note("not-read", file.problem),)
    if told and same_path(file.path, told):
        return _found(name, file.path, flag_name, *notes)
    if file.present is False:
        return SiteRow(label(name), file.path, Origin.DEFAULT, "", notes)
    return _found(name, file.path, FILE_SYSTEM, *notes)


# The CNI file in force, and its folder


def _named_folders(facts: NodeFacts) -> tuple[tuple[str, str], ...]:
    """Folders that kubelet and containerd were told, with who says so."""
    told = flag(command_line(facts, "kubelet"), "cni-conf-dir")
    own = config(facts, version(facts, "containerd"))
    setting = None if isinstance(own, Problem) else own.cni("conf_dir")
    found = ((windows_path(told), "kubelet --cni-conf-dir"),) if told else ()
    return (*found, (setting.value, setting.source)) if setting is not None else found


def _cni_folder(facts: NodeFacts) -> SiteRow:
    file, named = cni_file(facts), _named_folders(facts)
    if isinstance(file, Problem):
        return _unread("cni_conf_dir", file)
    if file is None:
        if not named:
            return nothing("cni_conf_dir", "nowhere.cni_conf_dir")
        return _found("cni_conf_dir", *named[0], Note("no-cni-file"))
    folder = ntpath.dirname(file.path)
    source = next((source for path, source in named if same_path(path, folder)), FILE_SYSTEM)
    return _found("cni_conf_dir", folder, source)


def _cni_name(facts: NodeFacts) -> SiteRow:
    file = cni_file(facts)
    if isinstance(file, Problem):
        return _unread("cni_conf", file)
    if file is None:
        return nothing("cni_conf", "no-cni-file")
    return _found("cni_conf", ntpath.basename(file.path), ntpath.dirname(file.path))


# flannel's files


def _flannels(name: str, facts: NodeFacts, profile: Profile, row: Callable[[NodeFacts, Profile], SiteRow]) -> SiteRow:
    return nothing(name, "other-cni") if profile.uses_flannel is False else row(facts, profile)


def _subnet_env(facts: NodeFacts, _: Profile) -> SiteRow:
    file = subnet_env_file(facts)
    if isinstance(file, Problem):
        return _unread("subnet_env", file)
    return _file("subnet_env", file, "flanneld --subnet-file", daemon_flag(facts, "flanneld", "subnet-file"))


def _net_conf(facts: NodeFacts, _: Profile) -> SiteRow:
    file = own_net_conf(facts)
    if isinstance(file, Problem):
        return _unread("net_conf", file)
    if file is None:
        return nothing("net_conf", "nowhere.net_conf")
    return _file("net_conf", file, "flanneld --net-config-path", daemon_flag(facts, "flanneld", "net-config-path"))


def _source_vip(facts: NodeFacts, profile: Profile) -> SiteRow:
    files = answer_of(facts.flannel, lambda one: one.source_vip)
    if isinstance(files, Problem):
        return _unread("source_vip", files)
    if profile.is_overlay is False or not profile.keeps_source_vip_file:
        return nothing("source_vip", "no-source-vip")
    own = own_vip_files(facts, files, profile.name)
    return _file("source_vip", own[0], "", None) if own else nothing("source_vip", "nowhere.source_vip")


_FLANNEL = {"subnet_env": _subnet_env, "net_conf": _net_conf, "source_vip": _source_vip}


# What the cluster is asked with, and the runtime's own file


def _kubeconfig(facts: NodeFacts) -> SiteRow:
    path = answer_of(facts.cluster, lambda one: one.kubeconfig)
    if isinstance(path, Problem):
        return _unread("kubeconfig", path)
    told = daemon_flag(facts, "kubelet", "kubeconfig")
    return _found("kubeconfig", path, "kubelet --kubeconfig" if told and same_path(path, told) else FILE_SYSTEM)


def _kubectl(facts: NodeFacts) -> SiteRow:
    path = answer_of(facts.cluster, lambda one: one.kubectl)
    return _unread("kubectl", path) if isinstance(path, Problem) else _found("kubectl", path, FILE_SYSTEM)


def _containerd(facts: NodeFacts) -> SiteRow:
    path, pulls = config_path(facts), runtime(facts)
    if pulls == "dockerd":
        return nothing("containerd_config", "docker")
    if isinstance(path, Problem):
        return _unread("containerd_config", path)
    files = answer_of(facts.profile, lambda one: one.containerd_config)
    if isinstance(files, Problem):
        return _unread("containerd_config", files)
    line = command_line(facts, "containerd")
    told = flag(line, "config") or flag(line, "c")
    file = next((one for one in files if same_path(one.path, path)), FileFact(path, False))
    return _file("containerd_config", file, "containerd --config", told)


# Services and the pods' network


def _service(name: str, facts: NodeFacts, daemon: str) -> SiteRow:
    own, running = service(facts, daemon), processes(facts, daemon)
    for one in (own, running):
        if isinstance(one, Problem):
            return _unread(name, one)
    if isinstance(own, ServiceFact):
        return _found(name, own.name, SERVICES)
    if isinstance(running, tuple) and running:
        return nothing(name, "no-service", running[0].executable_path or running[0].name)
    return nothing(name, "not-there")


def _network(facts: NodeFacts) -> SiteRow:
    network = pod_network(facts)
    if isinstance(network, Problem):
        return _unread("hns_network", network)
    if not isinstance(network, HnsNetworkFact):
        return nothing("hns_network", "nowhere.hns_network")
    return _found("hns_network", network.name, "Get-HnsNetwork")
