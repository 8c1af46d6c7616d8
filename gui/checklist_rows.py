"""The rows of a node's checklist: their model, filter and view in one. Made with the first row there is."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from checks.finding import Finding, Verdict
from gui.checklist_delegate import ChecklistDelegate
from gui.checklist_filter import ChecklistFilter, Filter
from gui.checklist_model import ChecklistModel, CheckRole
from gui.icons import Icons
from gui.row_view import RowView
from gui.state import BUSY, NodeState
from gui.theme import Theme
from gui.wording import Wording


class ChecklistRows(RowView):
    """Which check is shown and which comes first; the page around it says what there is without rows."""

    def __init__(self, wording: Wording, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        self._model = ChecklistModel(wording)
        self._filter = ChecklistFilter(self._model)
        delegate = ChecklistDelegate(theme, icons)
        super().__init__(self._filter, delegate, parent)
        for part in (self._model, self._filter, delegate):
            part.setParent(self)
        self.setAccessibleName(self.tr("Checklist"))

    def set_state(self, state: NodeState | None) -> None:
        """Show this node; rows of the same node change in place."""
        self._model.set_state(state)
        self.set_running(state is not None and (state.phase in BUSY or bool(state.pending)))

    # Which rows

    @property
    def chosen(self) -> Filter:
        return self._filter.chosen

    @property
    def text(self) -> str:
        return self._filter.text

    @property
    def total(self) -> int:
        """All rows, those that are filtered out included."""
        return self._model.total()

    @property
    def shown(self) -> bool:
        """Whether the filter lets anything through."""
        return self._filter.rowCount() > 0

    def choose(self, kind: Filter) -> None:
        self._filter.choose(kind)

    def set_text(self, text: str) -> None:
        self._filter.set_text(text)

    # The current one

    @property
    def current_finding(self) -> Finding | None:
        finding = self.currentIndex().data(CheckRole.FINDING)
        return finding if isinstance(finding, Finding) else None

    @property
    def current_check(self) -> str:
        """The current row's check id; empty where there is none."""
        return str(self.currentIndex().data(CheckRole.CHECK) or "")

    def holds(self, check: str) -> bool:
        """Whether this check has a row that the filter lets through."""
        return self._filter.index_of(check).isValid()

    def select_check(self, check: str) -> None:
        self.select_row(self._filter.index_of(check))

    def worst_check(self) -> str:
        """The check to look at first: the worst verdict, as the rows stand; empty where there is no finding."""
        best: tuple[float, str] | None = None
        for area in range(self._filter.rowCount()):
            parent = self._filter.index(area, 0)
            for row in range(self._filter.rowCount(parent)):
                index = self._filter.index(row, 0, parent)
                finding = index.data(CheckRole.FINDING)
                if isinstance(finding, Finding) and not finding.cause:
                    # A known limit is no place to begin: on a healthy node that is the first check that passes.
                    rank = Verdict.PASS.rank + 0.5 if finding.verdict is Verdict.INFO else finding.verdict.rank
                    if best is None or rank < best[0]:
                        best = (rank, finding.check)
        return best[1] if best else ""
