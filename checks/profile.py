"""Profiles: where things live on this node (domain facts, section 2), found from evidence and open to overruling."""

from __future__ import annotations

import ntpath
from dataclasses import dataclass

from checks.cni import first_file, read_cni
from checks.command_line import flag, role, same_path, windows_path
from checks.daemons import all_processes, command_line, processes, service, services
from checks.derived import derived
from checks.facts import CniFolderFact, NodeFacts, Problem, SystemFacts
from checks.finding import Evidence
from checks.flannel_files import all_read, present, read_net_conf
from checks.given import answer_of, first_problem
from checks.images import asked_images
from checks.layout import base_folder, layout
from checks.probe import ExtraPaths
from checks.proxy import proxy_place
from checks.runtime_paths import conf_folder, imported, plugin_folders

TITLES = {
    "rke2": "RKE2",
    "aks": "AKS",
    "kubeadm-hostprocess": "HostProcess",
    "wins": "wins DaemonSets",
    "sdn-kubecluster": "KubeCluster",
    "sdn-nssm": "SDN scripts",
    "sdn-bare": "SDN start.ps1",
    "custom": "",
}
USES = ("daemons.services", "daemons.processes", "profile.present_paths")
"""Facts without which a layout is a guess."""
RELEASES = ((26100, "2025"), (25398, "23H2"), (20348, "2022"), (17763, "2019"), (14393, "2016"))


@dataclass(frozen=True, slots=True)
class Profile:
    """The layout of one node. `is_overlay` None: the network mode is not known."""

    name: str
    evidence: tuple[Evidence, ...]
    is_overlay: bool | None
    uses_flannel: bool | None
    """False: another CNI owns the pods' network, flannel's checks do not apply. None: could not be told."""

    @property
    def regenerates_cni(self) -> bool:
        """Whether the CNI file is written anew at every start, so that edits do not last."""
        return self.name in ("rke2", "kubeadm-hostprocess", "wins")

    @property
    def keeps_source_vip_file(self) -> bool:
        return self.name not in ("rke2", "wins", "aks")


def _present(facts: NodeFacts) -> tuple[str, ...]:
    if isinstance(facts.profile, Problem) or isinstance(facts.profile.present_paths, Problem):
        return ()
    return facts.profile.present_paths


def has_path(facts: NodeFacts, path: str) -> bool:
    return any(same_path(path, one) for one in _present(facts))


def layout_unread(facts: NodeFacts) -> Problem | None:
    """The first fact that tells layouts apart and was not answered: the layout is a guess then."""
    return first_problem(services(facts), all_processes(facts), answer_of(facts.profile, lambda one: one.present_paths))


@derived
def conf_folders(facts: NodeFacts) -> tuple[str, ...]:
    """Where this node's runtime looks for CNI files, as far as command lines and containerd's configuration tell."""
    told = flag(command_line(facts, "kubelet"), "cni-conf-dir")
    found = [windows_path(told)] if told else []
    if not isinstance(facts.profile, Problem) and not isinstance(facts.profile.containerd_config, Problem):
        for file in present(facts.profile.containerd_config):
            for line in file.data.decode("utf-8", "replace").splitlines():
                key, equals, value = line.partition("=")
                if equals and key.strip() == "conf_dir":
                    folder = value.split("#")[0].strip().strip("'\"").replace("\\\\", "\\")
                    found.append(windows_path(folder))
    return tuple(dict.fromkeys(found))


def _mode(facts: NodeFacts) -> tuple[bool | None, str]:
    """Overlay or not: the HNS network that flannel's names tell of, else net-conf.json."""
    names = {"cbr0", "vxlan0"}
    if not isinstance(facts.flannel, Problem) and not isinstance(facts.flannel.net_conf, Problem):
        confs = [read_net_conf(file.data) for file in present(facts.flannel.net_conf)]
        names |= {conf.name.lower() for conf in confs if conf.name}
    else:
        confs = []
    if not isinstance(facts.hns, Problem) and not isinstance(facts.hns.networks, Problem):
        # Where the node list names the pods' network, no other one counts.
        for network in (one for one in facts.hns.networks if not one.typed_apart):
            name = network.name.lower()
            if network.is_typed or name in names or name.startswith("flannel."):
                return network.type.lower() == "overlay", f"{network.name} {network.type}"
    for conf in confs:
        if conf.backend in ("vxlan", "host-gw"):
            return conf.is_overlay, f"Backend.Type {conf.backend}"
    return None, ""


