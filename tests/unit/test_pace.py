"""Whose time is over, by what was heard last."""

from __future__ import annotations

import math

import pytest

from checks.errors import ScriptFailed
from checks.session import Reply, Request, Script
from checks.session.pace import Pace


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def pace(clock, hold_ms=0, budgets=(10, 60)):
    script = Script("Get-X", "text")
    return Pace(
        [Request(f"r{number}", script, budget_s=one) for number, one in enumerate(budgets)], hold_ms, clock=clock
    )


def test_each_has_its_own_time_from_when_the_one_before_was_done():
    clock = Clock()
    run = pace(clock)
    assert run.until == 10
    clock.now = 9
    run.check("n")
    run.hear(Reply("r0", "started", {}))
    assert run.until == 19
    run.hear(Reply("r0", "done", {}))
    assert run.until == 69
    clock.now = 70
    with pytest.raises(ScriptFailed) as told:
        run.check("n")
    assert told.value.code == "overdue"
    assert told.value.fields == {"node": "n", "script": "Get-X", "seconds": "60", "request": "r1"}


def test_a_powershell_may_take_its_time_to_begin():
    clock = Clock()
    run = Pace([Request("r", Script("Get-X", "text"), budget_s=10)], start_s=30, clock=clock)
    assert run.until == 40
    clock.now = 35
    run.hear(Reply("r", "started", {}))
    assert run.until == 45


def test_where_replies_are_held_back_nobody_is_blamed():
    clock = Clock()
    run = pace(clock, hold_ms=800)
    assert run.until == 60
    clock.now = 61
    with pytest.raises(ScriptFailed) as told:
        run.check("n")
    assert told.value.fields["request"] == ""


def test_what_has_no_budget_is_never_overdue():
    run = pace(Clock(), budgets=(0, 60))
    assert run.until == math.inf
    assert pace(Clock(), budgets=()).until == math.inf
