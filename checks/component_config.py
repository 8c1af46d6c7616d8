"""Settings of kubelet and kube-proxy: their command lines, and the configuration files that these name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import yaml

from checks.cluster import Told
from checks.command_line import flag, flags, same_path, variable, windows_path
from checks.daemons import command_line, line_unread, service
from checks.facts import FileFact, NodeFacts, Problem
from checks.flannel_files import marked_text, present
from checks.proxy import machine, own_lines

KUBELET_CONFIG = "C:\\var\\lib\\kubelet\\config.yaml"
AKS_CONFIG = "C:\\k\\kubeclusterconfig.json"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_tree(data: bytes) -> Mapping[str, object] | None:
    """A configuration file as YAML, which JSON is too; None where it is none. Plain values only are made of it."""
    try:
        tree: object = yaml.load(marked_text(data), Loader=_LOADER)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    return cast("Mapping[str, object]", tree) if isinstance(tree, dict) else None


def _tree_of(file: FileFact, field: str) -> Mapping[str, object] | Problem:
    """What stands in a file that a daemon was told to read; a Problem where the daemon itself could not read that."""
    tree = read_tree(file.data)
    return Problem(f"profile.{field}", f"{file.path}: neither YAML nor JSON") if tree is None else tree


def _value(tree: Mapping[str, object] | None, *path: str) -> str | None:
    """A value as a text, a list's with commas; None where it is absent or null."""
    found: object = tree
    for key in path:
        found = cast("Mapping[object, object]", found).get(key) if isinstance(found, dict) else None
    if isinstance(found, list):
        return ",".join(str(one) for one in cast("list[object]", found))
    return str(found) if isinstance(found, str | int | float) else None


def _files(facts: NodeFacts, field: str) -> tuple[FileFact, ...] | Problem:
    """`kubelet_config` or `kube_proxy_config` of the probe."""
    profile = facts.profile
    if isinstance(profile, Problem):
        return profile
    return profile.kubelet_config if field == "kubelet_config" else profile.kube_proxy_config


def _named_file(files: tuple[FileFact, ...], path: str, field: str) -> FileFact | Problem | None:
    """The file that a command line names; None where it is not there."""
    for file in files:
        if same_path(file.path, path):
            if file.problem or file.present is None:
                return Problem(f"profile.{field}", f"{file.path}: {file.problem}")
            return file if file.present else None
    return Problem(f"profile.{field}", f"{path} was not asked for")


def _kubelet_files(facts: NodeFacts) -> tuple[FileFact, ...] | Problem:
    """kubelet's files in the order of their weight: drop-in files, the last first, then the one of `--config`."""
    files = _files(facts, "kubelet_config")
    if isinstance(files, Problem):
        return files
    line = command_line(facts, "kubelet")
    if line is None:
        return tuple(one for one in present(files) if same_path(one.path, KUBELET_CONFIG))
    found: list[FileFact] = []
    folder = flag(line, "config-dir")
    if folder:
        dropped = [one for one in files if same_path(one.path.rpartition("\\")[0], folder)]
        for one in reversed(dropped):
            if one.problem:
                return Problem("profile.kubelet_config", f"{one.path}: {one.problem}")
            found.append(one)
    named = flag(line, "config")
    own = _named_file(files, named, "kubelet_config") if named else None
    if isinstance(own, Problem):
        return own
    return (*found, own) if own else tuple(found)


def kubelet_setting(facts: NodeFacts, name: str, key: str) -> Told | Problem | None:
    """A setting of kubelet: the flag wins, then its files. None where neither tells it, '' where it is set empty."""
    trouble = line_unread(facts, "kubelet")
    if trouble is not None:
        return trouble
    given = flags(command_line(facts, "kubelet"), name)
    if given:
        return Told(",".join(given), f"kubelet --{name}")
    files = _kubelet_files(facts)
    if isinstance(files, Problem):
        return files
    for file in files:
        tree = _tree_of(file, "kubelet_config")
        if isinstance(tree, Problem):
            return tree
        value = _value(tree, key)
        if value is not None:
            return Told(value, file.path)
    return None


def cluster_dns(facts: NodeFacts) -> Told | Problem | None:
    """The name servers that kubelet gives to pods, with commas between them."""
    told = kubelet_setting(facts, "cluster-dns", "clusterDNS")
    if told is not None or command_line(facts, "kubelet") is not None:
        return told
    files = _files(facts, "kubelet_config")
    for file in () if isinstance(files, Problem) else present(files):
        value = (
            _value(read_tree(file.data), "Kubernetes", "Network", "DnsIp") if same_path(file.path, AKS_CONFIG) else None
        )
        if value:
            return Told(value, file.path)
    return None


def _kube_proxy_file(facts: NodeFacts, named: str) -> FileFact | Problem:
    """The file of `--config`; a Problem where it is not there, for then nobody knows what kube-proxy read."""
    files = _files(facts, "kube_proxy_config")
    if isinstance(files, Problem):
        return files
    file = _named_file(files, named, "kube_proxy_config")
    return file or Problem("profile.kube_proxy_config", f"{windows_path(named)} is not there")


def kube_proxy_setting(facts: NodeFacts, name: str, *path: str) -> Told | Problem | None:
    """A setting of kube-proxy: from the file of `--config`, beside which other flags do not count, else its flag."""
    trouble = line_unread(facts, "kube-proxy")
    if trouble is not None:
        return trouble
    line = command_line(facts, "kube-proxy")
    named = flag(line, "config")
    if not named:
        value = flag(line, name)
        return None if value is None else Told(value, f"kube-proxy --{name}")
    file = _kube_proxy_file(facts, named)
    if isinstance(file, Problem):
        return file
    tree = _tree_of(file, "kube_proxy_config")
    if isinstance(tree, Problem):
        return tree
    value = _value(tree, *path)
    return None if value is None else Told(value, file.path)


def kube_proxy_override(facts: NodeFacts) -> Told | Problem | None:
    """The name that kube-proxy's file gives it; None where it has no file, or the file gives none."""
    named = flag(command_line(facts, "kube-proxy"), "config")
    if not named:
        return None
    told = kube_proxy_setting(facts, "hostname-override", "hostnameOverride")
    if isinstance(told, Told) and told.value.lower().startswith("env:"):
        return Problem("profile.kube_proxy_config", f"{told.source}: hostnameOverride is {told.value}")
    return None if isinstance(told, Told) and not told.value else told


def kube_proxy_network(facts: NodeFacts) -> Told | Problem | None:
    """The name of the HNS network that kube-proxy looks for. None: nobody outside its process can tell."""
    told = kube_proxy_setting(facts, "network-name", "winkernel", "networkName")
    if isinstance(told, Problem) or (told is not None and told.value):
        return told
    for daemon in ("kube-proxy", "rke2"):
        own = service(facts, daemon)
        if isinstance(own, Problem):
            return own
        for lines, source in own_lines(own) if own is not None else ():
            value = variable(lines, "KUBE_NETWORK")
            if value:
                return Told(value, source)
    value = machine(facts, "KUBE_NETWORK")
    if isinstance(value, Problem):
        return value
    return Told(value, "machine variable KUBE_NETWORK") if value else None


def source_vip_setting(facts: NodeFacts) -> Told | Problem | None:
    """The source VIP that kube-proxy was given."""
    return kube_proxy_setting(facts, "source-vip", "winkernel", "sourceVip")
