"""README says what is so: its table of checks is the one that the code gives."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from checks.fix_list import FIXES
from checks.rules import CHECKS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TIPS = (
    *("N1", "N2", "W1", "W2a", "W2b", *(f"W{n}" for n in range(3, 10)), "F1", "F2", "F3", "X1"),
    *(f"6.{n}" for n in (1, 3, 4, 5, 6, 7, 9, 12, 13, 14, 15, 16, 17, 19, 21, 22, 31, 33, 35)),
)
"""The page's own, and those beyond the page that are promised."""


@pytest.fixture(scope="module")
def check_table():
    spec = importlib.util.spec_from_file_location("check_table", ROOT / "installer" / "check_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_is_up_to_date(check_table):
    assert check_table.with_table(README) == README, "run: python installer/run.py exec installer/check_table.py"


def test_every_check_and_every_fix_stands_in_the_table():
    for check in CHECKS:
        assert f"| `{check.id}` |" in README
    for fix in FIXES:
        assert f"`{fix}`" in README


def test_both_commands_stand_there():
    commands = re.findall(r"^    (python installer/run\.py \w+)$", README, re.MULTILINE)
    assert commands[:2] == ["python installer/run.py demo", "python installer/run.py test"]


def test_every_tip_stands_in_the_table():
    listed = set(re.findall(r"^\| ([A-Z0-9.a-z]+) \| ", README, re.MULTILINE))
    assert listed.issuperset(TIPS)
