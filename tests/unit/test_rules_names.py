"""Names and addresses: one change on a healthy node, and the verdict, reason, cause and words that follow."""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from types import ModuleType

import cases_addresses
import cases_dns
import cases_network_names
import cases_vxlan
import msgspec
import pytest
import yaml
from node_changes import Case
from node_facts import judge
from reasons import given_reasons

from checks.catalogue_words import ReasonWords

MODULES: dict[str, ModuleType] = {
    "dns": cases_dns,
    "network_names": cases_network_names,
    "vxlan": cases_vxlan,
    "addresses": cases_addresses,
}
FLANNEL = {"other-cni", "no-flannel"}
"""What every check says where flannel's do not apply (`flannel_applies`)."""
ALL = [(check, case) for module in MODULES.values() for check, cases in module.CASES.items() for case in cases]


@pytest.mark.parametrize(("check", "case"), ALL, ids=[f"{check}: {case.name}" for check, case in ALL])
def test_a_change_is_judged(check: str, case: Case):
    found = judge(case.facts, case.node)[check]
    assert (found.verdict, found.reason) == (case.verdict, case.reason), found
    assert (found.fixes, found.cause) == (case.fixes, case.cause)
    assert found.evidence or found.reason in FLANNEL


@pytest.mark.parametrize("module", MODULES)
def test_every_reason_of_the_rules_is_reached(module: str):
    reached = {case.reason for cases in MODULES[module].CASES.values() for case in cases}
    assert reached - FLANNEL == given_reasons(module) | {"not-read"}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_finding_has_its_words_and_no_others(resources: Path, language: str):
    tree = yaml.safe_load((resources / "catalogue" / language / "checks-names.yaml").read_text(encoding="utf-8"))
    words = {one["id"]: msgspec.convert(one["reasons"], dict[str, ReasonWords]) for one in tree}
    reached: dict[str, set[str]] = {}
    for check, case in ALL:
        found = judge(case.facts, case.node)[check]
        if found.reason == "not-read":
            continue
        reached.setdefault(check, set()).add(found.reason)
        told = words[check][found.reason]
        for text in (told.summary, told.saw, told.todo):
            named = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert named <= set(dict(found.values)), (check, found.reason, text)
    assert {check: set(reasons) for check, reasons in words.items()} == reached


def test_no_two_cases_have_one_name():
    for module in MODULES.values():
        for check, cases in module.CASES.items():
            names = [case.name for case in cases]
            assert len(names) == len(set(names)), check
