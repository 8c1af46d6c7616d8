"""CNI configuration files, as bytes, and the programs they name."""

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
class PluginFolderFact:
    """A folder in which runtimes look for the programs of CNI plugins."""

    path: str
    present: bool | None
    programs: tuple[str, ...]
    """Names ending in .exe, in any case; at most 256."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CniFacts:
    """`Get-CniFact.ps1`."""

    folders: tuple[CniFolderFact, ...] | Problem
    plugins: tuple[PluginFolderFact, ...] | Problem
