"""Adapters, addresses and routes."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class AdapterFact:
    name: str
    description: str
    index: int
    status: str
    """up, down, disabled, not-present, other."""
    mac: str
    is_virtual: bool
    mtu: int | None = None
    """Of the card, in bytes."""


@dataclass(frozen=True, slots=True)
class AddressFact:
    address: str
    prefix_length: int
    interface: str
    interface_index: int
    family: str
    """ipv4, ipv6."""


@dataclass(frozen=True, slots=True)
class RouteFact:
    prefix: str
    next_hop: str
    interface_index: int


@dataclass(frozen=True, slots=True)
class NameServersFact:
    """Name servers that an adapter was given; adapters without any are left out."""

    interface: str
    interface_index: int
    family: str
    """ipv4, ipv6."""
    servers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InterfaceMtuFact:
    """The MTU of IPv4 on an adapter, in bytes: what programs are told, and what a virtual switch may have changed."""

    interface: str
    interface_index: int
    mtu: int


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """`Get-NetworkFact.ps1`: adapters, addresses, name servers, MTUs; routes that matter (default, and to pod subnets)."""

    adapters: tuple[AdapterFact, ...] | Problem
    addresses: tuple[AddressFact, ...] | Problem
    routes: tuple[RouteFact, ...] | Problem
    name_servers: tuple[NameServersFact, ...] | Problem
    mtus: tuple[InterfaceMtuFact, ...] | Problem
