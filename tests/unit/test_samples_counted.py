"""Every sample is in use: some test names it, or it waits here for the check that will."""

from __future__ import annotations

from pathlib import Path

import pytest
from samples import SAMPLES

TESTS = Path(__file__).resolve().parents[1]
# (the tip or item that it is about, the sample): taken out here once a test asserts its verdict and reason.
WAITING: tuple[tuple[str, str], ...] = ()
"""Samples that no test uses yet, with the tip that they wait for."""


def all_samples() -> set[str]:
    if not SAMPLES.is_dir():
        pytest.skip("no samples: put shared/ beside this clone")
    return {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*") if path.is_file()} - {"README.md"}


def test_every_sample_is_named_by_a_test_or_waits():
    texts = [
        path.read_text(encoding="utf-8") for path in sorted(TESTS.rglob("*.py")) if path.name != Path(__file__).name
    ]
    named = {name for name in all_samples() if any(f'{name.rpartition("/")[2]}"' in one for one in texts)}
    assert named | {name for _, name in WAITING} == all_samples()


def test_nothing_waits_twice_or_is_gone():
    names = [name for _, name in WAITING]
    assert len(names) == len(set(names))
    assert set(names) <= all_samples()
