"""Every script is clean for Windows PowerShell 5.1, as far as the linter of the test nodes knows it."""

from __future__ import annotations

import subprocess
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "resources" / "scripts"


def test_linter_finds_nothing(powershell: Path) -> None:
    found = sorted(SCRIPTS.rglob("*.ps1"))
    ended = subprocess.run(
        [
            powershell,
            "-Lint",
            "-DeclareFile",
            powershell.parent / "clusternode" / "commands.txt",
            "-Disable",
            "script-encoding",
            *found,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stdout + ended.stderr
