"""The machine's environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.facts.base import Problem, VariableFact


@dataclass(frozen=True, slots=True)
class EnvironmentFacts:
    """`Get-EnvironmentFact.ps1`: machine variables as the registry holds them (proxies and NODE_NAME, KUBE_NETWORK)."""

    machine: tuple[VariableFact, ...] | Problem
    machine_changed: datetime | Problem
    """Last write of the key `Session Manager\\Environment`."""
