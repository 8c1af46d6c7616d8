"""Area node: one change on a healthy node, and the verdict, reason, fixes and cause that follow."""

from __future__ import annotations

import cases_node
import cases_proxy
import cases_proxy_answers
import pytest
from node_changes import Case
from node_facts import judge
from reasons import given_reasons

CASES = {**cases_node.CASES, **cases_proxy.CASES, **cases_proxy_answers.CASES}
ALL = [(check, case) for check, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(("check", "case"), ALL, ids=[f"{check}: {case.name}" for check, case in ALL])
def test_a_change_is_judged(check: str, case: Case):
    found = judge(case.facts, case.node)[check]
    assert (found.verdict, found.reason) == (case.verdict, case.reason), found
    assert (found.fixes, found.cause) == (case.fixes, case.cause)


def test_every_reason_of_the_rules_is_reached():
    reached = {(check, case.reason) for check, case in ALL}
    assert {reason for _, reason in reached} == {
        *given_reasons("node"),
        *given_reasons("proxy_variables"),
        *given_reasons("proxy_answers"),
        "not-read",
    }


def test_no_two_cases_have_one_name():
    for check, cases in CASES.items():
        names = [case.name for case in cases]
        assert len(names) == len(set(names)), check
