"""What the checks that decide make of a change."""

from __future__ import annotations

import pytest

from checks.finding import Verdict
from checks.fix_list import FIXES
from checks.plan import Outcome
from checks.plan_steps import are_good, judge

FIX = FIXES["set-proxy-variables"]
CHECK = FIX.checks[0]
NOTE = ("password-in-url",)


@pytest.mark.parametrize(
    ("verdict", "reason", "notes", "is_good"),
    [
        (Verdict.PASS, "set", (), True),
        (Verdict.NOT_APPLICABLE, "direct", (), True),
        (Verdict.WARN, "password", NOTE, True),
        (Verdict.WARN, "password", (), False),
        (Verdict.WARN, "may-not-be-read", NOTE, False),
        (Verdict.FAIL, "password", NOTE, False),
        (Verdict.UNKNOWN, "password", NOTE, False),
    ],
)
def test_only_the_warning_that_was_told_may_be_left(verdict, reason, notes, is_good):
    assert are_good(((CHECK, verdict, reason),), FIX, notes) is is_good


@pytest.mark.parametrize(
    ("verdict", "is_good"),
    [
        (Verdict.PASS, True),
        (Verdict.INFO, True),
        (Verdict.WARN, True),
        (Verdict.UNKNOWN, True),
        (Verdict.FAIL, False),
    ],
)
def test_what_only_tells_must_not_fail(verdict, is_good):
    passed = (CHECK, Verdict.PASS, "set")
    assert are_good((passed, ("node.proxy-answers", verdict, "")), FIX, ()) is is_good


def test_no_other_fix_leaves_a_warning():
    assert {name for name, fix in FIXES.items() if fix.leaves} == {"set-proxy-variables"}


def test_a_lost_answer_is_fixed_only_where_the_checks_pass():
    assert judge(Outcome.UNKNOWN, is_good=True) is Outcome.FIXED
    assert judge(Outcome.UNKNOWN, is_good=False) is Outcome.UNKNOWN
    assert judge(Outcome.FIXED, is_good=False) is Outcome.NOT_FIXED
