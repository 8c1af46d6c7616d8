"""The cluster as a node shows it, each value with its source: typed in the node list, else found on the node."""

from __future__ import annotations

from dataclasses import dataclass

from checks.check import Context
from checks.cluster import Told, api_server, cluster_cidr, management_range, service_cidr
from checks.component_config import cluster_dns
from checks.facts import NodeFacts, Problem
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
    return _variable(facts, name)


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
        other = seen.value if own is not None and seen is not None and seen.value != own.value else ""
        values.append(ContextValue(name, told.value if told else "", told.source if told else "", other))
    return tuple(values)


def pod_range(context: Context) -> Told | None:
    return typed(context.node, "cluster_cidr") or cluster_cidr(context.facts)


def service_range(context: Context) -> Told | None:
    return typed(context.node, "service_cidr") or service_cidr(context.facts, context.profile)


def node_range(context: Context) -> Told | None:
    return typed(context.node, "management_subnet") or management_range(context.facts)
