"""One change of the journal: how it ended, who did it, its steps, what the checks said, and its receipt."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from checks.finding import Verdict
from checks.history import Change
from checks.plan import Receipt, StepResult, StepState
from gui.change_words import ChangeWords
from gui.flow_text import FlowText
from gui.history_model import OUTCOME_ICONS
from gui.icons import Icons
from gui.notice import Notice
from gui.step_card import StepCard
from gui.theme import Theme, mark
from gui.wording import Wording


class ChangePage(QScrollArea):
    def __init__(self, wording: Wording, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wording = wording
        self._told = ChangeWords(wording, self)
        self._icons = icons
        self._theme = theme
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def show_change(self, change: Change) -> None:
        theme = self._theme
        page = QWidget()
        page.setObjectName("page")
        box = QVBoxLayout(page)
        box.setContentsMargins(theme.step(5), theme.step(4), theme.step(5), theme.step(4))
        box.setSpacing(theme.step(3))
        for receipt in (change.undo, change.receipt):
            if receipt is not None:
                box.addWidget(self._notice(receipt))
        box.addWidget(self._words("\n".join(self._facts(change.receipt))))
        for number, step in enumerate(change.receipt.plan.steps, 1):
            results = {one.id: one for one in change.receipt.results}
            title = f"{number} · {self._wording.step_title(change.receipt.plan.fix, step)}"
            card = StepCard(title, step.before, step.after, self._icons, theme)
            result = results.get(step.id, StepResult(step.id, StepState.WAITING))
            card.show_result(result, self._wording.step_state(result.state), self._wording.told(result.message))
            box.addWidget(card)
        box.addWidget(self._words("\n".join(self._ends(change.receipt))))
        box.addStretch(1)
        self.setWidget(page)
        self.verticalScrollBar().setValue(0)

    def _notice(self, receipt: Receipt) -> Notice:
        notice = Notice(self._icons, self._theme)
        head = html.escape(self._told.ended(receipt), quote=False)
        kind = OUTCOME_ICONS[receipt.outcome]
        notice.show_html(kind, f"<b>{head}</b> {html.escape(self._wording.exact(receipt.finished), quote=False)}")
        return notice

    def _words(self, text: str) -> FlowText:
        words = FlowText()
        mark(words, muted=True, small=True)
        words.setPlainText(text)
        return words

    def _facts(self, receipt: Receipt) -> list[str]:
        told = [
            self.tr("By {person} from {computer}, on {node} ({address})").format(
                person=receipt.person,
                computer=receipt.computer,
                node=receipt.plan.node,
                address=receipt.plan.address,
            )
        ]
        for name, value in receipt.plan.parameters:
            label = self._wording.parameter(receipt.plan.fix, name)[0]
            told.append(f"{label}: {value}" if value else self.tr("{label}: nothing").format(label=label))
        return told

    def _ends(self, receipt: Receipt) -> list[str]:
        told = [
            f"{self._wording.title(check)}: {self._wording.verdict(Verdict(verdict))}"
            for check, verdict in receipt.verdicts
        ]
        if receipt.backup_folder:
            told.append(self.tr("Backup on the node: {folder}").format(folder=receipt.backup_folder))
        told.append(self.tr("Receipt {id}").format(id=receipt.id))
        return told
