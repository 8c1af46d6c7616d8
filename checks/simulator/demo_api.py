"""What a simulated cluster's API server knows of one node."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApiContainer:
    name: str
    image: str
    ready: bool
    restarts: int
    waiting_reason: str
    waiting_message: str


@dataclass(frozen=True, slots=True)
class ApiPod:
    """A pod that the cluster placed on this node."""

    namespace: str
    name: str
    owner: str
    phase: str
    pod_ip: str
    host_network: bool
    os: str
    node_selector: tuple[str, ...]
    affinity_systems: tuple[str, ...]
    containers: tuple[ApiContainer, ...]


@dataclass(frozen=True, slots=True)
class ApiEvent:
    """A warning about a pod. `host`: the node that it came from."""

    namespace: str
    pod: str
    reason: str
    message: str
    count: int
    host: str
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Api:
    """What the API server says of this node. `pods` and `events` None: the node's own account may not read them."""

    kubernetes: str = "v1.30.4"
    runtime: str = ""
    name: str = ""
    """The Node's name where it is not `Cluster.node`; so are the next three."""
    public_ip: str = ""
    internal_ip: str = ""
    pod_cidr: str | None = None
    """None: the cluster's; '': none was assigned."""
    disk_pressure: bool | None = None
    """None: the Node object has no such condition."""
    pods: tuple[ApiPod, ...] | None = None
    events: tuple[ApiEvent, ...] | None = None
