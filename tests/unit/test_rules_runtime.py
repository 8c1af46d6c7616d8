"""The container runtime: one change on a healthy node, the verdict and reason that follow, and the words for them."""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from types import ModuleType

import cases_cni_ready
import cases_containerd_config
import cases_images
import cases_removed_flags
import msgspec
import pytest
import yaml
from node_changes import Case
from node_facts import judge
from reasons import given_reasons

from checks.catalogue_words import ReasonWords

MODULES: dict[str, ModuleType] = {
    "images": cases_images,
    "containerd_config": cases_containerd_config,
    "removed_flags": cases_removed_flags,
    "cni_ready": cases_cni_ready,
}
ALL = [(check, case) for module in MODULES.values() for check, cases in module.CASES.items() for case in cases]


@pytest.mark.parametrize(("check", "case"), ALL, ids=[f"{check}: {case.name}" for check, case in ALL])
def test_a_change_is_judged(check: str, case: Case):
    found = judge(case.facts)[check]
    assert (found.verdict, found.reason) == (case.verdict, case.reason), found
    assert (found.fixes, found.cause) == (case.fixes, case.cause)
    assert found.evidence


@pytest.mark.parametrize("module", MODULES)
def test_every_reason_of_the_rules_is_reached(module: str):
    reached = {case.reason for cases in MODULES[module].CASES.values() for case in cases}
    assert reached == given_reasons(module) | {"not-read"}


def test_no_two_cases_have_one_name():
    names = [(check, case.name) for check, case in ALL]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_finding_has_its_words_and_no_others(resources: Path, language: str):
    text = (resources / "catalogue" / language / "checks-runtime.yaml").read_text(encoding="utf-8")
    words = {one["id"]: msgspec.convert(one["reasons"], dict[str, ReasonWords]) for one in yaml.safe_load(text)}
    reached: dict[str, set[str]] = {}
    for check, case in ALL:
        found = judge(case.facts)[check]
        if found.reason == "not-read":
            continue
        reached.setdefault(check, set()).add(found.reason)
        told = words[check][found.reason]
        for text in (told.summary, told.saw, told.todo):
            named = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert named <= set(dict(found.values)), (check, found.reason, text)
    assert {check: set(reasons) for check, reasons in words.items()} == reached
