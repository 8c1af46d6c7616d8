"""A change that was made, and the journal of all of them, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from checks.history import Change
    from checks.plan import Receipt
    from gui.wording import Wording


class ChangeWords(QObject):
    """Made wherever changes are shown; speaks the language of `wording`."""

    def __init__(self, wording: Wording, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wording = wording

    def ended(self, receipt: Receipt) -> str:
        """How a change or an undo ended: "Applied: fixed."."""
        words = self.tr("Undo: {outcome}.") if receipt.kind == "undo" else self.tr("Applied: {outcome}.")
        return words.format(outcome=self._wording.catalogue.label(f"outcome.{receipt.outcome.value}"))

    def line(self, change: Change) -> str:
        """As in "worker-03 · 3 min ago · fixed"."""
        last = change.undo if change.is_undone and change.undo is not None else change.receipt
        outcome = self._wording.catalogue.label(f"outcome.{last.outcome.value}")
        return " · ".join((change.receipt.plan.node, self._wording.ago(last.finished), outcome))

    def journal(self, changes: tuple[Change, ...]) -> str:
        """As in "Journal: 3 changes, all undoable"; empty where nothing was changed."""
        if not changes:
            return ""
        open_ = sum(change.can_undo for change in changes)
        if open_ == len(changes):
            can = self.tr("can be undone") if open_ == 1 else self.tr("all can be undone")
        else:
            can = self.tr("{count} can be undone").format(count=open_) if open_ else self.tr("none to undo")
        head = self.tr("Journal: 1 change") if len(changes) == 1 else self.tr("Journal: {count} changes")
        return f"{head.format(count=len(changes))}, {can}"

    def text(self, change: Change) -> str:
        """A whole change as plain text, for mail and chat."""
        receipt, plan = change.receipt, change.receipt.plan
        parts = [f"{self._wording.fix_title(plan.fix)}: {plan.node} ({plan.address})"]
        for one in (receipt, change.undo):
            if one is not None:
                parts.append(f"{self.ended(one)} {self._wording.exact(one.finished)} · {one.person} · {one.computer}")
        for number, step in enumerate(plan.steps, 1):
            parts.append(f"{number}. {self._wording.step_text(plan.fix, step)}")
            parts += [f"   - {line}" for line in step.before] + [f"   + {line}" for line in step.after]
        return "\n".join([*parts, receipt.backup_folder, receipt.id])
