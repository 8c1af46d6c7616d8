"""What the checklist says of planted nodes: one scan over the wire each, against what its description in `tips/` expects.

A description: `about`, `spec` (a name among the test machine's own descriptions, or an object as it takes them),
`expect` (check: "verdict reason"), and optionally `quiet: true` (no other check may say FAIL or WARN), `truth` (what
`winnode truth` must say, by key).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.finding import Verdict

pytestmark = pytest.mark.node
FOLDER = Path(__file__).resolve().parent / "tips"
LOUD = (Verdict.FAIL, Verdict.WARN)


def told(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_the_checklist_says_what_is_so(bench, planted, truth, name):
    tip = told(name)
    folder = planted(tip["spec"])
    report = bench(folder).scan()
    assert report.error is None
    found = {one.check: one for one in report.findings}
    said = {check: f"{found[check].verdict.value} {found[check].reason}" for check in tip["expect"]}
    assert said == tip["expect"], [one for one in report.findings if one.check in tip["expect"]]
    for check in tip["expect"]:
        assert found[check].evidence, f"{check} says {said[check]} without evidence"
    if tip.get("quiet"):
        loud = {one.check: one.reason for one in report.findings if one.verdict in LOUD}
        assert not set(loud) - set(tip["expect"]), loud
    for key, value in tip.get("truth", {}).items():
        assert truth(folder)[key] == value
