"""Which NodePorts of a node answer this computer: no script's answer, but connections tried from here."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class PortReachFact:
    port: int
    reached: bool
    trouble: str
    """Why not: refused, no-answer, no-route; empty where it was reached."""


@dataclass(frozen=True, slots=True)
class NodePortFacts:
    """TCP alone: nothing is sent, and what listens on UDP would not tell."""

    address: str | Problem
    """Where they were tried."""
    tried: tuple[PortReachFact, ...] | Problem
    """At most 16, the lowest ones."""
