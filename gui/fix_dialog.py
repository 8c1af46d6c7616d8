"""One guided fix: choose values, read the plan, confirm, watch, read the result, undo. Shows a flow; decides nothing."""

from __future__ import annotations

import json

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QStackedWidget, QWidget

from checks.errors import CannotReachNode
from gui.empty_page import EmptyPage, Trouble
from gui.fix_choose_page import FixChoosePage
from gui.fix_flow import CHANGING, WORKING, FixFlow, FlowState, Stage
from gui.fix_plan_page import FixPlanPage
from gui.framed_dialog import FramedDialog, quiet_label
from gui.icons import Icons
from gui.script_dialog import ScriptDialog
from gui.script_save import ScriptSave
from gui.stepper import Stepper
from gui.theme import Theme, mark
from gui.wording import Wording


class FixDialog(FramedDialog):
    def __init__(
        self, flow: FixFlow, wording: Wording, icons: Icons, theme: Theme, parent: QWidget | None = None
    ) -> None:
        self._title = self.tr("{fix} on {node}").format(fix=wording.fix_title(flow.fix.id), node=flow.node.name)
        super().__init__("fixDialog", self._title, theme, parent)
        self._flow = flow
        self._wording = wording
        self.resize(theme.step(215), theme.step(140))
        self.setMinimumHeight(theme.step(110))
        self._empty = EmptyPage(icons, theme)
        self._choose = FixChoosePage(flow.fix, wording, icons, theme)
        self._plan = FixPlanPage(flow.node, flow.fix, wording, icons, theme)
        self._pages = QStackedWidget()
        for page in (self._empty, self._choose, self._plan):
            self._pages.addWidget(page)
        names = [self.tr("Review"), self.tr("Apply"), self.tr("Result")]
        if flow.fix.parameters:
            names.insert(0, self.tr("Choose"))
        self._stepper = Stepper(tuple(names), icons, theme)
        self._again = QAction(self.tr("Try again"), self)
        self._again.triggered.connect(flow.begin)
        self._build_head()
        self.add_body(self._pages)
        self.add_strip(self._plan.typing)
        self._foot = self._build_foot()
        self._choose.validity_changed.connect(self._show_buttons)
        self._choose.accepted.connect(self._on_next)
        self._plan.confirmed_changed.connect(self._show_buttons)
        flow.changed.connect(self._show)
        self._show(flow.state)

    def _build_head(self) -> None:
        title = QLabel(self._title)
        title.setWordWrap(True)
        self.add_head(title, self._stepper, spacing=2.5)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName(self.tr("Working"))
        self.add_strip(self._busy)

    def _build_foot(self) -> QFrame:
        self._script, self._save = QPushButton(self.tr("Show the script")), QPushButton(self.tr("Save as .ps1…"))
        self._note = quiet_label()
        self._back, self._undo, self._cancel, self._next, self._confirm = (QPushButton() for _ in range(5))
        self._back.setText(self.tr("Change values"))
        self._undo.setText(self.tr("Undo on {node}").format(node=self._flow.node.name))
        self._next.setText(self.tr("Review the plan"))
        verb = self._wording.fix_verb(self._flow.fix.id)
        self._confirm.setText(self.tr("{verb} on {node}").format(verb=verb, node=self._flow.node.name))
        for button in (self._next, self._confirm):
            mark(button, primary=True)
        buttons = (self._back, self._undo, self._cancel, self._next, self._confirm)
        foot = self.add_foot(None, buttons, left=(self._note,), links=(self._script, self._save))
        self._script.clicked.connect(self._show_script)
        saving = ScriptSave(self._flow.script_text(), self)
        saving.told.connect(self._on_saved)
        self._save.clicked.connect(saving.ask)
        self._back.clicked.connect(self._flow.choose_again)
        self._undo.clicked.connect(self._flow.undo)
        self._cancel.clicked.connect(self.reject)
        self._next.clicked.connect(self._on_next)
        self._confirm.clicked.connect(self._flow.apply)
        return foot

    # Showing

    @Slot(object)
    def _show(self, state: FlowState) -> None:
        stage = state.stage
        offset = 1 if self._flow.fix.parameters else 0
        place = {
            Stage.READING: 0,
            Stage.CHOOSE: 0,
            Stage.REHEARSING: offset,
            Stage.REVIEW: offset,
            Stage.APPLYING: offset + 1,
            Stage.STOPPED: offset if state.plan else 0,
        }.get(stage, offset + 2)
        self._stepper.set_current(place, finished=state.went_well)
        self._busy.setVisible(stage in WORKING)
        self._plan.show_typing(state)
        name = self._flow.node.name
        if stage is Stage.STOPPED and state.error is not None:
            icon = "unreachable" if isinstance(state.error, CannotReachNode) else "warn"
            trouble = Trouble(*self._wording.error(state.error), self._wording.detail(state.error), icon)
            self._empty.show_trouble(trouble, (self._again,))
            self._pages.setCurrentWidget(self._empty)
        elif stage in (Stage.READING, Stage.REHEARSING):
            title = self.tr("Reading {node}") if stage is Stage.READING else self.tr("Rehearsing on {node}")
            text = self.tr("The plan is made from how the node is now. Nothing is changed by this.")
            self._empty.show_words("running", title.format(node=name), text)
            self._pages.setCurrentWidget(self._empty)
        elif stage is Stage.CHOOSE:
            self._choose.propose(state.defaults)
            self._choose.show_error(state.error)
            self._pages.setCurrentWidget(self._choose)
        else:
            self._plan.show_state(state)
            self._pages.setCurrentWidget(self._plan)
        self._show_buttons()
        if stage is Stage.CHOOSE:
            self._choose.focus_first()
        elif stage not in WORKING:
            self._cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _show_buttons(self) -> None:
        state = self._flow.state
        stage, plan = state.stage, state.plan
        changes = plan is not None and not plan.changes_nothing
        for button in (self._script, self._save):
            button.setVisible(stage is Stage.REVIEW or stage in CHANGING or stage is Stage.DONE)
        self._back.setVisible(stage is Stage.REVIEW and bool(self._flow.fix.parameters))
        self._undo.setVisible(stage is Stage.DONE and state.undoable is not None)
        self._next.setVisible(stage is Stage.CHOOSE)
        self._next.setEnabled(self._choose.is_valid)
        self._confirm.setVisible(stage is Stage.REVIEW and changes)
        self._confirm.setEnabled(self._plan.is_confirmed)
        words = self.tr("Cancel")
        if stage in (Stage.DONE, Stage.STOPPED) or (stage is Stage.REVIEW and not changes):
            words = self.tr("Close")
        elif stage in CHANGING:
            words = self.tr("Hide")
        self._cancel.setText(words)
        tip = self.tr("The change goes on; open the fix again to see how far it is.") if stage in CHANGING else ""
        self._cancel.setToolTip(tip)
        # No button is ever cut, whatever the language calls it.
        self.setMinimumWidth(max(self._theme.step(120), self._foot.sizeHint().width()))

    # What the person does

    @Slot()
    def _on_next(self) -> None:
        if self._choose.is_valid and self._flow.state.stage is Stage.CHOOSE:
            self._flow.rehearse(self._choose.values())

    @Slot()
    def _show_script(self) -> None:
        plan = self._flow.state.plan
        steps = json.dumps(json.loads(plan.changes), indent=2, ensure_ascii=False) if plan else ""
        ScriptDialog(self._title, self._flow.script_text(), steps, self._theme, self).open()

    @Slot(str)
    def _on_saved(self, words: str) -> None:
        metrics = self._note.fontMetrics()
        self._note.setText(metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, self._theme.step(45)))
        self._note.setToolTip(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus and nothing else: a change is never confirmed by habit."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            button = self.focusWidget()
            if isinstance(button, QPushButton) and button is not self._confirm and button is not self._undo:
                button.click()
            event.accept()
            return
        super().keyPressEvent(event)

    def done(self, result: int) -> None:
        self._flow.cancel()
        super().done(result)
