"""One walk through all windows, in both languages: named, reached by Tab, and nothing cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from closing import settle
from pages import Window
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from checks.errors import BadFile
from gui.crash_dialog import CrashDialog
from gui.evidence_table import EvidenceTable
from gui.filter_kind import Filter
from gui.flow_text import FlowText
from gui.history_dialog import HistoryDialog
from gui.report_dialog import ReportDialog
from gui.scheme import Scheme
from gui.script_dialog import ScriptDialog
from gui.site_dialog import SiteDialog

INPUTS = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit)
LEADING = 2
"""Pixels: a font that stands in for another's missing letters may be so much taller."""


def visible(root: QWidget, *kinds: type[QWidget]) -> Iterator[QWidget]:
    for one in root.findChildren(QWidget):
        inside = one.window() is root and one.isVisible()
        own = isinstance(one.parentWidget(), QLineEdit | QComboBox)  # the clear button, the line of an editable list
        if inside and isinstance(one, kinds) and not own:
            yield one


def check(root: QWidget) -> list[str]:
    """What is wrong with this window as it stands."""
    wrong: list[str] = []
    for one in visible(root, *INPUTS):
        name = one.accessibleName() or (one.text() if isinstance(one, QAbstractButton) else "")
        if not name:
            wrong.append(f"no name: {one!r}")
    return wrong + unreached(root) + cut(root)


def unreached(root: QWidget) -> list[str]:
    """Enabled inputs that Tab never comes to. One of a group of filters is enough: arrow keys go on from there."""
    chain: set[QWidget] = set()
    at = root
    for _ in range(2000):
        at = at.nextInFocusChain()
        if at is root or at is None:
            break
        chain.add(at)
    found: list[str] = []
    for one in visible(root, *INPUTS):
        if one.isEnabled() and (one not in chain or not one.focusPolicy() & Qt.FocusPolicy.TabFocus):
            found.append(f"not by Tab: {one!r} {one.accessibleName() or getattr(one, 'text', str)()}")
    return found


def cut(root: QWidget) -> list[str]:
    """Texts that do not fit where they stand."""
    found: list[str] = []
    for one in visible(root, QPushButton, QToolButton, QCheckBox):
        least = one.minimumSizeHint()
        if one.width() < least.width() or one.height() < least.height() - LEADING:
            found.append(f"cut: {one.text()} {one.size()} {one.minimumSizeHint()}")
    for one in visible(root, QLabel):
        if one.text() and not one.wordWrap() and one.width() < one.sizeHint().width():
            found.append(f"cut: {one.text()}")
    for one in visible(root, FlowText):
        if one.document().size().height() > one.height() + 1:
            found.append(f"cut: {one.toPlainText()}")
    return found


class Walk:
    def __init__(self, window: Window) -> None:
        self.window = window
        self.wrong: dict[str, list[str]] = {}

    def look(self, place: str, root: QWidget) -> None:
        self.window.rest()
        for _ in range(3):
            self.window.qtbot.wait(1)
        if wrong := check(root):
            self.wrong[place] = wrong

    def dialog(self, place: str) -> None:
        """The newest dialog, looked at and closed."""
        found = [one for one in self.window.window.findChildren(QDialog) if one.isVisible()]
        self.look(place, found[-1])
        found[-1].close()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_window_is_named_reached_and_whole(start, language: str) -> None:
    window = start("--demo", "--language", language)
    parts, main = window.parts, window.window
    walk = Walk(window)
    parts.fleet.scan_all()
    # The nodes are held against each other last of all: nothing moves any more after that.
    window.wait(window.is_compared)
    for width, height in ((1280, 800), (main.minimumWidth(), main.minimumHeight())):
        main.resize(width, height)
        for node in ("worker-03", "worker-02", "worker-04", "edge-1"):
            main.workplace.select_node(node)
            walk.look(f"{node} {width}", main)
        main.workplace.select_node("worker-03")
        main.workplace.checklist.choose(Filter.WARNINGS)
        walk.look(f"filter {width}", main)
        main.workplace.checklist.choose(Filter.ALL)
        main.workplace.panes.open_finding()
        main.workplace.panes.settle()
        walk.look(f"finding {width}", main)
    main.resize(1280, 800)
    for scheme in (Scheme.DARK, Scheme.LIGHT):
        parts.theme.set_scheme(scheme)
        walk.look(scheme.value, main)
    desk = parts.desk
    desk.nodes.add()
    walk.dialog("add node")
    desk.nodes.edit("worker-04")
    walk.dialog("edit node")
    desk.nodes.remove("worker-04")
    walk.dialog("remove node")
    desk.show_error(BadFile("node-list", "line 3: name", file="C:\\nodes.yaml"))
    walk.dialog("error")
    desk.open_report()
    walk.dialog("report")
    for node in ("worker-03", "worker-04"):
        desk.open_site(node)
        [site] = main.findChildren(SiteDialog)
        window.wait(lambda site=site: bool(site.findChildren(EvidenceTable)))
        for size in (site.size(), site.minimumSize()):
            site.resize(size)
            walk.look(f"site {node} {size.width()}", site)
        site.close()
        settle()
    desk.open_history()
    walk.dialog("history")
    CrashDialog("report", parts.theme, main).open()
    walk.dialog("crash")
    for node, fix in (("worker-05", "set-proxy-variables"), ("worker-02", "restart-flanneld")):
        desk.open_fix(node, fix)
        flow, dialog = desk.flow_of(node)
        window.wait(lambda flow=flow: flow.state.stage.value == "choose")
        walk.look(f"{fix} choose", dialog)
        flow.rehearse({**dict(flow.state.defaults), "HTTPS_PROXY": "http://proxy.plant.example:3128"})
        window.wait(lambda flow=flow: flow.state.stage.value == "review")
        dialog.resize(dialog.minimumSizeHint())
        walk.look(f"{fix} review", dialog)
        dialog._show_script()
        walk.look("script", dialog.findChild(ScriptDialog))
        dialog.findChild(ScriptDialog).close()
        dialog.close()
    for state in parts.fleet.states():
        parts.fleet.remove(state.node.name)
    walk.look("welcome", main)
    assert walk.wrong == {}
    assert main.findChildren(HistoryDialog) == []
    assert main.findChildren(ReportDialog) == []
