"""The direct way out."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.base import Problem


@dataclass(frozen=True, slots=True)
class EgressFacts:
    """`Get-EgressFact.ps1`: whether the node itself reaches a registry directly, without any proxy."""

    target: str | Problem
    reached: bool | Problem
