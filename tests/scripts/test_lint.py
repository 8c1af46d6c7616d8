"""Scripts, and what help gives to type, are right for Windows PowerShell 5.1, as far as the linter of the test nodes knows it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from checks.catalogue import load_catalogue

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
QUOTED = re.compile(r"`([^`]+)`")
COMMAND = re.compile(r"\(?(?:Get|Test|Resolve|Select|Format|Remove|New)-\w+ |& |\[Environment\]")
PLACE = re.compile(r"<[^>]+>")
"""What the reader puts in: a name, an address or a port, for all of which a number will do here."""
PAGE_ALIAS = "? Name -ieq "
"""The old page's own word: an alias of -EQ of Where-Object, which the linter does not know."""


def assert_clean(powershell: Path, disabled: str, *found: Path) -> None:
    """The linter finds nothing."""
    known = powershell.parent / "clusternode" / "commands.txt"
    ended = subprocess.run(
        [powershell, "-Lint", "-DeclareFile", known, "-Disable", disabled, *found],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stdout + ended.stderr


def test_linter_finds_nothing(powershell: Path) -> None:
    found = sorted((RESOURCES / "scripts").rglob("*.ps1"))
    assert found
    assert_clean(powershell, "script-encoding", *found)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_help_gives_to_type_is_there_on_a_node(powershell: Path, tmp_path: Path, language: str) -> None:
    """Commands and parameters, as somebody types them: short words and the code page of files do not matter there."""
    catalogue = load_catalogue(RESOURCES / "catalogue", language)
    quoted = (" ".join(one.split()) for words in catalogue.checks.values() for one in QUOTED.findall(words.help))
    typed = [PLACE.sub("1", one).replace(PAGE_ALIAS, "? Name -EQ ") for one in quoted if COMMAND.match(one)]
    typed = [one for one in dict.fromkeys(typed) if "…" not in one]
    assert len(typed) > 50
    script = tmp_path / "typed.ps1"
    script.write_text("\n".join(["Set-StrictMode -Version 2.0", "$ErrorActionPreference = 'Stop'", *typed]), "utf-8")
    assert_clean(powershell, "script-encoding,read-utf8,alias-used", script)
