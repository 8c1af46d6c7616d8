"""Which of the known layouts a node has, from evidence in the dossier's order (domain facts, section 2.2)."""

from __future__ import annotations

import ntpath
from dataclasses import dataclass

from checks.command_line import program, same_path, windows_path
from checks.daemons import all_processes, configured_line, is_nssm, services
from checks.facts import NodeFacts, Problem, ProcessFact, ServiceFact
from checks.finding import Evidence

_AKS = "C:\\k\\kubeclusterconfig.json"
_KUBEADM = ("C:\\k\\StartKubelet.ps1", "C:\\var\\lib\\kubelet\\config.yaml")
_HOST_PROCESS = ("C:\\hpc", "C:\\sourcevip")
_SDN = ("C:\\k\\start.ps1", "C:\\k\\helper.psm1")
_DAEMONS = ("flanneld", "kubelet", "kube-proxy")
Found = tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What of a node tells layouts apart; what was not answered is not there."""

    services: dict[str, ServiceFact]
    processes: tuple[ProcessFact, ...]
    paths: tuple[str, ...]
    pipes: tuple[str, ...]
    networks: tuple[str, ...]

    def has(self, path: str) -> bool:
        return any(same_path(path, one) for one in self.paths)


def _look(facts: NodeFacts) -> _Seen:
    told, running = services(facts), all_processes(facts)
    listed = () if isinstance(told, Problem) else told
    profile = None if isinstance(facts.profile, Problem) else facts.profile
    paths = () if profile is None or isinstance(profile.present_paths, Problem) else profile.present_paths
    pipes = () if profile is None or isinstance(profile.pipes, Problem) else profile.pipes
    networks = () if isinstance(facts.hns, Problem) or isinstance(facts.hns.networks, Problem) else facts.hns.networks
    return _Seen(
        {**{one.name.lower(): one for one in listed}, **{one.typed_for: one for one in listed if one.typed_for}},
        () if isinstance(running, Problem) else running,
        paths,
        pipes,
        tuple(one.name.lower() for one in networks),
    )


def _service(one: ServiceFact) -> Evidence:
    return Evidence("service", f"{one.name}: {configured_line(one)}", "Win32_Service")


def _process(one: ProcessFact) -> Evidence:
    return Evidence("process", one.executable_path or one.name, "Win32_Process")


def _path(path: str) -> Evidence:
    return Evidence("file", path, "file system")


def _rke2(seen: _Seen) -> Found:
    own = seen.services.get("rke2")
    if own is not None:
        return (_service(own),)
    return next(((_process(one),) for one in seen.processes if one.role == "rke2"), ())


def _aks(seen: _Seen) -> Found:
    own = seen.services.get("kubeproxy")
    script = "kubeproxystart.ps1"
    starts = own is not None and (script in configured_line(own).lower() or seen.has(f"C:\\k\\{script}"))
    if own is None or not starts or not seen.has(_AKS) or "azure" not in seen.networks:
        return ()
    return (_path(_AKS), _service(own), Evidence("network", "azure", "Get-HnsNetwork"))


def _kubeadm(seen: _Seen) -> Found:
    """The family of kubeadm: what both of its layouts have."""
    kubelet = seen.services.get("kubelet")
    if kubelet is None or not is_nssm(kubelet) or not all(seen.has(path) for path in _KUBEADM):
        return ()
    return (*(_path(path) for path in _KUBEADM), _service(kubelet))


def _is_host_process(one: ProcessFact) -> bool:
    """A program of a HostProcess pod: its volume is at C:\\hpc, before containerd 1.7 at C:\\C\\<id>."""
    return (
        windows_path(one.executable_path or program(one.command_line or ""))
        .lower()
        .startswith(("c:\\hpc\\", "c:\\c\\"))
    )


def _host_process(seen: _Seen) -> Found:
    family = _kubeadm(seen)
    places = tuple(_path(path) for path in _HOST_PROCESS if seen.has(path))
    pods = tuple(_process(one) for one in seen.processes if _is_host_process(one))
    return (*(places or pods[:1]), *family) if family and (places or pods) else ()


def _wins(seen: _Seen) -> Found:
    family = _kubeadm(seen)
    wrapped = tuple(_process(one) for one in seen.processes if one.name.lower().startswith("rancher-wins-"))
    own = seen.services.get("rancher-wins")
    told = (*wrapped[:1], *((_service(own),) if own is not None else ()))
    if not told and "rancher_wins" in seen.pipes:
        told = (Evidence("pipe", "rancher_wins", "named pipes"),)
    return (*told, *family) if family and told else ()


def _kubecluster(seen: _Seen) -> Found:
    own = [seen.services[name] for name in ("flanneld", "kubelet") if name in seen.services]
    wrapped = len(own) == 2 and all(program(one.path_name).lower().endswith("svc.exe") for one in own)
    return tuple(_service(one) for one in own) if wrapped else ()


def _sdn_nssm(seen: _Seen) -> Found:
    own = [seen.services[name] for name in _DAEMONS if name in seen.services]
    under = all(is_nssm(one) and windows_path(program(one.path_name)).lower().startswith("c:\\k\\") for one in own)
    return tuple(_service(one) for one in own) if len(own) == len(_DAEMONS) and under else ()


def _sdn_bare(seen: _Seen) -> Found:
    if any(name in seen.services for name in _DAEMONS):
        return ()
    return tuple(_path(path) for path in _SDN if seen.has(path))


_LAYOUTS = (
    ("rke2", _rke2),
    ("aks", _aks),
    ("kubeadm-hostprocess", _host_process),
    ("wins", _wins),
    ("sdn-kubecluster", _kubecluster),
    ("sdn-nssm", _sdn_nssm),
    ("sdn-bare", _sdn_bare),
)


def layout(facts: NodeFacts) -> tuple[str, Found]:
    """The name of the first layout that fits, and what tells it; `custom` where none does: its command lines tell."""
    seen = _look(facts)
    for name, find in _LAYOUTS:
        found = find(seen)
        if found:
            return name, found
    lines = tuple(
        Evidence("command-line", one.command_line, "Win32_Process") for one in seen.processes if one.command_line
    )
    return "custom", lines


def base_folder(facts: NodeFacts) -> str:
    """Where KubeCluster.ps1 put everything: the folder of its services' programs; '' on other nodes."""
    name, _ = layout(facts)
    own = _look(facts).services.get("kubelet") if name == "sdn-kubecluster" else None
    return ntpath.dirname(windows_path(program(own.path_name))) if own is not None else ""
