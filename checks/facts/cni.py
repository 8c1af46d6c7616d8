"""CNI configuration files, as bytes."""

from __future__ import annotations

from dataclasses import dataclass

from checks.facts.base import FileFact, Problem


@dataclass(frozen=True, slots=True)
class CniFolderFact:
    path: str
    present: bool | None
    files: tuple[FileFact, ...]
    """Files ending in .conf, .conflist or .json, in byte order of their names."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CniFacts:
    """`Get-CniFact.ps1`."""

    folders: tuple[CniFolderFact, ...] | Problem
