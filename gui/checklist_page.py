"""One node's checklist: its head, the rows, and words where there are none."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from checks.finding import Verdict
from gui.actions import Actions
from gui.checklist_head import ChecklistHead
from gui.copied import row_text
from gui.empty_page import EmptyPage, Trouble
from gui.filter_kind import Filter
from gui.icons import Icons
from gui.state import NodeState, Phase
from gui.theme import Theme
from gui.wording import Wording

if TYPE_CHECKING:
    from gui.checklist_rows import ChecklistRows


class _Words(NamedTuple):
    """What is said instead of rows; with `primary` the first action is the likeliest next step."""

    icon: str
    title: str
    text: str
    actions: tuple[str, ...] = ()
    primary: bool = False
    first: str = ""
    """Words on the first action's button, where its own do not fit."""


def is_trouble(state: NodeState | None) -> bool:
    """Nothing was read: the error is the whole story, rows that all say "unknown" would hide it."""
    if state is None or state.error is None or state.phase is not Phase.FAILED:
        return False
    return all(finding.verdict in (Verdict.UNKNOWN, Verdict.NOT_APPLICABLE) for finding in state.findings)


class ChecklistPage(QWidget):
    check_changed = Signal(str)
    """The current row's check id; empty where there is none."""
    check_opened = Signal(str)
    """The person wants to read this finding."""

    def __init__(
        self, wording: Wording, icons: Icons, theme: Theme, actions: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._wording = wording
        self._look = (icons, theme)
        self._actions = actions
        self._state: NodeState | None = None
        self._said: object = None
        self._has_rows = False
        self._text = ""
        self.head = ChecklistHead(wording, icons, theme, actions)
        self._empty = EmptyPage(icons, theme)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.head)
        box.addWidget(self._pages, 1)
        self.head.filter_chosen.connect(self.choose)
        actions["copy_row"].triggered.connect(self._copy_row)

    @Slot()
    def prepare(self) -> None:
        """Make the rows now, while nobody waits for them."""
        _ = self.view

    @cached_property
    def view(self) -> ChecklistRows:
        """The rows, made when there are some: no first picture shows any."""
        from gui.checklist_rows import ChecklistRows

        view = ChecklistRows(self._wording, *self._look)
        view.set_text(self._text)
        view.current_changed.connect(self._on_current)
        view.opened.connect(self._on_opened)
        view.customContextMenuRequested.connect(self._on_menu)
        self._pages.addWidget(view)
        self._has_rows = True
        return view

    # Showing

    def show_state(self, state: NodeState | None) -> None:
        """Show this node; rows of the same node change in place."""
        other = self._state is None or state is None or self._state.node.name != state.node.name
        self._state = state
        if self._has_rows or (state is not None and (state.findings or state.pending)):
            if other and self.view.chosen is not Filter.ALL:
                self.choose(Filter.ALL)
            self.view.set_state(state)
        self.head.show_state(state, filter_shown=self._total > 0 and not is_trouble(state))
        self._choose_page()

    @property
    def state(self) -> NodeState | None:
        """What is shown: the last state that was given."""
        return self._state

    @property
    def _total(self) -> int:
        return self.view.total if self._has_rows else 0

    @property
    def shows_rows(self) -> bool:
        """Whether the filter and the text let any row through."""
        return self._total > 0 and self.view.shown

    def refresh_times(self) -> None:
        self.head.refresh_times()

    @Slot(object)
    def choose(self, kind: Filter) -> None:
        """Show only rows of this kind."""
        if self._has_rows:
            self.view.choose(kind)
            self.head.choose(kind)
        self._choose_page()

    def set_text(self, text: str) -> None:
        """Show only rows that hold this text."""
        self._text = text
        if self._has_rows:
            self.view.set_text(text)
        self._choose_page()

    def _choose_page(self) -> None:
        state = self._state
        if state is not None and state.error is not None and is_trouble(state):
            self._say(Trouble(*self._wording.error(state.error), self._wording.detail(state.error)))
            return
        words = self._words()
        if words is None:
            self._said = None
            self._pages.setCurrentWidget(self.view)
        else:
            self._say(words)

    def _say(self, words: _Words | Trouble) -> None:
        self._pages.setCurrentWidget(self._empty)
        if words == self._said:
            return
        self._said = words
        if isinstance(words, Trouble):
            self._empty.show_trouble(words, (self._actions["scan_node"], self._actions["edit_node"]))
        else:
            actions = tuple(self._actions[name] for name in words.actions)
            self._empty.show_words(
                words.icon, words.title, words.text, actions, primary=words.primary, first=words.first
            )

    def _words(self) -> _Words | None:
        state = self._state
        if state is None:
            return _Words("empty", self.tr("No node chosen"), self.tr("Choose a node on the left."))
        if self._total == 0:
            return self._words_without_rows(state)
        if not self.shows_rows:
            title = self.tr("Nothing here with this filter")
            if self.view.text:
                title = self.tr("No check holds “{text}”").format(text=self.view.text)
            told = self.tr("{name} has {count} checks in all.").format(name=state.node.name, count=self._total)
            return _Words("search", title, told, ("clear_find",))
        return None

    def _words_without_rows(self, state: NodeState) -> _Words:
        name = state.node.name
        if state.phase is Phase.WAITING:
            title = self.tr("{name} is waiting for its turn").format(name=name)
            return _Words("running", title, self.tr("Other nodes are being read. This one starts by itself."))
        if state.phase is Phase.SCANNING:
            title = self.tr("Reading {name}").format(name=name)
            return _Words("running", title, self.tr("Findings appear here as the node answers."))
        if state.phase is Phase.CANCELLED:
            title = self.tr("The scan was stopped")
            return _Words("cancel", title, self.tr("Nothing was read before that."), ("scan_node",), True)
        if state.phase is Phase.NEVER:
            title = self.tr("{name} has not been scanned yet").format(name=name)
            text = self.tr("A scan only reads: nothing is changed on the node.")
            return _Words("never", title, text, ("scan_node", "scan_all"), True, self.tr("Scan this node"))
        return _Words("empty", self.tr("No checks"), self.tr("The scan ended without findings."), ("scan_node",), True)

    @property
    def has_primary(self) -> bool:
        """Whether the page shows words with a filled button."""
        return isinstance(self._said, Trouble) or (isinstance(self._said, _Words) and self._said.primary)

    # Rows

    @property
    def current_check(self) -> str:
        """The current row's check id; empty where there is none."""
        return self.view.current_check if self._has_rows else ""

    def select_check(self, check: str) -> None:
        """Make a check's row current; a filter that hides it is taken off."""
        if not self._has_rows:
            return
        if check and not self.view.holds(check):
            self.choose(Filter.ALL)
        self.view.select_check(check)

    def worst_check(self) -> str:
        """The check to look at first; empty where there is no finding."""
        return self.view.worst_check() if self._has_rows else ""

    @Slot()
    def _on_current(self) -> None:
        self.check_changed.emit(self.current_check)

    @Slot()
    def _on_opened(self) -> None:
        self.check_opened.emit(self.current_check)

    @Slot()
    def _copy_row(self) -> None:
        finding = self.view.current_finding if self._has_rows else None
        if finding is not None:
            QGuiApplication.clipboard().setText(row_text(self._wording, finding))

    @Slot(QPoint)
    def _on_menu(self, at: QPoint) -> None:
        if not self.current_check:
            return
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in ("copy_row", "copy_finding", "scan_node"):
            menu.addAction(self._actions[name])
        menu.popup(self.view.viewport().mapToGlobal(at))
