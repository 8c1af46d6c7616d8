"""One scan of one node: probes, then checks; yields events as they arrive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.errors import ToolError
from checks.facts import NodeFacts
from checks.finding import Finding
from checks.node import Node


@dataclass(frozen=True, slots=True)
class NodeReport:
    """Everything one scan found."""

    node: Node
    profile: str
    """Name of the detected profile, e.g. `sdn-nssm`; empty where nothing could be read."""
    headline: tuple[str, ...]
    """Short facts for the head of the page: product, build, network mode, runtime."""
    facts: NodeFacts
    findings: tuple[Finding, ...]
    started: datetime
    duration_s: float
    requests: int
    """Requests on the wire that this scan cost."""
    shells: int
    """PowerShells that this scan started on the node: 1 cold, 0 warm."""
    error: ToolError | None = None
    """Why not everything was read; findings are UNKNOWN then where facts are missing."""


@dataclass(frozen=True, slots=True)
class ProbeStarted:
    probe: str


@dataclass(frozen=True, slots=True)
class ProbeAnswered:
    probe: str
    seconds: float


@dataclass(frozen=True, slots=True)
class FindingReady:
    finding: Finding


@dataclass(frozen=True, slots=True)
class ScanDone:
    report: NodeReport


ScanEvent = ProbeStarted | ProbeAnswered | FindingReady | ScanDone
