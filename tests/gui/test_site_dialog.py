"""What is known of a node's cluster, layout and paths, in the window: reached, read, copied, followed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pages import Page, Window, clipboard
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtWidgets import QMenu, QScrollArea

from checks.node import Typed
from gui.evidence_table import EvidenceRow, EvidenceTable
from gui.site_dialog import SiteDialog
from gui.state import NodeState, Phase

TITLE = "worker-03: cluster, layout and paths"


def opened(window: Window, title: str = TITLE) -> Page:
    dialog = window.dialog(title)
    dialog.wait(lambda: bool(dialog.root.findChildren(EvidenceTable)))
    return dialog


@pytest.fixture(autouse=True)
def menus(monkeypatch) -> None:
    """A menu that pops up warns where there is no screen; its entries are there all the same."""
    monkeypatch.setattr(QMenu, "popup", lambda *_: None)


@pytest.fixture
def window(start) -> Window:
    window = start()
    window.choose_node("worker-03")
    return window


def scan(window: Window, name: str = "worker-03") -> None:
    window.parts.fleet.scan(name)
    window.wait(lambda: window.parts.fleet.state(name).phase is Phase.DONE)
    window.rest()


def test_it_is_reached_by_key_menu_and_head(window: Window) -> None:
    scan(window)

    def close() -> None:
        opened(window).press(Qt.Key.Key_Escape)
        window.wait(lambda: not window.has_dialog(TITLE))

    window.window.workplace.nodes.setFocus()
    window.press(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    close()
    window.window.workplace.checklist.head._headline.anchorClicked.emit(QUrl("node-site"))
    close()
    head = [action.text() for action in window.window.workplace.checklist.head._more.menu().actions()]
    assert "Cluster and paths…" in head
    row = window.window.workplace.nodes.visualRect(window.window.workplace.nodes.currentIndex()).center()
    window.window.workplace.nodes.customContextMenuRequested.emit(row)
    [menu] = window.window.workplace.nodes.findChildren(QMenu)
    [entry] = [one for one in menu.actions() if one.text() == "Cluster and paths…"]
    entry.trigger()
    close()


def test_values_stand_beside_where_they_come_from(window: Window) -> None:
    fleet = window.parts.fleet
    node = fleet.state("worker-03").node
    fleet.replace("worker-03", replace(node, cluster=(Typed("no_proxy", ".svc", "group"),)))
    scan(window)
    window.order("Cluster and paths…")
    dialog = opened(window)
    assert dialog.says("Cluster", "Layout", "Files and folders", "Services and names")
    assert dialog.says("10.244.0.0/16", r"found on the node: C:\run\flannel\subnet.env")
    assert dialog.says(".svc", "typed in the node list, for its group")
    assert dialog.says("None is set: neither for the container runtime's service nor for the machine.")
    assert dialog.says("SDN scripts (sdn-nssm)", "Scanned just now")
    names = [one.accessibleName() for one in dialog.root.findChildren(EvidenceTable)]
    assert names == ["Cluster", "Layout", "Files and folders", "Services and names"]
    dialog.click("Copy")
    assert dialog.says("Copied.")
    assert r"pods (cluster CIDR): 10.244.0.0/16 — found on the node: C:\run\flannel\subnet.env" in clipboard()
    table = dialog.root.findChildren(EvidenceTable)[0]
    row = table.layout().itemAt(0).widget()
    row.customContextMenuRequested.emit(QPoint(2, 2))
    [menu] = row.findChildren(QMenu)
    next(one for one in menu.actions() if one.text() == "Copy value").trigger()
    assert clipboard() == "10.244.0.0/16"
    dialog.click("Close")


def test_of_a_node_that_was_not_scanned_it_says_so_and_follows(window: Window) -> None:
    window.order("Cluster and paths…")
    dialog = opened(window)
    assert dialog.says("Not scanned yet.", "Not scanned yet, and not typed in the node list.")
    assert not dialog.says("Files and folders")
    scan(window)
    dialog.wait_text("10.244.0.0/16", "Files and folders", "Scanned just now")
    dialog.click("Close")


def test_rows_stay_and_are_filled_anew(window: Window) -> None:
    scan(window)
    window.order("Cluster and paths…")
    dialog = opened(window)
    dialog.wait_text("Services and names")
    rows = dialog.root.findChildren(EvidenceRow)
    fleet = window.parts.fleet
    node = replace(fleet.state("worker-03").node, cluster=(Typed("dns_service", "10.96.0.99", "node"),))
    dialog.root.take_states((NodeState(node),))
    dialog.wait_text("10.96.0.99", "Not scanned yet, and not typed in the node list.")
    assert not dialog.says("Files and folders")
    fleet.replace("worker-03", node)
    scan(window)
    dialog.wait_text("10.244.0.0/16", "the node itself shows 10.96.0.10", "Files and folders", "Services and names")
    assert dialog.root.findChildren(EvidenceRow) == rows
    tables = sorted(dialog.root.findChildren(EvidenceTable), key=lambda one: one.mapTo(dialog.root, QPoint()).y())
    assert [one.accessibleName() for one in tables] == ["Cluster", "Layout", "Files and folders", "Services and names"]
    dialog.click("Close")


def test_of_a_node_that_does_not_answer_every_value_says_why(window: Window) -> None:
    window.choose_node("worker-04")
    window.order("Scan again")
    window.wait(lambda: window.parts.fleet.state("worker-04").phase is Phase.FAILED)
    window.order("Cluster and paths…")
    dialog = opened(window, "worker-04")
    assert dialog.texts().count("The node could not be read, and it is not typed in the node list.") == 8
    dialog.click("Close")


def test_a_narrow_dialog_needs_no_bar_below(window: Window) -> None:
    scan(window)
    window.order("Cluster and paths…")
    dialog = opened(window)
    dialog.root.resize(dialog.root.minimumSize())
    window.qtbot.wait(20)
    area = dialog.root.findChild(QScrollArea)
    assert area.widget().minimumSizeHint().width() <= area.viewport().width()
    assert area.focusPolicy() & Qt.FocusPolicy.TabFocus, "arrow keys scroll it"
    dialog.click("Close")


def test_it_speaks_korean_after_the_switch(window: Window) -> None:
    scan(window)
    window.order("Cluster and paths…")
    opened(window).click("Close")
    window.parts.change_language("ko")
    korean = window.parts.window
    korean.workplace.settle()
    window.parts.desk.open_site("worker-03")
    [found] = korean.findChildren(SiteDialog)
    page = Page(window.qtbot, found)
    page.wait_text("worker-03: 클러스터, 구성 방식, 경로", r"노드에서 찾음: C:\run\flannel\subnet.env", "파일과 폴더")
    assert "클러스터…" in korean.workplace.checklist.head._headline.toPlainText()
    page.click("닫기")


def test_a_narrow_row_has_its_label_above_its_value(window: Window) -> None:
    scan(window)
    window.order("Cluster and paths…")
    dialog = opened(window)
    [row, *_] = dialog.root.findChildren(EvidenceRow)
    window.qtbot.waitUntil(lambda: row._label.geometry().right() < row._value.geometry().left())
    dialog.root.resize(dialog.root.minimumSize())
    window.qtbot.waitUntil(lambda: row._label.geometry().bottom() < row._value.geometry().top())
    assert row._value.width() > row.width() * 0.8
    dialog.root.resize(dialog.root.width() * 2, dialog.root.height())
    window.qtbot.waitUntil(lambda: row._label.geometry().right() < row._value.geometry().left())
    dialog.click("Close")


def test_a_typed_password_of_a_proxy_is_neither_shown_nor_copied(window: Window) -> None:
    fleet = window.parts.fleet
    node = fleet.state("worker-03").node
    fleet.replace("worker-03", replace(node, cluster=(Typed("proxy", "http://us:s3cret@proxy.example:3128", "list"),)))
    scan(window)
    window.order("Cluster and paths…")
    dialog = opened(window)
    assert dialog.says("http://us:***@proxy.example:3128")
    dialog.click("Copy")
    spoken = " ".join(one.accessibleName() for one in dialog.root.findChildren(EvidenceRow))
    assert "s3cret" not in dialog.texts() + clipboard() + spoken
    dialog.click("Close")
