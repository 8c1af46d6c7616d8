"""Three panes side by side; in a narrow window the third slides over the second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from gui.finding_panel import FindingPanel
from gui.theme import Theme

if TYPE_CHECKING:
    from PySide6.QtCore import QPropertyAnimation

NARROW = 1000
"""Window width in pixels below which the finding has no pane of its own."""


class Panes(QWidget):
    """Which node → which check → what about it."""

    finding_shown_changed = Signal()
    """The finding came into view or left it."""

    def __init__(
        self, nodes: QWidget, checklist: QWidget, finding: FindingPanel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._checklist = checklist
        self._finding = finding
        self._is_narrow = False
        self._is_open = False
        self._kept = QByteArray()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        for widget, least in ((nodes, 45), (checklist, 75), (finding, 75)):
            widget.setMinimumWidth(theme.step(least))
            self.splitter.addWidget(widget)
        for pane, stretch in enumerate((0, 3, 2)):
            self.splitter.setStretchFactor(pane, stretch)
        self.splitter.setSizes([theme.step(68), theme.step(151), theme.step(101)])
        self._slide: QPropertyAnimation | None = None
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.splitter)
        checklist.installEventFilter(self)

    @property
    def is_narrow(self) -> bool:
        return self._is_narrow

    @property
    def is_finding_shown(self) -> bool:
        return not self._is_narrow or self._is_open

    def save(self) -> QByteArray:
        """Where the splitters stand. In a narrow window, where they stood before."""
        return self._kept if self._is_narrow else self.splitter.saveState()

    def restore(self, state: QByteArray) -> None:
        if not state.isEmpty() and not self._is_narrow:
            self.splitter.restoreState(state)

    def open_finding(self) -> None:
        """Bring the finding over the checklist; does nothing where it has its own pane."""
        if not self._is_narrow or self._is_open:
            return
        self._is_open = True
        place = self._place()
        self._finding.setGeometry(place)
        self._finding.show()
        self._finding.raise_()
        self.finding_shown_changed.emit()
        from PySide6.QtWidgets import QStyle

        duration = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
        if duration > 0 and self.isVisible():
            slide = self._slide = self._slide or self._make_slide()
            slide.setDuration(min(duration, 160))
            slide.setStartValue(QPoint(place.right(), place.top()))
            slide.setEndValue(place.topLeft())
            slide.start()

    def _make_slide(self) -> QPropertyAnimation:
        from PySide6.QtCore import QByteArray, QEasingCurve, QPropertyAnimation

        slide = QPropertyAnimation(self._finding, QByteArray(b"pos"), self)
        slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        return slide

    def _stop_slide(self) -> None:
        if self._slide is not None:
            self._slide.stop()

    def close_finding(self) -> None:
        if self._is_narrow:
            self._is_open = False
            self._stop_slide()
            self._finding.hide()
            self.finding_shown_changed.emit()

    def settle(self) -> None:
        """End a slide that is under way."""
        self._stop_slide()
        self._put()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow != self._is_narrow:
            self._set_narrow(narrow)
            self.finding_shown_changed.emit()
        self._put()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._checklist and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._put()
        return super().eventFilter(watched, event)

    def _set_narrow(self, narrow: bool) -> None:
        self._finding.set_over(narrow)
        self._stop_slide()
        if narrow:
            self._kept = self.splitter.saveState()
            self._is_narrow = True
            self._finding.setParent(self)
            self._finding.setVisible(self._is_open)
            return
        self._is_narrow = False
        self._is_open = False
        self.splitter.addWidget(self._finding)
        self.splitter.setStretchFactor(2, 2)
        self._finding.show()
        self.splitter.restoreState(self._kept)

    def _put(self) -> None:
        if self._is_narrow and self._is_open and not self._is_sliding:
            self._finding.setGeometry(self._place())

    @property
    def _is_sliding(self) -> bool:
        return self._slide is not None and self._slide.state() is self._slide.State.Running

    def _place(self) -> QRect:
        """Where the finding lies while it is over the checklist: all of it."""
        top_left = self._checklist.mapTo(self, QPoint(0, 0))
        return QRect(top_left, self._checklist.size())
