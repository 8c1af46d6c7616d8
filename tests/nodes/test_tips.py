"""What the checklist says of planted nodes: one scan over the wire each, against what its description in `tips/` expects.

A description: `about`, `spec` (a name among the test machine's own descriptions, or an object as it takes them),
`expect` (check: "verdict reason"), and optionally `quiet: true` (no other check may say FAIL or WARN), `truth` (what
`winnode truth` must say, by key), `declare` (PowerShell that declares what the test machine itself does not show; it is
run before each PowerShell on the node).
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.finding import Verdict

pytestmark = pytest.mark.node
FOLDER = Path(__file__).resolve().parent / "tips"
SECRETS = ("SECRET-CANARY-0b1e", base64.b64encode(b"SECRET-CANARY-0b1e").decode())
"""In every kubeconfig of a planted node; as the body of a key where a description writes one."""
LOUD = (Verdict.FAIL, Verdict.WARN)


def told(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_the_checklist_says_what_is_so(bench, planted, truth, monkeypatch, tmp_path, name):
    tip = told(name)
    folder = planted(tip["spec"])
    if "declare" in tip:
        declared = tmp_path / "declared.ps1"
        declared.write_text(tip["declare"], encoding="utf-8")
        monkeypatch.setenv("NODE_SCRIPT", str(declared))
    report = bench(folder).scan()
    assert report.error is None
    assert not any(secret in repr(report.facts) for secret in SECRETS)
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
