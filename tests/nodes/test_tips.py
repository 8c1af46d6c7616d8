"""What the checklist says of planted nodes: one scan over the wire each, against what its description in `tips/` expects.

A description: `about`, `spec` (a name among the test machine's own descriptions, or an object as it takes them),
`expect` (check: "verdict reason"), and optionally `follows` (check: the failed check that it is only a consequence of),
`evidence` (check: label: its value), `profile` (the layout that must be found), `quiet: true` (no other check may say FAIL or WARN), `truth` (what `winnode truth` must say, by key), `declare` (PowerShell
that declares what the test machine itself does not show; it is run before each PowerShell on the node). Or, in place of
all these, `twin` (another description) with the `os` that is laid over its node: then all findings must be its twin's. `base`
(another description): its `spec`, with the lines of `then` after its own.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.finding import Finding, Verdict

pytestmark = pytest.mark.node
FOLDER = Path(__file__).resolve().parent / "tips"
SECRETS = ("SECRET-CANARY-0b1e", base64.b64encode(b"SECRET-CANARY-0b1e").decode())
"""In every kubeconfig of a planted node; as the body of a key where a description writes one."""
LOUD = (Verdict.FAIL, Verdict.WARN)


def told(name: str) -> dict[str, Any]:
    tip = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    if "base" in tip:
        spec = told(tip["base"])["spec"]
        return {**tip, "spec": {**spec, "then": [*spec.get("then", ()), *tip["then"]]}}
    if "twin" not in tip:
        return tip
    twin = told(tip["twin"])
    spec = twin["spec"]
    return {**twin, **tip, "spec": {**spec, "os": {**spec.get("os", {}), **tip["os"]}}}


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_the_checklist_says_what_is_so(bench, planted, node_store, truth, monkeypatch, tmp_path, name):
    tip = told(name)
    folder = planted(tip["spec"])
    if "declare" in tip:
        declared = tmp_path / "declared.ps1"
        declared.write_text(tip["declare"], encoding="utf-8")
        monkeypatch.setenv("NODE_SCRIPT", str(declared))
    report = bench(folder).scan()
    assert report.error is None
    assert not any(secret in repr(report.facts) for secret in SECRETS)
    assert report.profile == tip.get("profile", report.profile)
    found = {one.check: one for one in report.findings}
    said = {check: f"{found[check].verdict.value} {found[check].reason}" for check in tip["expect"]}
    assert said == tip["expect"], [one for one in report.findings if one.check in tip["expect"]]
    for check in tip["expect"]:
        assert found[check].evidence, f"{check} says {said[check]} without evidence"
    for check, values in tip.get("evidence", {}).items():
        quoted = {one.label: one.value for one in found[check].evidence}
        assert {label: quoted.get(label) for label in values} == values
    for check, cause in tip.get("follows", {}).items():
        assert found[check].cause == cause, found[check]
    if tip.get("quiet"):
        loud = {one.check: one.reason for one in report.findings if one.verdict in LOUD and not one.cause}
        assert not set(loud) - set(tip["expect"]), loud
    really = truth(folder) if "truth" in tip else {}
    assert {key: really[key] for key in tip.get("truth", {})} == tip.get("truth", {})
    said_here = [judged(one) for one in report.findings]
    node_store.note(name, said_here)
    if "twin" in tip:
        twin = node_store.noted(tip["twin"])
        if twin is None:  # its own test has not run yet
            twin = [judged(one) for one in bench(planted(told(tip["twin"])["spec"])).scan().findings]
        assert said_here == twin


def judged(one: Finding) -> list[str]:
    return [one.check, one.verdict.value, one.reason, one.cause]
