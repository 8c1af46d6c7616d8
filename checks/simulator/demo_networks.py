"""A simulated node's adapters, addresses and routes, and what its Host Network Service holds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Adapter:
    name: str
    index: int
    description: str
    mac: str
    status: str = "Up"
    is_virtual: bool = False
    is_hidden: bool = False
    mtu: int = 1500


@dataclass(slots=True)
class Address:
    interface: str
    address: str
    length: int
    is_management: bool = False
    physical: str = ""


@dataclass(slots=True)
class Route:
    prefix: str
    next_hop: str
    interface: str


@dataclass(frozen=True, slots=True)
class Peer:
    """Another node of the cluster, as the overlay network knows it."""

    pod_cidr: str
    address: str
    mac: str


@dataclass(slots=True)
class HnsNetwork:
    id: str
    name: str
    type: str
    management_ip: str | None
    subnets: tuple[str, ...]
    gateways: tuple[str, ...]
    adapter: str | None
    health_error: int | None = 0
    peers: tuple[Peer, ...] = ()


@dataclass(slots=True)
class HnsEndpoint:
    id: str
    name: str
    network: str
    """Id of its network."""
    network_name: str
    ip_address: str | None
    state: int | None = None
    is_remote: bool = False
    nat_exceptions: tuple[str, ...] | None = None
    gateway: str | None = None
    dns_servers: tuple[str, ...] = ()


@dataclass(slots=True)
class PolicyList:
    """A load balancer of HNS for one port."""

    vips: tuple[str, ...]
    protocol: int = 6
    port: int = 53
    internal_port: int = 53
    state: int | None = 2
    is_dsr: bool = False
    is_local_routed: bool = False
    source_vip: str | None = None
    endpoint_count: int = 0
    answers: bool = True
    """To a connection from outside, where it has no VIP."""
    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())


@dataclass(slots=True)
class Hns:
    threads: int = 12
    """Of its process."""
    started: datetime | None = None
    """When its process started; None: with Windows."""
    failures: int = 0
    """The next so many attempts to make a network fail with 0x803b0010."""
    blip: bool = False
    """Making a network cuts every session, as a real one may."""
    networks: list[HnsNetwork] = field(default_factory=list[HnsNetwork])
    endpoints: list[HnsEndpoint] = field(default_factory=list[HnsEndpoint])
    policy_lists: list[PolicyList] = field(default_factory=list[PolicyList])
