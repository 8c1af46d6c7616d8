"""What the node list says of the cluster, of paths and names on nodes and of their Hyper-V host, for all, a group or a node.

```yaml
cluster: {service_cidr: 10.96.0.0/12, dns_service: 10.96.0.10}
groups:
  Line A: {hyperv_host: {address: hv-01, user: 'EXAMPLE\\hv-reader'}}
nodes:
  - name: worker-01
    address: 10.2.0.11
    paths: {subnet_env: 'D:\\run\\flannel\\subnet.env'}
```
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, cast
from urllib.parse import urlsplit

import yaml

from checks.masking import quoted
from checks.node import Node, SignIn, Typed
from checks.ranges import parse_address, parse_range

_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
_PIN = re.compile(r"^sha256:[0-9a-fA-F]{64}$")
_PATH = re.compile(r"(?:[A-Za-z]:[\\/]|/)[^<>\"|?*]*")


def _range(value: str) -> str:
    return "" if parse_range(value) else "is no range of addresses such as 10.244.0.0/16"


def _addresses(value: str) -> str:
    given = [parse_address(one) for one in value.split(",")]
    return "" if all(one is not None for one in given) else "is no address such as 10.96.0.10 (several: with commas)"


def _host(value: str) -> str:
    is_right = parse_address(value) is not None or _HOST.fullmatch(value) is not None
    return "" if is_right else "is neither a host name nor an IP address"


def _server(value: str) -> str:
    wrong = "is no server such as 10.2.0.2:6443"
    try:
        parts = urlsplit(value if "://" in value else f"https://{value}")
        port = parts.port
    except ValueError:
        return wrong
    return wrong if not parts.hostname or _host(parts.hostname) or port == 0 else ""


def _proxy(value: str) -> str:
    if "@" in value:
        return "must not hold a user or password: this file is readable"
    wrong = "is no proxy such as http://proxy.example.com:3128"
    scheme, there, rest = value.partition("://")
    if there and scheme.lower() not in ("http", "https"):
        return wrong
    return wrong if _server(rest if there else value) else ""


def _any(value: str) -> str:
    return ""  # empty ones are told before


def _port(value: str) -> str:
    is_right = re.fullmatch(r"[0-9]{1,5}", value) is not None and 1 <= int(value) <= 65535
    return "" if is_right else "is not a port (1 to 65535)"


def _flag(value: str) -> str:
    return "" if value.lower() in ("true", "false", "yes", "no") else "must be true or false"


def _sign_in(value: str) -> str:
    return "" if value in list(SignIn) else "is not known; use ntlm or basic"


def certificate_problem(certificate: str) -> str:
    """'' or the code of what is wrong: `sha256:` with 64 hex digits, or any file path."""
    if certificate.lower().startswith("sha256:") and not _PIN.match(certificate):
        return "not-a-fingerprint"
    return ""


def _certificate(value: str) -> str:
    return "must be sha256: and 64 hex digits, or a CA file" if certificate_problem(value) else ""


def _service(value: str) -> str:
    return "" if re.fullmatch(r"[^/\\<>\"|?*]{1,256}", value) else "is no name of a service"


def _file(value: str) -> str:
    is_right = re.fullmatch(r"[^/\\:<>\"|?*]+\.(?:conf|conflist|json)", value, re.IGNORECASE) is not None
    return "" if is_right else "is no file name such as 10-flannel.conf"


def _path(value: str) -> str:
    return "" if _PATH.fullmatch(value) else "is no full path on a node such as C:\\k\\config"


CLUSTER_KEYS: Mapping[str, Callable[[str], str]] = {
    "cluster_cidr": _range,
    "service_cidr": _range,
    "management_subnet": _range,
    "dns_service": _addresses,
    "api_server": _server,
    "proxy": _proxy,
    "no_proxy": _any,
    "hyperv_host": _host,
}
PATH_KEYS: Mapping[str, Callable[[str], str]] = {
    "cni_conf_dir": _path,
    "subnet_env": _path,
    "net_conf": _path,
    "source_vip": _path,
    "kubeconfig": _path,
    "kubectl": _path,
    "containerd_config": _path,
}
NAME_KEYS: Mapping[str, Callable[[str], str]] = {
    "kubelet_service": _service,
    "kube_proxy_service": _service,
    "flanneld_service": _service,
    "runtime_service": _service,
    "hns_network": _any,
    "cni_conf": _file,
}
HOST_KEYS: Mapping[str, Callable[[str], str]] = {
    "address": _host,
    "port": _port,
    "https": _flag,
    "sign_in": _sign_in,
    "user": _any,
    "certificate": _certificate,
}
BLOCKS = {"cluster": CLUSTER_KEYS, "paths": PATH_KEYS, "names": NAME_KEYS, "hyperv_host": HOST_KEYS}
SHORT = {"hyperv_host": "address"}
"""Blocks that may be one text instead: `hyperv_host: hv-01`."""
SCOPES = ("list", "group", "node")
"""The later one wins."""


class Reader(Protocol):
    """What reads blocks of the node list and notes what is wrong with its line."""

    def wrong(self, at: yaml.Node, path: str, words: str, **fields: str) -> None: ...
    def mapping(self, tree: yaml.Node | None, path: str, keys: Sequence[str]) -> dict[str, yaml.Node]: ...
    def text(self, fields: dict[str, yaml.Node], key: str, path: str) -> str: ...


def read_block(reader: Reader, tree: yaml.Node | None, name: str, path: str, scope: str) -> tuple[Typed, ...]:
    """The values of one block; each wrong one is noted with line and key."""
    keys = BLOCKS[name]
    fields: Mapping[str, yaml.Node] = {}
    if name in SHORT and isinstance(tree, yaml.ScalarNode):
        fields = {SHORT[name]: tree}
    elif tree is not None:
        fields = reader.mapping(tree, path, tuple(keys))
    found: list[Typed] = []
    for key, place in fields.items():
        value = reader.text(dict(fields), key, path)
        if not isinstance(place, yaml.ScalarNode):
            continue
        words = keys[key](value) if value else ""
        if not value:
            reader.wrong(place, f"{path}.{key}", "must not be empty")
        elif words:
            reader.wrong(place, f"{path}.{key}", "{value} " + words, value=quoted(value))
        else:
            found.append(Typed(key, value, scope))
    return tuple(found)


def read_groups(reader: Reader, tree: yaml.Node | None) -> dict[str, dict[str, tuple[Typed, ...]]]:
    """Blocks by group name and block name."""
    if tree is None:
        return {}
    if not isinstance(tree, yaml.MappingNode):
        blocks = ", ".join(f"`{one}`" for one in BLOCKS)
        reader.wrong(tree, "$.groups", "must be a block of `group: ` with {blocks} below", blocks=blocks)
        return {}
    pairs = cast("list[tuple[yaml.Node, yaml.Node]]", tree.value)
    names = [str(cast("object", key.value)) for key, _ in pairs if isinstance(key, yaml.ScalarNode)]
    found: dict[str, dict[str, tuple[Typed, ...]]] = {}
    for name, place in reader.mapping(tree, "$.groups", names).items():
        path = f"$.groups.{name}"
        blocks = reader.mapping(place, path, tuple(BLOCKS))
        found[name] = {
            block: read_block(reader, blocks.get(block), block, f"{path}.{block}", "group") for block in BLOCKS
        }
    return found


def merged(*scopes: Iterable[Typed]) -> tuple[Typed, ...]:
    """Values of all scopes, of those with one name the last; by name."""
    found = {one.name: one for scope in scopes for one in scope}
    return tuple(found[name] for name in sorted(found))


def to_save(nodes: Sequence[Node]) -> tuple[dict[str, object], dict[str, dict[str, dict[str, str]]]]:
    """Top-level blocks, and each node's own by its name, that give these nodes these values when they are read again."""
    top: dict[str, object] = {}
    own: dict[str, dict[str, dict[str, str]]] = {node.name: {} for node in nodes}
    groups: dict[str, dict[str, dict[str, str]]] = {}
    for block in BLOCKS:
        shared: dict[str, str] = {}
        for node in nodes:
            for one in typed_values(node, block):
                place = shared
                if one.scope == "group" and node.group:
                    place = groups.setdefault(node.group, {}).setdefault(block, {})
                if one.scope == "node" or place.setdefault(one.name, one.value) != one.value:
                    own[node.name].setdefault(block, {})[one.name] = one.value
        if shared:
            top[block] = shared
    if groups:
        top["groups"] = groups
    return top, own


def typed_values(node: Node, block: str) -> tuple[Typed, ...]:
    """What the node list gives in one of its blocks."""
    return {"cluster": node.cluster, "paths": node.paths, "names": node.names, "hyperv_host": node.hyperv_host}[block]
