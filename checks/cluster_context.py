"""The cluster as a node shows it, each value with its source: typed in the node list, else found on the node."""

from __future__ import annotations

from dataclasses import dataclass

from checks.check import Context
from checks.cluster import Told, api_server, cluster_cidr, management_range, service_cidr
from checks.component_config import cluster_dns
from checks.facts import NodeFacts, Problem
from checks.given import answer_of
from checks.host_settings import typed_host
from checks.hyperv_host import GUEST_KEY, same_host
from checks.node import Node
from checks.profile import Profile
from checks.proxy import runtime_service, setting
from checks.site_settings import CLUSTER_KEYS


@dataclass(frozen=True, slots=True)
class ContextValue:
    """One value of the cluster. Empty value: neither typed nor found."""

    name: str
    value: str
    source: str
    found: str = ""
    """What the node itself shows, where the node list says otherwise."""


def typed(node: Node, name: str) -> Told | None:
    """What the node list says."""
    if name == "hyperv_host":
        host = typed_host(node)
        return Told(host.value, host.source) if host is not None else None
    return next((Told(one.value, one.source) for one in node.cluster if one.name == name), None)


def found(facts: NodeFacts, profile: Profile, name: str) -> Told | None:
    """What the node shows."""
    if name == "cluster_cidr":
        return cluster_cidr(facts)
    if name == "service_cidr":
        return service_cidr(facts, profile)
    if name == "management_subnet":
        return management_range(facts)
    if name == "api_server":
        return api_server(facts)
    if name == "dns_service":
        told = cluster_dns(facts)
        return None if isinstance(told, Problem) else told
    if name == "hyperv_host":
        return _host(facts)
    return _variable(facts, name)


def _host(facts: NodeFacts) -> Told | None:
    """What a guest of Hyper-V was told of its host."""
    guest = answer_of(facts.machine, lambda one: one.guest)
    if isinstance(guest, Problem) or not guest.hyper_v_host:
        return None
    return Told(guest.hyper_v_host, GUEST_KEY)


def _variable(facts: NodeFacts, name: str) -> Told | None:
    names = {"proxy": ("HTTPS_PROXY", "HTTP_PROXY"), "no_proxy": ("NO_PROXY",)}.get(name, ())
    own = runtime_service(facts)
    if isinstance(own, Problem):
        return None
    for one in names:
        told = setting(facts, own, one)
        if told is not None and not isinstance(told, Problem):
            return Told(told.value, told.source)
    return None


def cluster_context(facts: NodeFacts, profile: Profile, node: Node) -> tuple[ContextValue, ...]:
    """Every value of the cluster, known or not, in a fixed order."""
    values: list[ContextValue] = []
    for name in CLUSTER_KEYS:
        own, seen = typed(node, name), found(facts, profile, name)
        told = own or seen
        other = seen.value if own is not None and seen is not None and not _agree(name, own, seen) else ""
        values.append(ContextValue(name, told.value if told else "", told.source if told else "", other))
    return tuple(values)


def _agree(name: str, own: Told, seen: Told) -> bool:
    return same_host(own.value, seen.value) if name == "hyperv_host" else own.value == seen.value


def pod_range(context: Context) -> Told | None:
    return typed(context.node, "cluster_cidr") or cluster_cidr(context.facts)


def service_range(context: Context) -> Told | None:
    return typed(context.node, "service_cidr") or service_cidr(context.facts, context.profile)


def node_range(context: Context) -> Told | None:
    return typed(context.node, "management_subnet") or management_range(context.facts)
