"""One finding's pane: its story, or words that say why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from checks.finding import Finding
from gui.copied import finding_text
from gui.empty_page import EmptyPage
from gui.icons import Icons
from gui.state import NodeState, Phase
from gui.theme import Theme, mark
from gui.wording import Wording

if TYPE_CHECKING:
    from gui.finding_story import FindingStory


class FindingPanel(QFrame):
    """Shows what it is given; decides nothing."""

    fix_requested = Signal(str, str)
    """Node name, fix id."""
    check_wanted = Signal(str)
    """The cause of this finding, to be shown instead."""
    close_wanted = Signal()

    def __init__(self, wording: Wording, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findingPanel")
        self._wording = wording
        self._icons = icons
        self._theme = theme
        self._state: NodeState | None = None
        self._finding: Finding | None = None
        self._told: tuple[object, ...] = ()
        self._awaited = ""
        """The check that is chosen and was not answered yet."""
        self._is_over = False
        self._story: FindingStory | None = None
        self._empty = EmptyPage(icons, theme)
        self._say_why_empty(None)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._pages)
        theme.changed.connect(self._on_theme_changed)

    @Slot()
    def prepare(self) -> None:
        """Make the story's parts now, while nobody waits for them."""
        self._told_by()

    def _tell(self, finding: Finding, *, fresh: bool) -> None:
        story = self._told_by()
        story.show_finding(finding, fresh=fresh)
        self._pages.setCurrentWidget(story)

    def _told_by(self) -> FindingStory:
        if self._story is None:
            self._story = self._make_story()
        return self._story

    def _make_story(self) -> FindingStory:
        # Not before the first picture: it is the largest part of the window, and that shows no finding.
        from gui.finding_story import FindingStory

        story = FindingStory(self._wording, self._icons, self._theme)
        story.set_over(self._is_over)
        story.fix_wanted.connect(self._on_fix)
        story.check_wanted.connect(self.check_wanted)
        story.copy_wanted.connect(self.copy_finding)
        story.close_wanted.connect(self.close_wanted)
        self._pages.addWidget(story)
        return story

    # Showing

    def show_finding(self, state: NodeState | None, finding: Finding | None, check: str = "") -> None:
        """Show this finding of this node; without one, words that say what to do. `check`: the one that is chosen."""
        self._awaited = check if state is not None and finding is None and check in state.pending else ""
        words = (state.phase, bool(state.findings), self._awaited) if state and finding is None else None
        told = (state.node, finding, self._theme.scheme, words) if state else ()
        same = told == self._told and told
        self._state, self._finding = state, finding
        if same:
            return
        fresh = (
            not self._told
            or not told
            or self._told[:1] != told[:1]
            or self._check_of(self._told) != self._check_of(told)
        )
        self._told = told
        if state is None or finding is None:
            self._say_why_empty(state)
            self._pages.setCurrentWidget(self._empty)
            if self._story is not None:
                self._story.set_fixes(())
            return
        self._tell(finding, fresh=bool(fresh))

    def _say_why_empty(self, state: NodeState | None) -> None:
        title, text = self.tr("No check chosen"), self.tr("Choose a check to see what was found and what to do.")
        if self._awaited:
            title = self.tr("Not answered yet")
            text = self.tr("“{check}”: what was found is explained here, once it is known.").format(
                check=self._wording.title(self._awaited)
            )
        elif state is not None and state.phase is Phase.FAILED:
            title, text = (
                self.tr("No findings"),
                self.tr("They come once {node} can be read.").format(node=state.node.name),
            )
        elif state is not None and not state.findings:
            title, text = self.tr("No findings yet"), self.tr("What a scan finds is explained here, check by check.")
        self._empty.show_words("empty", title, text)

    @staticmethod
    def _check_of(told: tuple[object, ...]) -> str:
        finding = told[1] if len(told) > 1 else None
        return finding.check if isinstance(finding, Finding) else ""

    @property
    def offers_fix(self) -> bool:
        """Whether the one filled button stands here."""
        return self._story is not None and self._story.offers_fix

    def refresh_times(self) -> None:
        """Relative times have moved on."""
        if self._story is not None:
            self._story.refresh_times()

    def set_over(self, over: bool) -> None:
        """Lies over the checklist: with a line at its edge and a button that closes it."""
        self._is_over = over
        mark(self, over=over)
        if self._story is not None:
            self._story.set_over(over)

    def focus_story(self) -> None:
        """Put the keyboard on the likeliest next step."""
        if self._story is not None:
            self._story.focus_step()

    # What the person does

    @Slot()
    def copy_finding(self) -> None:
        if self._state and self._finding:
            QGuiApplication.clipboard().setText(finding_text(self._wording, self._state, self._finding))

    @Slot(str)
    def _on_fix(self, fix: str) -> None:
        if self._state:
            self.fix_requested.emit(self._state.node.name, fix)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._told = ()
        self.show_finding(self._state, self._finding)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_wanted.emit()
            event.accept()
            return
        super().keyPressEvent(event)
