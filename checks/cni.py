"""CNI configuration as containerd and flannel read it: Go's JSON, the first file by name, policies in two shapes."""

from __future__ import annotations

import json
import ntpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from checks.facts import CniFolderFact, FileFact
from checks.flannel_files import mark

BRIDGES = ("win-bridge", "sdnbridge", "l2bridge", "l2tunnel")
OVERLAYS = ("win-overlay", "sdnoverlay", "overlay")


@dataclass(frozen=True, slots=True)
class CniConf:
    """One configuration. `fault`: '' or marked, not-json, not-an-object."""

    fault: str
    detail: str = ""
    name: str = ""
    type: str = ""
    """Plugin: flannel, or another one."""
    programs: tuple[str, ...] = ()
    """Names of all programs that making a pod's network starts, without `.exe`."""
    delegate: str = ""
    """The plugin that flannel hands over to, lower case."""
    has_nat_policy: bool = False
    exceptions: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    """Destination prefixes of route policies."""
    provider_addresses: tuple[str, ...] = ()
    ignored_v1: bool = False
    """Policies of the old shape under `apiVersion: 2`: they are passed on without settings and do nothing."""
    ignored_v2: bool = False
    """An OutBoundNAT policy of the new shape without `apiVersion: 2`: its list is not looked at."""
    nameservers: tuple[str, ...] = ()
    subnet_file: str = ""
    """Where the flannel plug-in looks for subnet.env; '' for the default."""
    passes_dns: bool = False
    """`capabilities.dns`: the runtime hands the pod's own name servers to the plugin."""

    @property
    def needs_provider(self) -> bool:
        """Whether pods need the node's address from the file: win-overlay asks the network for it, sdnoverlay does not."""
        return self.delegate == "sdnoverlay"

    @property
    def is_flannel(self) -> bool:
        return self.type == "flannel"

    @property
    def is_overlay(self) -> bool:
        return self.delegate in OVERLAYS

    @property
    def is_bridge(self) -> bool:
        return self.delegate in BRIDGES


def first_file(folder: CniFolderFact) -> FileFact | None:
    """The file that counts: first in byte order of names."""
    return min(folder.files, key=lambda file: ntpath.basename(file.path).encode("utf-8"), default=None)


def _get(tree: object, *names: str) -> object:
    """A key in any case, the last of several, as Go's JSON takes it."""
    found: object = None
    if isinstance(tree, dict):
        for key, value in cast("Mapping[object, object]", tree).items():
            if isinstance(key, str) and key.lower() in names:
                found = value
    return found


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in _list(value) if isinstance(item, str))


def _plugin(tree: Mapping[str, object]) -> Mapping[str, object]:
    """The plugin that matters: flannel in a list where it is there, else the first."""
    listed = _list(_get(tree, "plugins"))
    typed = [cast("Mapping[str, object]", item) for item in listed if isinstance(item, dict)]
    if not typed:
        return tree
    return next((plugin for plugin in typed if _get(plugin, "type") == "flannel"), typed[0])


def _policies(delegate: object) -> Iterator[tuple[str, object, object]]:
    """(type, settings, whole value) of each endpoint policy, from all places they may stand in."""
    for name in ("policies", "additionalargs"):
        if isinstance(delegate, dict):
            for key, listed in cast("Mapping[object, object]", delegate).items():
                if isinstance(key, str) and key.lower() == name:
                    for policy in _list(listed):
                        value = _get(policy, "value")
                        yield str(_get(value, "type") or "").lower(), _get(value, "settings"), value


def _programs(root: Mapping[str, object], plugin: Mapping[str, object], delegate: object) -> tuple[str, ...]:
    """The plugins, the one that flannel hands over to, and who gives out addresses: host-local where flannel chooses."""
    named = [_get(item, "type") for item in _list(_get(root, "plugins"))] or [_get(root, "type")]
    if _get(plugin, "type") == "flannel":
        ipam = _get(_get(delegate, "ipam"), "type") or _get(_get(plugin, "ipam"), "type") or "host-local"
        named += [_get(delegate, "type"), ipam]
    else:
        named.append(_get(_get(plugin, "ipam"), "type"))
    return tuple(dict.fromkeys(name for name in named if isinstance(name, str) and name))


@lru_cache(maxsize=256)
def read_cni(data: bytes) -> CniConf:
    """Read one file as Go would: no byte order mark, no comments."""
    if mark(data):
        return CniConf("marked", mark(data))
    try:
        tree: object = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        return CniConf("not-json", str(error)[:200])
    if not isinstance(tree, dict):
        return CniConf("not-an-object")
    root = cast("Mapping[str, object]", tree)
    plugin = _plugin(root)
    delegate = _get(plugin, "delegate") if _get(plugin, "type") == "flannel" else plugin
    second = _get(delegate, "apiversion") == 2 or str(_get(delegate, "type") or "").lower().startswith("sdn")
    exceptions: list[str] = []
    routes: list[str] = []
    providers: list[str] = []
    has_nat = ignored = too_new = False
    for kind, settings, value in _policies(delegate):
        source = settings if second else value
        ignored |= second and settings is None
        if kind == "outboundnat":
            has_nat = True
            too_new |= not second and settings is not None and _get(value, "exceptionlist") is None
            exceptions.extend(_texts(_get(source, "exceptions" if second else "exceptionlist")))
        elif kind in ("route", "sdnroute"):
            routes.append(str(_get(source, "destinationprefix") or ""))
        elif kind == "provideraddress":
            providers.append(str(_get(source, "provideraddress") or ""))
    return CniConf(
        fault="",
        name=str(_get(root, "name") or ""),
        type=str(_get(plugin, "type") or ""),
        programs=_programs(root, plugin, delegate),
        delegate=str(_get(delegate, "type") or "").lower(),
        has_nat_policy=has_nat,
        exceptions=tuple(exceptions),
        routes=tuple(routes),
        provider_addresses=tuple(providers),
        ignored_v1=ignored,
        ignored_v2=too_new,
        nameservers=_texts(_get(_get(delegate, "dns"), "nameservers")),
        subnet_file=str(_get(plugin, "subnetfile") or ""),
        passes_dns=any(_get(_get(one, "capabilities"), "dns") is True for one in (plugin, root)),
    )
