"""The operating system and the machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """`Get-SystemFact.ps1`."""

    computer_name: str | Problem
    host_name: str | Problem
    """DNS host name as `hostname` prints it."""
    product_name: str | Problem
    build: int | Problem
    """`CurrentBuildNumber`, e.g. 17763."""
    ubr: int | Problem
    is_64_bit_process: bool | Problem
    culture: str | Problem
    boot_time: datetime | Problem
    node_time: datetime | Problem
    manufacturer: str | Problem
    model: str | Problem
