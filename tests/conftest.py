from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from checks.catalogue import Catalogue, load_catalogue
from checks.fix_list import FIXES
from checks.scripts import load_scripts

# Before Qt is imported anywhere: no screen is needed, and a person's settings are not touched.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# For test nodes: each of their many PowerShells lives too short a time for what .NET does in the background to pay.
for name in ("DOTNET_TC_CallCounting", "DOTNET_gcConcurrent", "DOTNET_EnableDiagnostics"):
    os.environ.setdefault(name, "0")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def resources() -> Path:
    return ROOT / "resources"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of samples and test nodes beside the project; skips where there is none."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder ../shared beside this clone: samples and test nodes are not here")
    return folder


@pytest.fixture(scope="session")
def words(resources: Path) -> Catalogue:
    return load_catalogue(resources / "catalogue")


@pytest.fixture(scope="session")
def scripts(resources: Path):
    return load_scripts(resources / "scripts")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fixes that do not wait for the node to settle: for changes that leave it ill, where only what was written counts."""
    for fix in FIXES.values():
        monkeypatch.setitem(FIXES, fix.id, replace(fix, wait_s=0))