def _uses_flannel(facts: NodeFacts, name: str) -> bool | None:
    if name == "aks":
        return False
    if not isinstance(processes(facts, "flanneld"), Problem) and processes(facts, "flanneld"):
        return True
    if not isinstance(service(facts, "flanneld"), Problem) and service(facts, "flanneld"):
        return True
    kinds: set[str] = set()
    if not isinstance(facts.cni, Problem) and not isinstance(facts.cni.folders, Problem):
        for folder in facts.cni.folders:
            first = first_file(folder)
            if first is not None and first.present:
                kinds.add(read_cni(first.data).type)
    if "flannel" in kinds or _mode(facts)[0] is not None:
        return True
    calico = has_path(facts, "C:\\CalicoWindows") or any("calico" in path.lower() for path in _present(facts))
    other = calico or kinds - {"", "nat"}
    return False if other and flannel_unread(facts) is None else None


def flannel_unread(facts: NodeFacts) -> Problem | None:
    """The first question that would show flannel on this node and was not answered, or not whole."""
    folders = answer_of(facts.cni, lambda one: one.folders)
    return first_problem(
        processes(facts, "flanneld"),
        service(facts, "flanneld"),
        all_read(answer_of(facts.flannel, lambda one: one.net_conf), "flannel.net_conf"),
        answer_of(facts.hns, lambda one: one.networks),
        folders,
        answer_of(facts.profile, lambda one: one.present_paths),
        None if isinstance(folders, Problem) else _unread_folder(folders),
    )


def _unread_folder(folders: tuple[CniFolderFact, ...]) -> Problem | None:
    """A folder that was not listed, or whose first file, the one that would count, was not read."""
    for folder in folders:
        unread = folder if folder.problem else first_file(folder)
        if unread is not None and unread.problem:
            return Problem("cni.folders", f"{unread.path}: {unread.problem}")
    return None


def detect(facts: NodeFacts, override: str = "") -> Profile:
    """The profile of a node with its evidence; an override of the node list names it instead."""
    name, told = layout(facts)
    if override:
        name, told = override, (Evidence("profile", override, "node list"),)
    is_overlay, mode = _mode(facts)
    evidence = [Evidence("profile", name, told[0].source if told else "command lines"), *told]
    if mode:
        evidence.append(Evidence("network-mode", mode, "Get-HnsNetwork, net-conf.json"))
    return Profile(name, tuple(evidence), is_overlay, _uses_flannel(facts, name))


def release_of(system: SystemFacts) -> str:
    """As in "Server 2019 · 17763.6532"; empty where the build is not known."""
    if isinstance(system.build, Problem):
        return ""
    release = next((name for number, name in RELEASES if system.build >= number), "")
    ubr = "" if isinstance(system.ubr, Problem) else f".{system.ubr}"
    return f"Server {release} · {system.build}{ubr}" if release else f"Windows {system.build}{ubr}"


def headline(facts: NodeFacts, profile: Profile) -> tuple[str, ...]:
    """Short facts for the head of a page: release and build, layout and network mode, runtime."""
    told: list[str] = []
    if not isinstance(facts.system, Problem):
        told.append(release_of(facts.system))
    mode = {True: "overlay", False: "l2bridge", None: ""}[profile.is_overlay]
    told.append(", ".join(part for part in (TITLES.get(profile.name, profile.name), mode) if part))
    for name in ("containerd", "dockerd"):
        running = processes(facts, name)
        if not isinstance(running, Problem) and running:
            told.append({"dockerd": "Docker"}.get(name, name))
            break
    return tuple(part for part in told if part)


