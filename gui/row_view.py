"""The tree view of both lists: no branches, no horizontal bar, and a ring that turns quietly while rows are checked."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QItemSelectionModel, QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyle, QTreeView, QWidget

from checks.turn import first
from gui.row_delegate import ANGLE, Index, RowDelegate

TURN_MS = 120
TURN_DEGREES = 15


class RowView(QTreeView):
    """Everything is expanded for good; only rows that can be selected become current."""

    current_changed = Signal()
    """Another row became current, or none."""
    opened = Signal()
    """Enter, or a click: the person wants to go on with the current row."""

    def __init__(self, model: QAbstractItemModel, delegate: RowDelegate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setItemsExpandable(False)
        self.setExpandsOnDoubleClick(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setItemDelegate(delegate)
        self.setModel(model)
        self._timer = QTimer(self)
        self._timer.setInterval(TURN_MS)
        self._timer.timeout.connect(self._turn)
        self.clicked.connect(self._on_clicked)
        for signal in (model.modelReset, model.rowsInserted):  # what only changes its place stays expanded
            signal.connect(self.expandAll)
        self.expandAll()

    def set_running(self, running: bool) -> None:
        """Turn the ring, or let it rest; it rests too where the system wants no movement."""
        wanted = running and self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0
        if wanted and not self._timer.isActive():
            self._timer.start()
        elif not wanted:
            self._timer.stop()

    def select_row(self, index: QModelIndex) -> None:
        """Make a row the current and selected one, and show it."""
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.current_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    # Both only so that the interpreter is entered once and not for each row and role: each time it may have to wait for
    # a thread that reads a node.

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)

    def doItemsLayout(self) -> None:
        with first():
            super().doItemsLayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            # A row's height depends on the width: a long value goes below its statement.
            self.scheduleDelayedItemsLayout()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.scheduleDelayedItemsLayout()

    @Slot()
    def _on_clicked(self) -> None:
        if self.currentIndex().isValid():
            self.opened.emit()

    @Slot()
    def _turn(self) -> None:
        self.setProperty(ANGLE, (float(self.property(ANGLE) or 0.0) + TURN_DEGREES) % 360)
        if self.isVisible():
            self.viewport().update()
