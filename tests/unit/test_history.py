"""What the journal says of receipts: newest first, each change with the undo that took it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from checks.history import changes_of, last_to_undo
from checks.plan import Outcome, Plan, Receipt

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)


def receipt(number: int, node="worker-03", kind="apply", outcome=Outcome.FIXED, undo_of="", after="abc") -> Receipt:
    moment = NOW + timedelta(minutes=number)
    plan = Plan(f"plan-{number}", "set-proxy-variables", node, "10.2.0.13", moment, (), (), (), "[]", "s", "h")
    after = after if kind == "apply" else ""
    return Receipt(f"r{number}", kind, plan, outcome, (), (), moment, moment, "me", "here", "C:\\b", after, undo_of)


def test_newest_first_with_what_became_of_each():
    kept = [receipt(1), receipt(2), receipt(3, kind="undo", outcome=Outcome.UNDONE, undo_of="r1")]
    changes = changes_of(kept)
    assert [one.receipt.id for one in changes] == ["r2", "r1"]
    assert [one.is_undone for one in changes] == [False, True]
    assert [one.can_undo for one in changes] == [True, False]


def test_an_undo_that_failed_can_be_tried_again():
    [change] = changes_of([receipt(1), receipt(2, kind="undo", outcome=Outcome.FAILED, undo_of="r1")])
    assert change.undo is not None
    assert not change.is_undone
    assert change.can_undo


def test_what_left_nothing_is_not_undone():
    [change] = changes_of([receipt(1, outcome=Outcome.UNCHANGED, after="")])
    assert not change.can_undo


def test_the_last_change_of_a_node():
    kept = [receipt(1), receipt(2), receipt(3, node="worker-04"), receipt(4, outcome=Outcome.UNCHANGED, after="")]
    last = last_to_undo(changes_of(kept), "worker-03", "10.2.0.13")
    assert last is not None
    assert last.receipt.id == "r2"
    assert last_to_undo(changes_of(kept), "worker-03", "10.2.0.99") is None
    undone = [*kept, receipt(5, kind="undo", outcome=Outcome.UNDONE, undo_of="r2")]
    assert last_to_undo(changes_of(undone), "worker-03", "10.2.0.13") is None, "older changes lie below it"