def extra_paths(facts: NodeFacts) -> ExtraPaths:
    """Paths that command lines name and that no probe reads by itself."""
    named: dict[str, list[str]] = {
        "subnet_env": [],
        "net_conf": [],
        "source_vip": [],
        "logs": [],
        "kubeconfigs": [],
        "containerd_configs": [],
        "kubelet_configs": [],
        "kube_proxy_configs": [],
    }
    flags = (
        ("subnet_env", "flanneld", "subnet-file"),
        ("net_conf", "flanneld", "net-config-path"),
        ("kubeconfigs", "flanneld", "kubeconfig-file"),
        ("kubeconfigs", "kubelet", "kubeconfig"),
        ("kubeconfigs", "kube-proxy", "kubeconfig"),
        ("containerd_configs", "containerd", "config"),
        ("containerd_configs", "containerd", "c"),
        ("kubelet_configs", "kubelet", "config"),
        ("kubelet_configs", "kubelet", "config-dir"),
        ("kube_proxy_configs", "kube-proxy", "config"),
    )
    for place, daemon, key in flags:
        told = flag(command_line(facts, daemon), key)
        if told and told != "true":
            named[place].append(windows_path(told))
    named["containerd_configs"] += imported(facts)
    own = service(facts, "flanneld")
    if own is not None and not isinstance(own, Problem) and own.nssm is not None and own.nssm.app_stderr:
        named["logs"].append(own.nssm.app_stderr)
    base = base_folder(facts)
    if base and not same_path(base, "C:\\k"):
        named["source_vip"].append(f"{base}\\sourceVip.json")
        named["logs"].append(f"{base}\\logs\\flanneld\\flanneldsvc.log")
        named["kubeconfigs"].append(f"{base}\\config")
    kept = {
        place: tuple(p for p in dict.fromkeys(paths) if ntpath.normcase(p) not in _DEFAULT_FILES)
        for place, paths in named.items()
    }
    beside = (f"{base}\\cni\\config",) if base else ()
    looked = dict.fromkeys((*conf_folders(facts), *conf_folder(facts), *beside))
    folders = tuple(folder for folder in looked if ntpath.normcase(folder) not in _DEFAULT_FOLDERS)
    return ExtraPaths(
        cni_folders=folders,
        plugin_folders=plugin_folders(facts),
        images=asked_images(facts),
        proxy=proxy_place(facts),
        **kept,
    )


_DEFAULT_FOLDERS = frozenset(
    (
        "c:\\k\\cni\\config",
        "c:\\etc\\cni\\net.d",
        "c:\\var\\lib\\rancher\\rke2\\agent\\etc\\cni",
        "c:\\program files\\containerd\\cni\\conf",
        "c:\\k\\azurecni\\netconf",
    )
)
# What the probes look at by themselves (resources/scripts/probes); everything else is asked for by name.
_DEFAULT_FILES = frozenset(
    (
        "c:\\run\\flannel\\subnet.env",
        "c:\\etc\\kube-flannel\\net-conf.json",
        "c:\\k\\net-conf.json",
        "c:\\var\\lib\\rancher\\rke2\\agent\\flanneld-net-conf.json",
        "c:\\k\\config",
        "c:\\k\\bootstrap-config",
        "c:\\k\\flannel\\kubeconfig.yml",
        "c:\\etc\\kubernetes\\kubelet.conf",
        "c:\\etc\\kubernetes\\bootstrap-kubelet.conf",
        "c:\\var\\lib\\kube-proxy\\kubeconfig.conf",
        "c:\\hpc\\mounts\\kubeconfig.conf",
        "c:\\hpc\\mounts\\var\\lib\\kube-proxy\\kubeconfig-win.conf",
        "c:\\var\\lib\\rancher\\rke2\\agent\\kubelet.kubeconfig",
        "c:\\var\\lib\\rancher\\rke2\\agent\\kubeproxy.kubeconfig",
        "c:\\var\\lib\\rancher\\rke2\\agent\\flannel.kubeconfig",
        "c:\\program files\\containerd\\config.toml",
        "c:\\program files\\containerd\\conf.d\\*.toml",
        "c:\\var\\lib\\rancher\\rke2\\agent\\etc\\containerd\\config.toml",
        "c:\\var\\lib\\kubelet\\config.yaml",
        "c:\\k\\kubeclusterconfig.json",
        "c:\\var\\lib\\rancher\\rke2\\agent\\etc\\kubelet.conf.d",
        "c:\\var\\lib\\kube-proxy\\config.conf",
        "c:\\hpc\\mounts\\var\\lib\\kube-proxy\\config.conf",
        "c:\\hpc\\mounts\\config.conf",
    )
)


__all__ = ["Profile", "conf_folders", "detect", "extra_paths", "has_path", "headline", "role"]
