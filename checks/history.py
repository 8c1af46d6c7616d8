"""What has been changed so far, told from the receipts: each change with what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checks.fix_list import FIXES
from checks.plan import Outcome, Receipt


@dataclass(frozen=True, slots=True)
class Change:
    """One applied fix, and the undo that took it back, or tried to."""

    receipt: Receipt
    undo: Receipt | None = None

    @property
    def is_undone(self) -> bool:
        return self.undo is not None and self.undo.outcome is Outcome.UNDONE

    @property
    def can_undo(self) -> bool:
        """The fix can be taken back and was not yet; whether the node still allows it is asked there."""
        fix = FIXES.get(self.receipt.plan.fix)
        return fix is not None and fix.can_undo and self.receipt.left_something and not self.is_undone


def changes_of(receipts: Sequence[Receipt]) -> tuple[Change, ...]:
    """Every applied fix, newest first. `receipts` as the store gives them: oldest first."""
    undone = {one.undo_of: one for one in receipts if one.kind == "undo"}
    applied = (one for one in reversed(receipts) if one.kind == "apply")
    return tuple(Change(one, undone.get(one.id)) for one in applied)


def last_to_undo(changes: Iterable[Change], node: str, address: str) -> Change | None:
    """The newest change of this node at this address that left anything; None where it is undone already."""
    for one in changes:
        plan = one.receipt.plan
        if plan.node == node and plan.address == address and one.receipt.left_something:
            return one if one.can_undo else None
    return None
