"""A plan as a person reads it before and while it is done: what stops, each step before → after, undo; then the result."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from checks.catalogue import fill
from checks.finding import Verdict
from checks.node import Node
from checks.plan import Fix, Outcome, Plan, Receipt, StepResult, StepState
from gui.fix_flow import FlowState, Stage
from gui.flow_text import FlowText
from gui.icons import Icons
from gui.notice import Notice
from gui.step_card import StepCard
from gui.theme import Theme, mark
from gui.wording import Wording

_KINDS = {
    Outcome.FIXED: "pass",
    Outcome.UNCHANGED: "pass",
    Outcome.UNDONE: "pass",
    Outcome.NOT_FIXED: "warn",
    Outcome.FAILED: "fail",
    Outcome.UNKNOWN: "unknown",
}


class FixPlanPage(QScrollArea):
    confirmed_changed = Signal(bool)
    """Whether what must be typed has been typed."""

    def __init__(
        self, node: Node, fix: Fix, wording: Wording, icons: Icons, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._node = node
        self._fix = fix
        self._wording = wording
        self._icons = icons
        self._theme = theme
        self._shown: tuple[Plan | None, bool] = (None, False)
        self.typing = self._build_typing()
        """What has to be typed before a change that can cut the connection; stands above the buttons, always in sight."""
        self._cards: dict[str, StepCard] = {}
        self._told: object = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        page = QWidget()
        page.setObjectName("page")
        self.setWidget(page)
        self._box = QVBoxLayout(page)
        self._box.setContentsMargins(theme.step(5), theme.step(3.5), theme.step(5), theme.step(3.5))
        self._box.setSpacing(theme.step(3))
        self._result = Notice(icons, theme)
        self._checks = QWidget()
        self._impact = Notice(icons, theme)
        self._notes = Notice(icons, theme)
        self._steps = QVBoxLayout()
        self._steps.setSpacing(theme.step(3))
        self._undo = Notice(icons, theme)
        self._receipt = FlowText()
        mark(self._receipt, muted=True, small=True)
        for widget in (self._result, self._checks, self._impact, self._notes):
            self._box.addWidget(widget)
        self._box.addLayout(self._steps)
        self._box.addWidget(self._undo)
        self._box.addWidget(self._receipt)
        self._box.addStretch(1)
        self._rows = QVBoxLayout(self._checks)
        self._rows.setContentsMargins(theme.step(1), 0, 0, 0)
        self._rows.setSpacing(theme.step(1))

    def _build_typing(self) -> QWidget:
        typing = QFrame()
        typing.setObjectName("dialogFoot")
        box = QVBoxLayout(typing)
        box.setContentsMargins(self._theme.step(5), self._theme.step(3), self._theme.step(5), self._theme.step(3))
        box.setSpacing(self._theme.step(1))
        words = self.tr("This can cut the connection to the node. Type its name to go on: {node}")
        label = QLabel(words.format(node=self._node.name))
        label.setWordWrap(True)
        mark(label, strong=True)
        self._typed = QLineEdit()
        self._typed.setAccessibleName(self.tr("Name of the node"))
        self._typed.setMaximumWidth(self._theme.step(90))
        self._typed.textChanged.connect(self._on_typed)
        label.setBuddy(self._typed)
        box.addWidget(label)
        box.addWidget(self._typed)
        return typing

    @property
    def is_confirmed(self) -> bool:
        """Nothing needs to be typed, or it was."""
        return not self._fix.can_cut_network or self._typed.text().strip().casefold() == self._node.name.casefold()

    @Slot()
    def _on_typed(self) -> None:
        self.confirmed_changed.emit(self.is_confirmed)

    # Showing

    def show_state(self, state: FlowState) -> None:
        """The plan, how far it is, and what came of it."""
        if self._shown != (state.plan, state.is_undo):
            self._shown = (state.plan, state.is_undo)
            self._fill(state.plan, undo=state.is_undo)
        review = state.stage is Stage.REVIEW
        plan = state.plan
        _, impact, undo = self._wording.fix_about(self._fix.id)
        changes = plan is not None and not plan.changes_nothing
        head = self.tr("What stops, and for how long.")
        self._impact.show_html(
            "warn", f"<b>{head}</b> {html.escape(impact, quote=False)}" if review and changes else ""
        )
        self._show_notes(plan, shown=review)
        self._show_undo(undo, changes=changes, review=review)
        for step_id, card in self._cards.items():
            result = state.results.get(step_id, StepResult(step_id, StepState.WAITING))
            word = self._wording.step_state(result.state)
            if state.is_undo and result.state is StepState.DONE:
                word = self.tr("put back")
            card.show_result(result, word, self._wording.told(result.message))
        self._show_result(state)

    def show_typing(self, state: FlowState) -> None:
        """The field for the node's name, while a change that can cut the connection is reviewed; each plan asks anew."""
        plan = state.plan if state.stage is Stage.REVIEW else None
        if plan is None:
            self._typed.clear()
        self.typing.setVisible(plan is not None and not plan.changes_nothing and self._fix.can_cut_network)

    def _fill(self, plan: Plan | None, *, undo: bool) -> None:
        for card in self._cards.values():
            self._steps.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = {}
        for number, step in enumerate(plan.steps if plan else (), 1):
            title = f"{number} · {self._wording.step_title(self._fix.id, step)}"
            if undo:
                title = self.tr("Take back: {step}").format(step=title)
            change = (step.after, step.before) if undo else (step.before, step.after)
            card = StepCard(title, *change, self._icons, self._theme)
            self._steps.addWidget(card)
            self._cards[step.id] = card

    def _show_notes(self, plan: Plan | None, *, shown: bool) -> None:
        notes = plan.notes if plan and shown else ()
        told = (html.escape(self._wording.fix_reason(self._fix.id, note), quote=False) for note in notes)
        self._notes.show_html("warn", "<br>".join(told))

    def _show_undo(self, undo: str, *, changes: bool, review: bool) -> None:
        if not review:
            self._undo.show_html("info", "")
            return
        if not changes:
            head = self.tr("Nothing to change.")
            text = self.tr("{node} is already as this fix would leave it.").format(node=self._node.name)
            self._undo.show_html("pass", f"<b>{head}</b> {html.escape(text, quote=False)}")
            return
        head = self.tr("Can be undone.") if self._fix.can_undo else self.tr("Cannot be undone.")
        last = self.tr("Nothing on the node has been changed so far.")
        self._undo.show_html("info", f"<b>{head}</b> {html.escape(undo, quote=False)} {last}")

    # The result

    def _show_result(self, state: FlowState) -> None:
        receipt = state.receipt if state.stage in (Stage.DONE, Stage.UNDOING) else None
        told = (receipt.id if receipt else "", state.error, state.stage)
        if told == self._told:
            return
        self._told = told
        self._show_outcome(state, receipt)
        self._show_verdicts(receipt if state.stage is Stage.DONE and state.error is None else None)
        self._receipt.setPlainText(self._receipt_line(receipt) if receipt else "")
        self._receipt.setVisible(receipt is not None)
        if state.stage is Stage.DONE:
            self.verticalScrollBar().setValue(0)

    def _show_outcome(self, state: FlowState, receipt: Receipt | None) -> None:
        if state.stage is Stage.APPLYING:
            self._result.show_html("info", self.tr("<b>Working.</b> Each step shows how far it is."))
        elif state.stage is Stage.UNDOING:
            self._result.show_html("info", self.tr("<b>Undoing.</b> What stood there before is put back."))
        elif state.error is not None:
            what, why, todo = (html.escape(part, quote=False) for part in self._wording.error(state.error))
            self._result.show_html("fail", f"<b>{what}</b> {why} {todo}")
        elif receipt is not None:
            head, text = self._outcome(receipt)
            self._result.show_html(_KINDS[receipt.outcome], f"<b>{head}</b> {html.escape(text, quote=False)}")
        else:
            self._result.show_html("info", "")

    def _outcome(self, receipt: Receipt) -> tuple[str, str]:
        """Head and sentences for what came of it."""
        undone = receipt.kind == "undo"
        match receipt.outcome:
            case Outcome.FIXED if any(verdict == Verdict.WARN.value for _, verdict in receipt.verdicts):
                left = " ".join(self._wording.fix_reason(self._fix.id, note) for note in receipt.plan.notes)
                text = self.tr("All steps were done. What the plan warned of is left: {warning}")
                return self.tr("Fixed."), text.format(warning=left)
            case Outcome.FIXED:
                return self.tr("Fixed."), self.tr("All steps were done, and the checks pass now.")
            case Outcome.UNCHANGED:
                return self.tr("Nothing had to be changed."), self.tr("The node is already as this fix would leave it.")
            case Outcome.UNDONE:
                return self.tr("Undone."), self.tr("What stood there before is back.")
            case Outcome.NOT_FIXED:
                return self.tr("Done, but not fixed yet."), self.tr(
                    "All steps were done, and the node was given time to settle, but not every check passes. "
                    "Scan again in a minute; if it stays so, read the findings, or undo."
                )
            case Outcome.FAILED if undone:
                return self.tr("Not everything could be put back."), self.tr(
                    "One step failed; its message stands beside it. The backup on the node still holds what was there."
                )
            case Outcome.FAILED:
                return self.tr("A step failed."), self.tr(
                    "Its message stands beside it. Steps before it were done, steps after it were not. "
                    "Undo puts back what was done."
                )
            case _:
                return self.tr("It is not known what happened."), self.tr(
                    "The change was sent once, and its answer was lost. It is not sent again. "
                    "Scan the node to see how it is, then rehearse anew if that is still needed."
                )

    def _show_verdicts(self, receipt: Receipt | None) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for check, verdict in receipt.verdicts if receipt else ():
            self._rows.addWidget(self._verdict_row(check, Verdict(verdict)))
        self._checks.setVisible(bool(receipt and receipt.verdicts))

    def _verdict_row(self, check: str, verdict: Verdict) -> QWidget:
        row = QWidget()
        box = QHBoxLayout(row)
        box.setContentsMargins(self._theme.step(2), 0, 0, 0)
        box.setSpacing(self._theme.step(2))
        shape = QLabel()
        shape.setPixmap(self._icons.verdict(verdict, self._theme.step(4), self.devicePixelRatioF()))
        text = FlowText()
        text.setPlainText(f"{self._wording.title(check)}: {self._wording.verdict(verdict)}")
        box.addWidget(shape, 0, Qt.AlignmentFlag.AlignTop)
        box.addWidget(text, 1)
        return row

    def _receipt_line(self, receipt: Receipt) -> str:
        parts = [self.tr("Receipt {id}").format(id=receipt.id)]
        if receipt.backup_folder:
            parts.append(self.tr("backup on the node: {folder}").format(folder=receipt.backup_folder))
        if receipt.goes_back is not None:
            at = receipt.goes_back.astimezone().strftime("%H:%M")
            label = self._wording.catalogue.label("goes-back")
            parts.append(fill(label, {"node": receipt.plan.node, "time": at}))
        return " · ".join(parts)
