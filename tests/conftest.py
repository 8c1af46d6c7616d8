from __future__ import annotations

import os
from pathlib import Path

import pytest

from checks.catalogue import Catalogue, load_catalogue
from checks.scripts import load_scripts

# Before Qt is imported anywhere: no screen is needed, and a person's settings are not touched.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

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
