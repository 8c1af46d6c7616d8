"""Area flannel: one change on a healthy node, and the verdict, reason, fixes and cause that follow."""

from __future__ import annotations

from dataclasses import replace

import cases_flannel
import cases_source_vip
import pytest
from cases_network import DEAD
from node_changes import Case, more
from node_facts import healthy, judge, process
from reasons import given_reasons

CASES = {**cases_flannel.CASES, **cases_source_vip.CASES}
ALL = [(check, case) for check, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(("check", "case"), ALL, ids=[f"{check}: {case.name}" for check, case in ALL])
def test_a_change_is_judged(check: str, case: Case):
    found = judge(case.facts, case.node)[check]
    assert (found.verdict, found.reason) == (case.verdict, case.reason), found
    assert (found.fixes, found.cause) == (case.fixes, case.cause)


def test_every_reason_of_the_rules_is_reached():
    assert {case.reason for _, case in ALL} == given_reasons("flannel") | given_reasons("subnet_env") | given_reasons(
        "source_vip"
    ) | {
        "not-read",
        "other-cni",
        "no-flannel",
    }


def test_no_two_cases_have_one_name():
    for check, cases in CASES.items():
        names = [case.name for case in cases]
        assert len(names) == len(set(names)), check


@pytest.mark.parametrize(
    ("line", "is_shown"),
    [("C:\\k\\powershell.exe -File C:\\k\\start.ps1", True), ("powershell -File C:\\k\\StartKubelet.ps1", False)],
)
def test_only_a_console_of_start_ps1_waits(line: str, *, is_shown: bool):
    console = replace(process(line), role="start-script")
    facts = healthy("sdn-native")
    for change in (*DEAD, more("daemons.processes", console)):
        facts = change(facts)
    shown = judge(facts)["flannel.flanneld-runs"].evidence
    assert ("start-script" in [one.label for one in shown]) is is_shown
