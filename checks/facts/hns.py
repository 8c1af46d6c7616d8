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


@dataclass(frozen=True, slots=True)
class HnsFacts:
    """`Get-HnsFact.ps1`."""

    networks: tuple[HnsNetworkFact, ...] | Problem
    endpoints: tuple[HnsEndpointFact, ...] | Problem
    """At most 2,048 of `endpoint_count`."""
    endpoint_count: int | Problem
    load_balancer_vips: tuple[str, ...] | Problem
    """Distinct VIPs of HNS policy lists."""
