"""A finding's story: verdict, statement, what we saw, what breaks, evidence, what to do. Made with the first finding shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from checks.finding import Finding, Verdict
from gui.chip_layout import ChipLayout
from gui.evidence_table import EvidenceTable
from gui.flow_text import FlowText
from gui.icons import VERDICT_ICONS, Icons
from gui.theme import Theme, mark
from gui.wording import Wording


class FindingStory(QScrollArea):
    """Shows what it is given; decides nothing."""

    fix_wanted = Signal(str)
    """Fix id."""
    check_wanted = Signal(str)
    """The cause of this finding, to be shown instead."""
    copy_wanted = Signal()
    close_wanted = Signal()

    def __init__(self, wording: Wording, icons: Icons, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wording = wording
        self._icons = icons
        self._theme = theme
        self._finding: Finding | None = None
        self._story = QWidget()
        self._story.setObjectName("story")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._story)
        self._build()
        theme.changed.connect(self._draw)

    def _build(self) -> None:
        theme = self._theme
        box = QVBoxLayout(self._story)
        box.setContentsMargins(theme.step(4.5), theme.step(3.5), theme.step(4.5), theme.step(4.5))
        box.setSpacing(theme.step(1))
        box.addLayout(self._build_head())
        box.addSpacing(theme.step(1.5))
        self._title = self._text("heading")
        self._cause = QPushButton()
        mark(self._cause, flat_link=True)
        self._cause.clicked.connect(self._show_cause)
        self._saw_head, self._saw = self._section(self.tr("What we saw")), self._text()
        self._why_head, self._why = self._section(self.tr("What breaks")), self._text()
        self._evidence_head = self._section(self.tr("Evidence"))
        self._evidence = EvidenceTable(self._wording, theme)
        self._todo_head, self._todo = self._section(self.tr("What to do")), self._text()
        self._help_head, self._help = self._section(self.tr("Check by hand")), self._text()
        self._help.setObjectName("help")
        box.addWidget(self._title)
        box.addWidget(self._cause, 0, Qt.AlignmentFlag.AlignLeft)
        for head, body in (
            (self._saw_head, self._saw),
            (self._why_head, self._why),
            (self._evidence_head, self._evidence),
            (self._todo_head, self._todo),
        ):
            box.addWidget(head)
            box.addWidget(body)
        box.addSpacing(theme.step(2.5))
        box.addLayout(self._build_buttons())
        box.addWidget(self._help_head)
        box.addWidget(self._help)
        box.addStretch(1)

    def _build_head(self) -> QHBoxLayout:
        theme = self._theme
        row = QHBoxLayout()
        row.setSpacing(theme.step(2.5))
        self._badge = QFrame()
        inner = QHBoxLayout(self._badge)
        inner.setContentsMargins(theme.step(1.5), theme.step(0.75), theme.step(2), theme.step(0.75))
        inner.setSpacing(theme.step(1.5))
        self._shape = QLabel()
        self._verdict = QLabel()
        self._verdict.setObjectName("verdictWord")
        mark(self._verdict, strong=True, small=True)
        inner.addWidget(self._shape)
        inner.addWidget(self._verdict)
        self._place = QLabel()
        mark(self._place, muted=True, small=True)
        self._copy = self._quiet("copy", self.tr("Copy the whole finding as text"))
        self._copy.clicked.connect(self.copy_wanted)
        self._close = self._quiet("close", self.tr("Back to the checklist"))
        self._close.clicked.connect(self.close_wanted)
        self._close.hide()
        row.addWidget(self._badge)
        row.addWidget(self._place, 1)
        row.addWidget(self._copy)
        row.addWidget(self._close)
        return row

    def _build_buttons(self) -> ChipLayout:
        theme = self._theme
        self._buttons = ChipLayout(theme.step(2))
        self._fixes: list[QPushButton] = []
        self._by_hand = QPushButton(self.tr("Check by hand"))
        self._by_hand.setCheckable(True)
        self._by_hand.toggled.connect(self._show_help)
        self._learn = QPushButton(self.tr("Learn more"))
        mark(self._learn, flat_link=True)
        self._learn.clicked.connect(self._open_link)
        self._buttons.addWidget(self._by_hand)
        self._buttons.addWidget(self._learn)
        return self._buttons

    def _quiet(self, icon: str, tip: str) -> QPushButton:
        button = QPushButton()
        mark(button, quiet=True)
        button.setProperty("iconName", icon)
        button.setIcon(self._icons.icon(icon, "muted"))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _section(self, text: str) -> QLabel:
        label = QLabel(text)
        mark(label, section=True)
        label.setContentsMargins(0, self._theme.step(2), 0, 0)
        return label

    def _text(self, kind: str = "") -> FlowText:
        text = FlowText()
        if kind:
            text.setProperty(kind, True)
        return text

    # Showing

    def show_finding(self, finding: Finding, *, fresh: bool) -> None:
        """Show it; a `fresh` one is another than before, and is read from its beginning."""
        self._finding = finding
        words = self._wording
        self._fill_badge(finding.verdict)
        self._place.setText(words.place(finding.check))
        self._title.setPlainText(words.title(finding.check))
        self._cause.setVisible(bool(finding.cause))
        self._cause.setText(self.tr("Follows from: {cause}").format(cause=words.title(finding.cause)))
        self._saw.setHtml(words.saw(finding))
        bad = finding.verdict in (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN)
        self._show_text(self._why_head, self._why, words.why(finding.check) if bad else "")
        self._show_text(self._todo_head, self._todo, words.todo(finding))
        self._evidence_head.setVisible(bool(finding.evidence))
        self._evidence.setVisible(bool(finding.evidence))
        self._evidence.set_evidence(finding.evidence)
        self._help.setMarkdown(words.help(finding.check))
        self._by_hand.setVisible(bool(words.help(finding.check)))
        if fresh:
            self._by_hand.setChecked(False)
        self._show_help(self._by_hand.isChecked())
        link = words.learn_more(finding.check)
        self._learn.setVisible(link.startswith("https://"))
        self._learn.setToolTip(link)
        self.set_fixes(finding.fixes if finding.verdict is not Verdict.PASS else ())
        if fresh:
            self.verticalScrollBar().setValue(0)

    def _fill_badge(self, verdict: Verdict) -> None:
        token = VERDICT_ICONS[verdict]
        ratio = self.devicePixelRatioF()
        self._shape.setPixmap(self._icons.verdict(verdict, self._theme.step(4), ratio))
        self._verdict.setText(self._wording.verdict(verdict))
        ground, ink = self._theme.hex(f"{token}-ground"), self._theme.hex(token)
        radius = self._theme.step(1.5)
        self._badge.setStyleSheet(
            f"QFrame {{ background: {ground}; border-radius: {radius}px; }} QLabel#verdictWord {{ color: {ink}; }}"
        )
        self._badge.setAccessibleName(self._wording.verdict(verdict))

    def _show_text(self, head: QLabel, text: FlowText, html: str) -> None:
        head.setVisible(bool(html))
        text.setVisible(bool(html))
        text.setHtml(html)

    def set_fixes(self, fixes: tuple[str, ...]) -> None:
        """The buttons for these, the first one filled."""
        if [button.property("fix") for button in self._fixes] != list(fixes):
            for button in self._fixes:
                self._buttons.removeWidget(button)
                button.hide()
                button.deleteLater()
            self._fixes = [self._fix_button(fix, first=number == 0) for number, fix in enumerate(fixes)]
            for widget in (self._by_hand, self._learn):
                self._buttons.removeWidget(widget)
            for widget in (*self._fixes, self._by_hand, self._learn):
                self._buttons.addWidget(widget)
            before: QWidget = self._copy
            for widget in (*self._fixes, self._by_hand, self._learn):
                QWidget.setTabOrder(before, widget)
                before = widget

    @property
    def offers_fix(self) -> bool:
        return bool(self._fixes)

    def _fix_button(self, fix: str, *, first: bool) -> QPushButton:
        button = QPushButton(f"{self._wording.fix_title(fix)}…", self._story)
        button.setProperty("fix", fix)
        button.setProperty("primary", first)
        button.clicked.connect(self._on_fix)
        button.show()
        return button

    def refresh_times(self) -> None:
        self._evidence.refresh_times()

    def set_over(self, over: bool) -> None:
        """Lies over the checklist: with a button that closes it."""
        self._close.setVisible(over)

    def focus_step(self) -> None:
        """Put the keyboard on the likeliest next step."""
        for button in (*self._fixes, self._by_hand, self._copy):
            if button.isVisibleTo(self):
                button.setFocus(Qt.FocusReason.TabFocusReason)
                return

    # What the person does

    @Slot()
    def _on_fix(self) -> None:
        button = self.sender()
        if button is not None:
            self.fix_wanted.emit(str(button.property("fix")))

    @Slot()
    def _show_cause(self) -> None:
        if self._finding and self._finding.cause:
            self.check_wanted.emit(self._finding.cause)

    @Slot(bool)
    def _show_help(self, shown: bool) -> None:
        self._help_head.setVisible(shown)
        self._help.setVisible(shown)
        if shown:
            self._story.layout().activate()  # type: ignore[union-attr]

    @Slot()
    def _open_link(self) -> None:
        if self._finding:
            QDesktopServices.openUrl(QUrl(self._wording.learn_more(self._finding.check)))

    @Slot()
    def _draw(self) -> None:
        for button in (self._copy, self._close):
            button.setIcon(self._icons.icon(str(button.property("iconName")), "muted"))
