"""The way to the API server, and the certificates that open it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class ServerReachFact:
    """A server that files of the node name as `server:`, and whether a TCP connection without any proxy came about."""

    target: str
    """host:port."""
    paths: tuple[str, ...]
    """The files that name it: kubeconfigs, RKE2's config.yaml."""
    reached: bool


@dataclass(frozen=True, slots=True)
class CertificateFact:
    """The dates of a client certificate; its key never leaves the node. Read trouble is in `problem`, then both are None."""

    source: str
    not_before: datetime | None
    not_after: datetime | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AccessFacts:
    """`Get-AccessFact.ps1`: how the node gets at its API server."""

    servers: tuple[ServerReachFact, ...] | Problem
    """At most three are asked."""
    certificates: tuple[CertificateFact, ...] | Problem
    """kubelet's own, RKE2's, and those in and behind kubeconfigs."""
