"""The journal: every change that was made from here, what came of it, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QStackedWidget, QWidget

from checks.history import Change
from gui.change_page import ChangePage
from gui.change_words import ChangeWords
from gui.empty_page import EmptyPage
from gui.framed_dialog import FramedDialog, quiet_label
from gui.history_delegate import HistoryDelegate
from gui.history_model import HistoryModel, HistoryRole
from gui.icons import Icons
from gui.row_view import RowView
from gui.theme import Theme
from gui.wording import Wording


class HistoryDialog(FramedDialog):
    undo_requested = Signal(object)
    """`Receipt` of the change to take back."""

    def __init__(self, wording: Wording, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("historyDialog", self.tr("History"), theme, parent)
        self.resize(theme.step(250), theme.step(150))
        self._words = ChangeWords(wording, self)
        self._model = HistoryModel(wording, self)
        self.view = RowView(self._model, HistoryDelegate(theme, icons, self))
        self.view.setAccessibleName(self.tr("Changes, newest first"))
        self._page = ChangePage(wording, icons, theme)
        self._empty = EmptyPage(icons, theme)
        self._empty.show_words(
            "undo",
            self.tr("Nothing has been changed yet"),
            self.tr(
                "Every fix that is applied from here is written down, with what stood there before and how to go back."
            ),
        )
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_panes())
        self._pages.addWidget(self._empty)
        self._journal = quiet_label()
        self.add_head(QLabel(self.tr("History")), self._journal)
        self.add_body(self._pages)
        self._build_foot()
        self.view.current_changed.connect(self._show_current)
        self.show_changes(())

    def _build_panes(self) -> QSplitter:
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.setChildrenCollapsible(False)
        panes.setHandleWidth(1)
        for widget, least in ((self.view, 60), (self._page, 75)):
            widget.setMinimumWidth(self._theme.step(least))
            panes.addWidget(widget)
        panes.setSizes([self._theme.step(90), self._theme.step(160)])
        panes.setStretchFactor(1, 1)
        return panes

    def _build_foot(self) -> None:
        self._copy, self._undo = QPushButton(self.tr("Copy")), QPushButton()
        self._close = QPushButton(self.tr("Close"))
        self.add_foot(self._close, (self._undo, self._close), links=(self._copy,))
        self._copy.clicked.connect(self._on_copy)
        self._undo.clicked.connect(self._on_undo)
        self._close.clicked.connect(self.accept)

    @Slot(object)
    def show_changes(self, changes: tuple[Change, ...]) -> None:
        """Newest first; the row that was current stays so."""
        current = self._current()
        self._model.set_changes(changes)
        self._journal.setText(self._words.journal(changes))
        self._pages.setCurrentIndex(0 if changes else 1)
        kept = self._model.index_of(current.receipt.id) if current else self._model.index(0, 0)
        self.view.select_row(kept if kept.isValid() else self._model.index(0, 0))
        self._show_current()

    def _current(self) -> Change | None:
        change = self.view.currentIndex().data(HistoryRole.CHANGE)
        return change if isinstance(change, Change) else None

    @Slot()
    def _show_current(self) -> None:
        change = self._current()
        self._copy.setVisible(change is not None)
        self._undo.setVisible(change is not None and change.can_undo)
        if change is not None:
            self._undo.setText(self.tr("Undo on {node}…").format(node=change.receipt.plan.node))
            self._page.show_change(change)

    @Slot()
    def _on_copy(self) -> None:
        change = self._current()
        if change is not None:
            QGuiApplication.clipboard().setText(self._words.text(change))

    @Slot()
    def _on_undo(self) -> None:
        change = self._current()
        if change is not None:
            self.undo_requested.emit(change.receipt)
