"""Networks, endpoints and load balancers of the Host Network Service."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class HnsRemoteSubnet:
    prefix: str
    provider_address: str


@dataclass(frozen=True, slots=True)
class HnsNetworkFact:
    """A network of the Host Network Service, schema 1 or 2 brought to one shape."""

    id: str
    name: str
    type: str
    """As HNS spells it: compare case-insensitively."""
    management_ip: str | None
    subnets: tuple[str, ...]
    gateways: tuple[str, ...]
    adapter_name: str | None
    health_error: int | None
    remote_subnets: tuple[HnsRemoteSubnet, ...]
    is_typed: bool = False
    """By the node list the pods' network; HNS itself says nothing of that."""
    typed_apart: str = ""
    """The name that the node list has for the pods' network, where that is another one."""


@dataclass(frozen=True, slots=True)
class HnsEndpointFact:
    id: str
    name: str
    network_id: str
    network_name: str
    ip_address: str | None
    is_remote: bool
    state: int | None
    nat_exceptions: tuple[str, ...] | None
    """`OutBoundNAT` exceptions of this endpoint; None where it has no such policy."""
    gateway: str | None = None
    dns_servers: tuple[str, ...] = ()
    """Name servers that this endpoint's container was given."""


@dataclass(frozen=True, slots=True)
class HnsLoadBalancerFact:
    """One port of one load balancer (policy list), schema 1 or 2 brought to one shape."""

    id: str
    vips: tuple[str, ...]
    """Empty for a NodePort: it listens on the node's own address."""
    protocol: int | None
    """6 is TCP, 17 is UDP."""
    port: int | None
    internal_port: int | None
    state: int | None
    """2 is good; schema 2 tells none."""
    is_dsr: bool = False
    is_local_routed: bool = False
    """The node itself may use this VIP."""
    source_vip: str | None = None
    endpoint_count: int = 0


@dataclass(frozen=True, slots=True)
class HnsFacts:
    """`Get-HnsFact.ps1`."""

    networks: tuple[HnsNetworkFact, ...] | Problem
    endpoints: tuple[HnsEndpointFact, ...] | Problem
    """At most 2,048 of `endpoint_count`."""
    endpoint_count: int | Problem
    load_balancers: tuple[HnsLoadBalancerFact, ...] | Problem
    """At most 2,048, those of DNS (port 53) first, then those without a VIP (NodePorts)."""
    load_balancer_count: int | Problem
    """Policy lists, each with one port or several."""
    load_balancer_vips: tuple[str, ...] | Problem
    """Distinct VIPs of HNS policy lists."""
