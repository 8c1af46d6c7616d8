"""The machine itself and its limits: one change on a healthy node, and the verdict and reason that follow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from string import Formatter
from types import ModuleType

import cases_access
import cases_builds
import cases_clock
import cases_firewall
import cases_hyperv
import cases_interfaces
import cases_limits
import cases_machine
import cases_node_ports
import msgspec
import pytest
import yaml
from node_changes import Case
from node_facts import NODE, judge
from reasons import given_reasons

from checks.catalogue_words import ReasonWords
from checks.errors import BadFile
from checks.node import Typed
from checks.thresholds import load_thresholds
from checks.windows_builds import load_builds

MODULES: dict[str, ModuleType] = {
    "limits": cases_limits,
    "access": cases_access,
    "clock": cases_clock,
    "machine": cases_machine,
    "hyperv": cases_hyperv,
    "firewall": cases_firewall,
    "builds": cases_builds,
    "interfaces": cases_interfaces,
    "node_ports": cases_node_ports,
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
    # Where flannel's checks do not apply, they all say so alike.
    assert reached - {"other-cni"} == given_reasons(module) | {"not-read"}


def _reasons(resources: Path, language: str) -> dict[str, dict[str, ReasonWords]]:
    tree = yaml.safe_load((resources / "catalogue" / language / "checks-machine.yaml").read_text(encoding="utf-8"))
    return {one["id"]: msgspec.convert(one["reasons"], dict[str, ReasonWords]) for one in tree}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_finding_has_its_words_and_no_others(resources: Path, language: str):
    words = _reasons(resources, language)
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
    unreached = {check: set(reasons) - reached[check] - {"no-flannel"} for check, reasons in words.items()}
    assert not any(unreached.values()), unreached


def test_a_hyper_v_host_of_the_node_list_counts_over_what_the_guest_says():
    case = next(one for one in cases_hyperv.SPOOFING if one.name == "Hyper-V, host not named")
    node = replace(NODE, cluster=(Typed("hyperv_host", "hv-09", "group"),))
    found = judge(case.facts, node)["network.mac-spoofing"]
    assert (found.reason, found.value("host")) == ("ask-host", "hv-09")
    assert ("hv-09", "node list, group") in {(one.value, one.source) for one in found.evidence}


def test_a_wrong_threshold_is_named(tmp_path: Path):
    path = tmp_path / "thresholds.yaml"
    path.write_text("x: {value: many, unit: s, source: none}", encoding="utf-8")
    with pytest.raises(BadFile) as told:
        load_thresholds(path)
    assert "thresholds.yaml" in told.value.detail


def test_each_threshold_names_its_source(resources: Path):
    for name, one in load_thresholds(resources / "thresholds.yaml").items():
        assert one.unit, name
        assert len(one.source) > 10, name


def test_a_wrong_build_is_named(tmp_path: Path):
    path = tmp_path / "builds.yaml"
    path.write_text("- {build: many, since: 0, reason: x, source: y}", encoding="utf-8")
    with pytest.raises(BadFile) as told:
        load_builds(path)
    assert "builds.yaml" in told.value.detail


def test_each_faulty_build_names_its_source_and_its_mending(resources: Path):
    for one in load_builds(resources / "builds.yaml"):
        assert len(one.source) > 10, one
        assert bool(one.knowledge_base) == (one.until is not None), one
        assert one.until is None or one.since < one.until, one
