"""Fixes, declared: their parameters, and the steps they come to on a node with these facts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from checks.cluster import api_host, cluster_cidr, management_range, node_name, service_cidr
from checks.errors import Refused
from checks.facts import NodeFacts, Problem
from checks.no_proxy import entries
from checks.node import Node
from checks.plan import Fix, Parameter, ParameterKind
from checks.profile import Profile, detect
from checks.proxy import has_password, machine, runtime_service, setting
from checks.session import Json

Change = Mapping[str, Json]
"""One step as `Invoke-Change.ps1` takes it; `title` and `target` are for the plan."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What steps are made from."""

    node: Node
    facts: NodeFacts
    profile: Profile
    values: Mapping[str, str]
    scripts: Mapping[str, str]
    """Text of shipped scripts that are laid on the node, by name."""


Steps = Callable[[Inputs], tuple[Change, ...]]


def refuse(fix: str, node: Node, reason: str) -> Refused:
    """Nothing was changed; `reason` is a code of the fix's sentences."""
    return Refused("fix-refused", fix=fix, node=node.name, reason=reason)


def _nothing(_: str) -> str:
    return ""


def check_proxy(value: str) -> str:
    """'' or what is wrong: an address is http:// or https://, a host and nothing after the port."""
    if not value:
        return ""
    if any(letter.isspace() or ord(letter) < 32 or letter in '"<>\\^`{|}' for letter in value):
        return "bad-characters"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return "not-an-address"
    if parts.scheme not in ("http", "https"):
        return "no-scheme"
    if not parts.hostname or port == 0 or parts.query or parts.fragment:
        return "not-an-address"
    return ""


def warn_proxy(value: str) -> str:
    return "password-in-url" if has_password(value) else ""


def check_exceptions(value: str) -> str:
    if any((letter.isspace() and letter != " ") or ord(letter) < 32 or letter in "\"'<>;" for letter in value):
        return "bad-characters"
    return "" if entries(value) else "empty"


def warn_exceptions(value: str) -> str:
    return "everything-excepted" if "*" in entries(value) else ""


def _current(facts: NodeFacts, name: str) -> str:
    """What is set now, unless its password was masked: that can't be proposed again."""
    own = runtime_service(facts)
    told = None if isinstance(own, Problem) else setting(facts, own, name)
    value = told.value if told is not None and not isinstance(told, Problem) else ""
    if not value:
        of_machine = machine(facts, name)
        value = of_machine if isinstance(of_machine, str) else ""
    return "" if "***" in value else value


def _default_https(facts: NodeFacts) -> str:
    return _current(facts, "HTTPS_PROXY") or _current(facts, "HTTP_PROXY")


def _default_http(facts: NodeFacts) -> str:
    return _current(facts, "HTTP_PROXY") or _current(facts, "HTTPS_PROXY")


def propose_exceptions(facts: NodeFacts) -> str:
    """NO_PROXY from what is set and what the node tells of its cluster (domain facts, 7.2)."""
    told = (api_host(facts), management_range(facts), cluster_cidr(facts), service_cidr(facts, detect(facts)))
    wanted = ["localhost", "127.0.0.1", *(one.value for one in told if one is not None)]
    wanted += [".svc", ".svc.cluster.local", ".cluster.local"]
    return ",".join(dict.fromkeys((*entries(_current(facts, "NO_PROXY")), *wanted)))


FIXES: Mapping[str, Fix] = {
    fix.id: fix
    for fix in (
        Fix(
            id="set-proxy-variables",
            script="Invoke-Change",
            checks=("node.proxy-variables",),
            parameters=(
                Parameter("HTTPS_PROXY", ParameterKind.URL, True, _default_https, check_proxy, warn_proxy),
                Parameter("HTTP_PROXY", ParameterKind.URL, False, _default_http, check_proxy, warn_proxy),
                Parameter("NO_PROXY", ParameterKind.LIST, True, propose_exceptions, check_exceptions, warn_exceptions),
            ),
            restarts_s=30,
            can_cut_network=False,
            can_undo=True,
            wait_s=30,
            leaves=(("password-in-url", "password"),),
        ),
        Fix(
            id="remove-stale-subnet-files",
            script="Invoke-Change",
            checks=("flannel.source-vip",),
            parameters=(),
            restarts_s=20,
            can_cut_network=False,
            can_undo=True,
            wait_s=60,
        ),
        Fix(
            id="restart-flanneld",
            script="Invoke-Change",
            checks=("flannel.flanneld-runs", "flannel.subnet-env", "network.hns-network-exists"),
            parameters=(
                Parameter("IFACE", ParameterKind.TEXT, True, lambda facts: _flag(facts, "iface"), _nothing, _nothing),
                Parameter(
                    "KUBECONFIG", ParameterKind.TEXT, True, lambda facts: _flag(facts, "kubeconfig"), _nothing, _nothing
                ),
                Parameter(
                    "NODE_NAME", ParameterKind.TEXT, True, lambda facts: _flag(facts, "node"), _nothing, _nothing
                ),
            ),
            restarts_s=45,
            can_cut_network=True,
            can_undo=True,
            wait_s=90,
            first=("node.api-server-reachable",),
        ),
    )
}


def _flag(facts: NodeFacts, what: str) -> str:
    from checks.fixes.flanneld import default_interface, default_kubeconfig

    if what == "iface":
        return default_interface(facts)
    if what == "kubeconfig":
        return default_kubeconfig(facts)
    told = node_name(facts)
    return told.value if told else ""


def steps_of(fix_id: str) -> Steps:
    """The function that makes a fix's steps."""
    from checks.fixes import files, flanneld, proxy

    made: Mapping[str, Steps] = {
        "set-proxy-variables": proxy.steps,
        "remove-stale-subnet-files": files.steps,
        "restart-flanneld": flanneld.steps,
    }
    return made[fix_id]


def canonical(changes: tuple[Change, ...]) -> str:
    """Steps as one JSON text, the same for the same steps."""
    return json.dumps(changes, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
