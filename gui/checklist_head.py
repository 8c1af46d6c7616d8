"""The head of a node's checklist: name, headline, when it was scanned and at what cost, and the filter."""

from __future__ import annotations

import html

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from gui.actions import Actions
from gui.filter_kind import Filter, amount
from gui.flow_text import FlowText
from gui.icons import Icons
from gui.state import BUSY, NodeState, Phase
from gui.theme import Theme, mark
from gui.wording import Wording

CHIP_ICONS = {
    Filter.FAILS: ("fail", "fail"),
    Filter.WARNINGS: ("warn", "warn"),
    Filter.UNKNOWN: ("unknown", "unknown"),
    Filter.FIXABLE: ("wrench", "accent"),
}


class ChecklistHead(QFrame):
    filter_chosen = Signal(object)
    """`Filter`."""

    def __init__(
        self, wording: Wording, icons: Icons, theme: Theme, actions: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("pageHead")
        self._wording = wording
        self._icons = icons
        self._theme = theme
        self._actions = actions
        self._state: NodeState | None = None
        self._told = ""
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.step(4.5), theme.step(3.5), theme.step(4.5), theme.step(3))
        box.setSpacing(theme.step(2.5))
        top = QHBoxLayout()
        top.setSpacing(theme.step(1))
        top.addLayout(self._build_words(), 1)
        top.addWidget(self._build_scan(), 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._build_more(), 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(top)
        self._row: QWidget | None = None
        self._chips: dict[Filter, QToolButton] = {}
        self._draw()
        theme.changed.connect(self._draw)

    def _build_words(self) -> QVBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(self._theme.step(0.5))
        self._name, self._headline, self._scan_line = FlowText(), FlowText(), FlowText()
        self._name.setProperty("title", True)
        for line in (self._headline, self._scan_line):
            line.setProperty("muted", True)
            line.setProperty("small", True)
        for line in (self._name, self._headline, self._scan_line):
            words.addWidget(line)
        words.addStretch(1)
        self._headline.anchorClicked.connect(lambda _: self._actions["node_site"].trigger())
        return words

    def _build_scan(self) -> QPushButton:
        self._scan = QPushButton()
        self._scan.clicked.connect(self._on_scan)
        return self._scan

    def _build_more(self) -> QPushButton:
        self._more = QPushButton()
        mark(self._more, quiet=True)
        self._more.setToolTip(self.tr("More for this node"))
        self._more.setAccessibleName(self.tr("More for this node"))
        self._more.setMenu(QMenu(self._more))
        return self._more

    def prepare(self) -> None:
        """What no first picture shows: the menu's entries, and the filter."""
        self._chips_row()
        for name in ("scan_node", "node_site", "undo_last", "edit_node", "remove_node", "copy_address"):
            self._more.menu().addAction(self._actions[name])

    def _chips_row(self) -> None:
        if self._row is None:
            self._row = self._make_chips()
            self._row.hide()
            self.layout().addWidget(self._row)  # type: ignore[union-attr]

    def _make_chips(self) -> QWidget:
        from gui.chip_layout import Chip, ChipLayout

        shown = QWidget()
        row = ChipLayout(self._theme.step(1.5), shown)
        group = QButtonGroup(self)
        for kind in Filter:
            chip = Chip()
            chip.setCheckable(True)
            chip.setProperty("chip", True)
            chip.setChecked(kind is Filter.ALL)
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            chip.setProperty("filter", kind.value)
            chip.clicked.connect(self._on_chip)
            group.addButton(chip)
            row.addWidget(chip)
            self._chips[kind] = chip
        self._draw_chips()
        return shown

    @Slot()
    def _draw(self) -> None:
        self._more.setIcon(self._icons.icon("more"))
        self._draw_headline()
        if self._chips:
            self._draw_chips()

    def _draw_headline(self) -> None:
        """What kind of node it is, and the way to what is known of its cluster."""
        state = self._state
        told = self._wording.headline(state.report) if state and state.report else ""
        told = html.escape(told or (state.node.url if state else ""))
        if state is not None:
            words, colour = self.tr("Cluster…"), self._theme.hex("accent")
            told += f' · <a href="node-site" style="color: {colour}; text-decoration: none">{words}</a>'
        if told != self._told:
            self._told = told
            self._headline.setHtml(told)

    def _draw_chips(self) -> None:
        edge = self._theme.step(3.5)
        for kind, (name, token) in CHIP_ICONS.items():
            self._chips[kind].setIcon(self._icons.icon(name, token, edge))
            self._chips[kind].setIconSize(QSize(edge, edge))

    def show_state(self, state: NodeState | None, *, filter_shown: bool) -> None:
        """Words and numbers of this node; without rows there is nothing to filter."""
        self._state = state
        self._name.setPlainText(state.node.name if state else "")
        self._draw_headline()
        self._fill_scan(state)
        self._more.setVisible(state is not None)
        if filter_shown:
            self._chips_row()
        if self._row is not None:
            self._row.setVisible(filter_shown)
            self._fill_chips(state)
        self.refresh_times()

    def _fill_scan(self, state: NodeState | None) -> None:
        busy = state is not None and state.phase in BUSY
        action = self._actions["cancel_node" if busy else "scan_node"]
        self._scan.setText(action.text())
        self._scan.setToolTip(action.toolTip())
        # Where the page itself offers the first scan, a second button would only ask which one.
        self._scan.setVisible(state is not None and state.phase is not Phase.NEVER)

    def _fill_chips(self, state: NodeState | None) -> None:
        words = {
            Filter.ALL: self.tr("All {count}"),
            Filter.FAILS: self.tr("Fails {count}"),
            Filter.WARNINGS: self.tr("Warnings {count}"),
            Filter.UNKNOWN: self.tr("Unknown {count}"),
            Filter.FIXABLE: self.tr("Can be fixed {count}"),
        }
        for kind, chip in self._chips.items():
            text = words[kind].format(count=amount(kind, state) if state else 0)
            if chip.text() != text:
                chip.setText(text)
                chip.setAccessibleName(self.tr("Show: {filter}").format(filter=text))

    def refresh_times(self) -> None:
        """Relative times have moved on; the exact one is in the tool tip, with what each probe took."""
        state = self._state
        line = self._wording.scan_line(state) if state else ""
        if line != self._scan_line.toPlainText():
            self._scan_line.setPlainText(line)
        self._scan_line.setVisible(bool(line))
        self._scan_line.setToolTip(self._wording.scan_details(state) if state else "")

    def choose(self, kind: Filter) -> None:
        if kind in self._chips:
            self._chips[kind].setChecked(True)

    @Slot()
    def _on_chip(self) -> None:
        chip = self.sender()
        if chip is not None:
            self.filter_chosen.emit(Filter(str(chip.property("filter"))))

    @Slot()
    def _on_scan(self) -> None:
        busy = self._state is not None and self._state.phase in BUSY
        self._actions["cancel_node" if busy else "scan_node"].trigger()
