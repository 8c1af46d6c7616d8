"""Paths and names of the node list put in the place of a layout's own: what is asked of a node, and which answers count."""

from __future__ import annotations

import ntpath
from dataclasses import fields, replace

from checks.command_line import role, same_path, windows_path
from checks.daemons import RUNTIMES, configured_line, service_key
from checks.facts import (
    CniFacts,
    CniFolderFact,
    DaemonFacts,
    FileFact,
    FlannelFacts,
    HnsFacts,
    HnsNetworkFact,
    Problem,
    ProcessFact,
    ProfileFacts,
    ServiceFact,
)
from checks.node import Node, Typed
from checks.probe import ExtraPaths, ProbeFacts


def typed_path(node: Node, name: str) -> str:
    """A path that the node list gives, or ''."""
    return next((windows_path(one.value) for one in node.paths if one.name == name), "")


def typed_name(node: Node, name: str) -> Typed | None:
    """A name that the node list gives."""
    return next((one for one in node.names if one.name == name), None)


def typed_service(node: Node, daemon: str) -> Typed | None:
    """The service of a daemon that the node list gives."""
    return typed_name(node, service_key(daemon))


def typed_paths(node: Node) -> ExtraPaths:
    """Paths that the probes have to be asked for."""

    def one(name: str) -> tuple[str, ...]:
        path = typed_path(node, name)
        return (path,) if path else ()

    return ExtraPaths(
        subnet_env=one("subnet_env"),
        net_conf=one("net_conf"),
        source_vip=one("source_vip"),
        cni_folders=one("cni_conf_dir"),
        kubeconfigs=one("kubeconfig"),
        containerd_configs=one("containerd_config"),
        kubectl=one("kubectl"),
        node_kubeconfig=one("kubeconfig"),
        services=tuple(one.value for one in node.names if one.name.endswith("_service")),
    )


def together(one: ExtraPaths, other: ExtraPaths) -> ExtraPaths:
    """Paths of both, each once."""
    names = [field.name for field in fields(ExtraPaths)]
    return ExtraPaths(**{name: tuple(dict.fromkeys((*getattr(one, name), *getattr(other, name)))) for name in names})


def narrowed(answer: ProbeFacts | Problem, node: Node) -> ProbeFacts | Problem:
    """The answer with only the files that the node list names, where it names some."""
    if isinstance(answer, FlannelFacts):
        vip = typed_path(node, "source_vip")
        request = f"{vip.removesuffix('.json')}Request.json" if vip else ""
        return replace(
            answer,
            subnet_env=_only(answer.subnet_env, typed_path(node, "subnet_env")),
            net_conf=_only(answer.net_conf, typed_path(node, "net_conf")),
            source_vip=_only(answer.source_vip, vip),
            source_vip_request=_only(answer.source_vip_request, request),
        )
    if isinstance(answer, CniFacts) and not isinstance(answer.folders, Problem):
        return replace(answer, folders=_folders(answer.folders, node))
    if isinstance(answer, DaemonFacts) and not isinstance(answer.services, Problem):
        apart = _services_apart(answer.services, node)
        services = tuple(_service(one, node, apart) for one in answer.services)
        return replace(answer, services=services, processes=_processes(answer.processes, services))
    if isinstance(answer, HnsFacts) and not isinstance(answer.networks, Problem):
        typed = typed_name(node, "hns_network")
        return replace(answer, networks=tuple(_network(one, typed) for one in answer.networks))
    if isinstance(answer, ProfileFacts):
        return replace(answer, containerd_config=_only(answer.containerd_config, typed_path(node, "containerd_config")))
    return answer


def _network(network: HnsNetworkFact, typed: Typed | None) -> HnsNetworkFact:
    """The network, with what the node list says of it."""
    is_typed = typed is not None and typed.value.casefold() == network.name.casefold()
    apart = typed.value if typed is not None and not is_typed else ""
    if (network.is_typed, network.typed_apart) == (is_typed, apart):
        return network
    return replace(network, is_typed=is_typed, typed_apart=apart)


def _folders(folders: tuple[CniFolderFact, ...], node: Node) -> tuple[CniFolderFact, ...]:
    """The folder and the file that the node list names, where it names them."""
    folder, file = typed_path(node, "cni_conf_dir"), typed_name(node, "cni_conf")
    kept = tuple(one for one in folders if not folder or same_path(one.path, folder))
    if file is None:
        return kept
    wanted = file.value.casefold()
    return tuple(
        replace(one, files=tuple(own for own in one.files if ntpath.basename(own.path).casefold() == wanted))
        for one in kept
    )


def _services_apart(services: tuple[ServiceFact, ...], node: Node) -> tuple[tuple[str, str], ...]:
    """Key and value of each service that the node list names and the node does not have."""
    there = {one.name.casefold() for one in services}
    typed = (one for one in node.names if one.name.endswith("_service"))
    return tuple((one.name, one.value) for one in typed if one.value.casefold() not in there)


def _service(service: ServiceFact, node: Node, apart: tuple[tuple[str, str], ...]) -> ServiceFact:
    """The service, with what the node list says of it; what a node might say of that itself does not count."""
    daemons = [daemon for daemon in ("kubelet", "kube-proxy", "flanneld", "containerd") if _is(service, node, daemon)]
    daemon = daemons[0] if daemons else ""
    if daemon in RUNTIMES:
        started = role(configured_line(service))
        daemon = started if started in RUNTIMES else daemon
    if (service.typed_for, service.typed_apart) == (daemon, apart):
        return service
    return replace(service, typed_for=daemon, typed_apart=apart)


def _processes(
    found: tuple[ProcessFact, ...] | Problem, services: tuple[ServiceFact, ...]
) -> tuple[ProcessFact, ...] | Problem:
    """A typed service's process under another program's name is the daemon's, and one of its own comes before others."""
    if isinstance(found, Problem):
        return found
    typed = {one.process_id: one.typed_for for one in services if one.typed_for and one.process_id}
    for number, daemon in typed.items():
        started = [one for one in found if one.parent_process_id == number and one.parent_name]
        own = [*started, *(one for one in found if one.process_id == number)]
        named = [one for one in own if one.role == daemon]
        if not any(one.role == daemon for one in found):
            named = [replace(one, role=daemon) for one in own if one.role not in _NEVER][:1]
        numbers = {one.process_id for one in named}
        found = (*named, *(one for one in found if one.process_id not in numbers))
    return found


_SHELLS = ("start-script", "powershell", "pwsh", "cmd", "conhost", "nssm", "srvany", "wscript", "cscript")
_NEVER = (*_SHELLS, "kubelet", "kube-proxy", "flanneld", "containerd", "dockerd", "rke2")
"""What only starts a daemon, or is another one."""


def _is(service: ServiceFact, node: Node, daemon: str) -> bool:
    typed = typed_service(node, daemon)
    return typed is not None and typed.value.casefold() == service.name.casefold()


def _only(files: tuple[FileFact, ...] | Problem, path: str) -> tuple[FileFact, ...] | Problem:
    if not path or isinstance(files, Problem):
        return files
    return tuple(one for one in files if same_path(one.path, path))
