"""flannel's files from their bytes: a byte order mark, which Windows tools write and Go refuses, is a fault."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from checks.facts import FileFact, Problem
from checks.ranges import Range, contains, parse_range

KEYS = ("FLANNEL_NETWORK", "FLANNEL_SUBNET", "FLANNEL_MTU", "FLANNEL_IPMASQ")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def mark(data: bytes) -> str:
    """The encoding that a byte order mark names, or ''."""
    return next((name for start, name in _MARKS if data.startswith(start)), "")


def marked_text(data: bytes, errors: str = "strict") -> str:
    """Text as its byte order mark says, else UTF-8, as readers of YAML take it. Raises `ValueError` where it is not that."""
    for start, name in _MARKS:
        if data.startswith(start):
            return data[len(start) :].decode(name, errors)
    return data.decode("utf-8", errors)


def text(data: bytes) -> str:
    """Text of a file in whatever encoding a Windows tool left it; never raises."""
    if len(data) >= 2 and data[1] == 0 and data[0] != 0:
        return data.decode("utf-16-le", "replace")
    return marked_text(data, "replace")


@dataclass(frozen=True, slots=True)
class SubnetEnv:
    """`subnet.env`: what is in it, and the codes of what is wrong with it."""

    values: Mapping[str, str]
    faults: tuple[str, ...]
    """marked, missing-keys, bad-network, bad-subnet, outside, bad-mtu."""

    def _range(self, what: str) -> Range | None:
        """Of IPv4, or of IPv6 where the file has no other."""
        told = self.values.get(f"FLANNEL_{what}") or self.values.get(f"FLANNEL_IPV6_{what}", "")
        return parse_range(told) if told == told.strip() else None

    @property
    def network(self) -> Range | None:
        return self._range("NETWORK")

    @property
    def subnet(self) -> Range | None:
        return self._range("SUBNET")

    @property
    def mtu(self) -> int | None:
        told = self.values.get("FLANNEL_MTU", "")
        return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(key for key in KEYS if not self.values.get(key))


@lru_cache(maxsize=256)
def read_subnet_env(data: bytes) -> SubnetEnv:
    """The four keys as flannel's plug-in takes them: names to the letter, values without blanks, any other line passed over.

    Dual-stack files carry IPv6 keys too.
    """
    values = {
        key: value.removesuffix("\r")
        for line in text(data).split("\n")
        for key, equals, value in [line.partition("=")]
        if equals and key.startswith("FLANNEL_")
    }
    found = SubnetEnv(values, ())
    faults: list[str] = []
    if mark(data) or (len(data) >= 2 and data[1] == 0):
        faults.append("marked")
    six = all(values.get(key) for key in ("FLANNEL_IPV6_NETWORK", "FLANNEL_IPV6_SUBNET"))
    missing = [key for key in found.missing if not (six and key in ("FLANNEL_NETWORK", "FLANNEL_SUBNET"))]
    if missing:
        faults.append("missing-keys")
    if values.get("FLANNEL_NETWORK") and found.network is None:
        faults.append("bad-network")
    if values.get("FLANNEL_SUBNET") and found.subnet is None:
        faults.append("bad-subnet")
    if values.get("FLANNEL_MTU") and found.mtu is None:
        faults.append("bad-mtu")
    if found.network and found.subnet and not contains(found.network, found.subnet):
        faults.append("outside")
    return SubnetEnv(values, tuple(faults))


def _tree(data: bytes) -> Mapping[str, object] | None:
    """The object in a JSON file. UTF-16 without a mark is none: neither Go nor Windows PowerShell takes it for text."""
    if b"\0" in data[:2]:
        return None
    try:
        tree: object = json.loads(text(data))
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, object]", tree) if isinstance(tree, dict) else None


def _get(tree: object, name: str) -> object:
    """A key in any case, the last of several, as Go's JSON takes it."""
    found: object = None
    if isinstance(tree, dict):
        for key, value in cast("Mapping[object, object]", tree).items():
            if isinstance(key, str) and key.lower() == name.lower():
                found = value
    return found


@dataclass(frozen=True, slots=True)
class NetConf:
    """`net-conf.json`: the cluster's range and how nodes reach each other."""

    network: Range | None
    backend: str
    """host-gw, vxlan or what stands there, lower case."""
    name: str
    vni: int | None
    port: int | None
    faults: tuple[str, ...]
    """marked, not-json, bad-network, unknown-backend."""
    direct_routing: bool = False
    gbp: bool = False

    @property
    def is_overlay(self) -> bool:
        return self.backend == "vxlan"


@lru_cache(maxsize=256)
def read_net_conf(data: bytes) -> NetConf:
    tree = _tree(data)
    faults = ["marked"] if mark(data) else []
    if tree is None:
        return NetConf(None, "", "", None, None, (*faults, "not-json"))
    backend = _get(tree, "Backend")
    kind = str(_get(backend, "Type") or "").lower()
    network = parse_range(str(_get(tree, "Network") or ""))
    if network is None:
        faults.append("bad-network")
    if kind not in ("host-gw", "vxlan"):
        faults.append("unknown-backend")
    vni, port = _get(backend, "VNI"), _get(backend, "Port")
    name = str(_get(backend, "Name") or "")
    if not name and kind == "vxlan":
        name = f"flannel.{vni if isinstance(vni, int) else 4096}"
    if not name and kind == "host-gw":
        name = "cbr0"
    return NetConf(
        network,
        kind,
        name,
        vni if isinstance(vni, int) else None,
        port if isinstance(port, int) else None,
        tuple(faults),
        _get(backend, "DirectRouting") is True,
        _get(backend, "GBP") is True,
    )


def read_source_vip(data: bytes) -> str:
    """The address that host-local gave out, without its length; '' where the file holds none (an error object)."""
    tree = _tree(data)
    told = _get(_get(tree, "ip4"), "ip")
    if not isinstance(told, str):
        ips = _get(tree, "ips")
        first = cast("list[object]", ips)[0] if isinstance(ips, list) and ips else None
        told = _get(first, "address")
    return told.partition("/")[0] if isinstance(told, str) else ""


def read_source_vip_subnet(data: bytes) -> Range | None:
    """The pod subnet that a source VIP was asked for."""
    found = re.search(r'"subnet"\s*:\s*"([^"]+)"', text(data))
    return parse_range(found.group(1)) if found else None


def present(files: tuple[FileFact, ...]) -> tuple[FileFact, ...]:
    return tuple(file for file in files if file.present and not file.problem)


def unreadable(files: tuple[FileFact, ...]) -> tuple[FileFact, ...]:
    """Files whose being there, or content, could not be read."""
    return tuple(file for file in files if file.problem or file.present is None)


def all_read(files: tuple[FileFact, ...] | Problem, fact: str) -> tuple[FileFact, ...] | Problem:
    """These files, the answer to the question `fact`; a problem of it where one of them could not be read."""
    if isinstance(files, Problem):
        return files
    return next((Problem(fact, f"{one.path}: {one.problem}") for one in unreadable(files)), files)
