"""Plans as files: what was shown is what is applied, and no secret lies in them."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checks.errors import BadFile, Refused
from checks.masking import mask
from checks.plan import Plan, Step
from checks.plan_file import load, save
from checks.plan_steps import hide, reveal

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
SECRET = 'http://me:hunter2@proxy.example.com:3128/"quoted"'
STEPS = json.dumps([{"id": "a", "kind": "registry", "value": SECRET}, {"id": "b", "lines": [f"HTTPS_PROXY={SECRET}"]}])


def plan(changes: str = STEPS) -> Plan:
    values, secret = {"HTTPS_PROXY": SECRET, "NO_PROXY": "a,b"}, ("HTTPS_PROXY",)
    shown = tuple((name, mask(value)) for name, value in values.items())
    steps = (Step("a", "machine-variable", "HTTPS_PROXY", (), (mask(SECRET),)),)
    hidden = hide(changes, values, secret)
    return Plan(
        "plan-1", "set-proxy-variables", "worker-03", "10.2.0.13", NOW, shown, secret, steps, hidden, "hash", "sum"
    )


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    save(plan(), path)
    read = load(path)
    assert replace(read, plan_hash="") == plan()
    assert [one.name for one in tmp_path.iterdir()] == ["plan.json"]


def test_no_secret_lies_in_it_and_it_comes_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    save(plan(), path)
    assert "hunter2" not in path.read_text(encoding="utf-8")
    assert reveal(load(path), {"HTTPS_PROXY": SECRET}) == json.loads(STEPS)


@pytest.mark.parametrize("given", ["", "http://me:hunter2@other.example.com:3128"])
def test_another_secret_is_refused(given: str) -> None:
    with pytest.raises(Refused):
        reveal(plan(), {"HTTPS_PROXY": given})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits: the profile folder is the owner's")
def test_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("an older plan", encoding="utf-8")
    path.chmod(0o644)
    save(plan(), path)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("field", "value"), [("node", "worker-04"), ("state_hash", "other"), ("changes", "[]"), ("fix", "restart-flanneld")]
)
def test_a_plan_that_was_changed_is_refused(tmp_path: Path, field: str, value: str) -> None:
    path = tmp_path / "plan.json"
    save(plan(), path)
    tree = json.loads(path.read_text(encoding="utf-8"))
    tree["plan"][field] = value
    path.write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(BadFile) as told:
        load(path)
    assert told.value.code == "plan-changed"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 9}', b'{"schema": 1, "plan": {}}', b"\xff\xfe\x00"])
def test_what_is_no_plan_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(BadFile) as told:
        load(path)
    assert told.value.code == "plan-unreadable"
    with pytest.raises(BadFile):
        load(tmp_path / "none.json")


def test_a_place_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "folder.json", tmp_path):
        with pytest.raises(BadFile) as told:
            save(plan(), path)
        assert told.value.code == "plan-unwritable"
    assert list(tmp_path.iterdir()) == []
