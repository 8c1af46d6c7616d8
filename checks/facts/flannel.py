"""flannel's files, as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.facts.base import FileFact, Problem


@dataclass(frozen=True, slots=True)
class ReservationFact:
    """One address that host-local has handed out: a file named by the address."""

    network: str
    address: str
    path: str
    content: str
    """First 256 characters of its text."""
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class FlannelFacts:
    """`Get-FlannelFact.ps1`: flannel's files wherever a profile keeps them."""

    subnet_env: tuple[FileFact, ...] | Problem
    net_conf: tuple[FileFact, ...] | Problem
    source_vip: tuple[FileFact, ...] | Problem
    source_vip_request: tuple[FileFact, ...] | Problem
    reservations: tuple[ReservationFact, ...] | Problem
    """At most 1,024; host-local's files under `\\var\\lib\\cni\\networks\\<network>`."""
    flanneld_log: tuple[str, ...] | Problem
    """The last 40 lines of flanneld's log file where a profile keeps one; empty where none is kept."""
    kube_proxy_log: tuple[str, ...] | Problem
    """The last 40 lines of kube-proxy's newest log file; empty where none is kept."""
