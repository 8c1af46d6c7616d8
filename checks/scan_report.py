"""What a scan tells: events while it runs, and the report at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.cluster_context import ContextValue
from checks.errors import ToolError
from checks.facts import NodeFacts, Problem
from checks.finding import Finding
from checks.node import Node
from checks.probe import PROBES
from checks.probe_time import ProbeTime

CLOCK = "clock"
"""The one record that no probe answers: measured from the times between which `system` was asked and answered."""

BESIDE = ("hyperv", "node_ports")
"""Records that are not the node's answers: asked elsewhere while its probes run (`checks.beside`)."""


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
    context: tuple[ContextValue, ...] = ()
    """What is known of its cluster; empty where nothing could be read."""
    probes: tuple[ProbeTime, ...] = ()
    """What each probe took, in the order of their answers."""


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


def blank_facts(reason: str) -> NodeFacts:
    """Facts of a node of which nothing is known yet."""
    return NodeFacts(**{field: Problem(field, reason) for field in (*PROBES, CLOCK, *BESIDE)})
