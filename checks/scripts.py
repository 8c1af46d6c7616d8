"""The shipped PowerShell scripts, read once from `resources/scripts`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from checks.session import Script


def load_scripts(folder: Path) -> Mapping[str, Script]:
    """All scripts of `probes/` and `fixes/` and the resident's own files, by name without `.ps1`."""
    return {path.stem: Script(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.ps1"))}
