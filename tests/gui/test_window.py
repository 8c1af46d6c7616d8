"""The window on nodes in memory: what it shows, and what it asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fake_fleet import done, healthy, scanning, six_states, stale
from pages import Window, clipboard
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from checks.node import Node
from gui.flow_text import FlowText
from gui.state import NodeState, Phase

VIP = "Source VIP belongs to this node's pod subnet"


def test_worst_node_first_and_its_worst_finding_told(fake: Window) -> None:
    assert fake.node_names() == ["worker-01", "worker-03", "worker-04", "worker-02", "edge-1", "edge-2"]
    fake.choose_node("worker-03")
    fake.wait_text(VIP, "192.168.5.2", "What breaks", "C:\\k\\sourceVip.json", "Remove stale subnet files…")
    assert fake.node_spoken("worker-03") == "worker-03, Fail, fails: 1, warnings: 1, 10.2.0.13 · 2019 · overlay"


def test_a_consequence_stands_under_its_cause_and_is_not_counted(fake: Window) -> None:
    fake.choose_node("worker-01")
    titles = fake.titles()
    cause = titles.index("flanneld runs and keeps its lease")
    assert titles[cause + 1 : cause + 3] == ["Pod network exists with the right type", "subnet.env exists and is whole"]
    assert fake.says("Fails 1")
    fake.choose_check("subnet.env exists and is whole")
    fake.click("Follows from: flanneld runs and keeps its lease")
    assert fake.window.workplace.checklist.current_check == "flannel.flanneld-runs"


def test_filters_and_the_way_back(fake: Window) -> None:
    fake.choose_node("worker-03")
    fake.click("Show: Fails 1")
    assert fake.titles() == [VIP]
    fake.click("Show: Can be fixed 2")
    assert len(fake.titles()) == 2
    fake.choose_node("edge-1")
    assert len(fake.titles()) == 9, "another node is shown whole"
    fake.click("Show: Unknown 0")
    assert fake.says("Nothing here with this filter", "edge-1 has 9 checks in all.")
    fake.click("Show everything")
    assert len(fake.titles()) == 9


def test_search_finds_nodes_and_checks(fake: Window) -> None:
    fake.type("Find a node or check", "edge")
    assert fake.node_names() == ["edge-1", "edge-2"]
    fake.press(Qt.Key.Key_Escape)
    assert len(fake.node_names()) == 6
    fake.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    fake.type("Find a node or check", "subnet.env")
    assert "subnet.env exists and is whole" in fake.titles()
    assert len(fake.titles()) < 9
    fake.type("Find a node or check", "nothing of that name")
    assert fake.says("No check holds “nothing of that name”")
    fake.click("Show everything")
    assert fake.field("Find a node or check").text() == ""


def test_rows_keep_their_places_while_a_scan_fills_them(fake: Window) -> None:
    state = done(Node("worker-03", "10.2.0.13", group="Line A"), stale(), "Server 2019", "SDN scripts, overlay")
    fake.choose_node("worker-03")
    fake.put(NodeState(state.node, Phase.WAITING))
    assert fake.says("worker-03 is waiting for its turn")
    fake.put(scanning(state, 1))
    places = fake.places()
    assert len(places) == 9
    for judged in range(2, 9):
        fake.put(scanning(state, judged))
        assert fake.places() == places
        assert sum(verdict != "" for verdict in fake.verdicts().values()) == judged
        assert fake.says(f"Scanning now: {9 - judged} checks to go")
    fake.put(state)
    assert "" not in fake.verdicts().values()


def test_the_chosen_row_stays_chosen_when_the_worst_goes_up(fake: Window) -> None:
    fake.choose_node("worker-02")
    fake.choose_check("kubelet runs")
    before = fake.fleet.states()[1]
    fake.put(scanning(before, 9))
    fake.put(replace(before, findings=stale()))
    assert fake.window.workplace.checklist.current_check == "node.kubelet-runs"
    assert fake.node_names()[:3] == ["worker-01", "worker-02", "worker-03"]
    assert fake.window.workplace.current_node == "worker-02"


def test_an_unreachable_node_tells_why_and_what_to_do(fake: Window) -> None:
    fake.choose_node("worker-04")
    assert fake.says(
        "worker-04 refused the connection on port 5985.", "nothing listens on this port", "winrm quickconfig"
    )
    assert fake.says("No findings", "They come once worker-04 can be read.")
    fake.click("Details")
    assert fake.says("[Errno 111]")
    fake.click("Copy for support")
    assert "winrm quickconfig" in clipboard()
    assert "[Errno 111]" in clipboard()
    scan_buttons = [
        one for one in fake.window.findChildren(QPushButton) if one.text() == "Scan again" and one.isVisible()
    ]
    [filled] = [one for one in scan_buttons if one.property("primary")]
    fake.qtbot.mouseClick(filled, Qt.MouseButton.LeftButton)
    assert fake.fleet.orders == [("scan", "worker-04")]


@pytest.mark.parametrize("node", ["worker-01", "worker-02", "worker-04"])
@pytest.mark.parametrize("width", [1280, 900])
def test_one_filled_button_at_a_time(fake: Window, node: str, width: int) -> None:
    fake.window.resize(width, 700)
    fake.choose_node(node)
    filled = [
        one.text() for one in fake.window.findChildren(QPushButton) if one.isVisible() and one.property("primary")
    ]
    assert len(filled) == 1


def test_nothing_is_empty_without_words(fake: Window) -> None:
    node = fake.fleet.states()[2].node
    fake.choose_node("worker-03")
    for state, words in (
        (NodeState(node), "worker-03 has not been scanned yet"),
        (NodeState(node, Phase.CANCELLED), "The scan was stopped"),
        (NodeState(node, Phase.SCANNING), "Reading worker-03"),
        (NodeState(node, Phase.DONE), "No checks"),
    ):
        fake.put(state)
        assert fake.says(words)
    fake.put_all(())
    assert fake.says("No nodes yet", "Open the demo", "Add node…", "Import a node list…")


def test_orders_reach_the_fleet(fake: Window) -> None:
    fake.choose_node("edge-2")
    fake.click("Scan all")
    fake.press(Qt.Key.Key_F5)
    state = fake.fleet.states()[5]
    fake.put(replace(state, phase=Phase.SCANNING))
    fake.click("Stop")
    fake.click("Stop all")
    assert fake.fleet.orders == [("scan_all",), ("scan", "edge-2"), ("cancel", "edge-2"), ("cancel_all",)]


def test_a_narrow_window_lays_the_finding_over_the_checklist(fake: Window) -> None:
    fake.window.resize(900, 700)
    fake.choose_node("worker-03")
    assert not fake.says("What we saw")
    fake.choose_check(VIP)
    fake.wait_text("What we saw", "192.168.5.2")
    fake.window.workplace.panes.settle()
    fake.click("Back to the checklist")
    assert not fake.says("What we saw")
    assert fake.window.workplace.checklist.view.hasFocus()


def test_the_whole_flow_by_keyboard(fake: Window) -> None:
    fake.window.activateWindow()
    fake.window.workplace.nodes.setFocus()
    fake.press(Qt.Key.Key_Down)
    assert fake.window.workplace.current_node == "worker-03"
    fake.press(Qt.Key.Key_F6)
    assert fake.window.workplace.checklist.view.hasFocus()
    fake.press(Qt.Key.Key_Return)
    wanted: list[tuple[str, str]] = []
    fake.window.workplace.orders.fix_requested.connect(lambda node, fix: wanted.append((node, fix)))
    assert fake.button("Remove stale subnet files…").hasFocus()
    fake.press(Qt.Key.Key_Space)
    assert wanted == [("worker-03", "remove-stale-subnet-files")]
    fake.press(Qt.Key.Key_Escape)
    assert fake.window.workplace.checklist.view.hasFocus()


def test_a_stopped_scan_is_begun_again_from_the_page(fake: Window) -> None:
    fake.choose_node("worker-03")
    node = fake.fleet.states()[2].node
    fake.put(NodeState(node, Phase.WAITING))
    fake.put(NodeState(node, Phase.CANCELLED))
    [page] = [
        one
        for one in fake.window.findChildren(QPushButton)
        if one.text() == "Scan again" and one.isVisible() and one.property("primary")
    ]
    assert page.isEnabled()
    page.click()
    assert ("scan", "worker-03") in fake.fleet.orders


def test_what_a_person_may_want_to_send_is_copied(fake: Window) -> None:
    fake.choose_node("worker-03")
    fake.click("Copy the whole finding as text")
    assert all(word in clipboard() for word in ("[Fail]", VIP, "worker-03 (10.2.0.13)", "C:\\k\\sourceVip.json"))
    fake.order("Copy row")
    assert clipboard().startswith("[Fail] ")
    fake.order("Copy address")
    assert clipboard() == "10.2.0.13"


def test_colours_change_while_the_window_is_open(fake: Window) -> None:
    def ground() -> str:
        return fake.window.grab().toImage().pixelColor(fake.window.width() // 2, fake.window.height() - 200).name()

    fake.choose_node("worker-04")
    assert ground() == "#ffffff"
    fake.order("Dark")
    assert ground() == "#1b1f24"
    assert fake.theme.is_dark
    fake.order("Light")
    assert ground() == "#ffffff"


def test_by_hand_and_learn_more(fake: Window) -> None:
    fake.choose_node("worker-03")
    fake.click("Check by hand")
    assert fake.find(QPushButton, "Learn more").toolTip().startswith("https://")
    assert fake.window.workplace.finding.findChild(FlowText, "help").isVisible()


def test_the_window_remembers_its_place(start, tmp_path: Path) -> None:
    words = ("--data", str(tmp_path / "kept"))
    first = start(*words)
    first.window.workplace.panes.splitter.setSizes([300, 500, 478])
    sizes = first.window.workplace.panes.splitter.sizes()
    first.window.resize(720, 610)
    first.window.close()
    second = start(*words, resize=False)
    assert (second.window.width(), second.window.height()) == (720, 610)
    second.window.resize(1280, 800)
    assert second.window.workplace.panes.splitter.sizes() == sizes


def test_a_healthy_node_offers_nothing_to_repair(fake: Window) -> None:
    fake.put(done(fake.fleet.states()[4].node, healthy(), "Server 2022", "HostProcess, l2bridge"))
    fake.choose_node("edge-1")
    assert not any("…" in text for text in fake.buttons() if text not in ("Add node…", "Report…"))


def test_times_are_relative_and_exact_in_the_tool_tip(fake: Window) -> None:
    fake.choose_node("worker-03")
    told = [
        one for one in fake.window.findChildren(FlowText) if one.toPlainText().startswith("Scanned 12 s ago in 1.4 s")
    ]
    assert told[0].toPlainText().endswith("one PowerShell, 3 requests")
    assert ":12:18" in told[0].toolTip()


def test_a_node_that_was_never_scanned_is_not_scanned_again(fake: Window) -> None:
    fake.choose_node("worker-03")
    fake.put(NodeState(fake.fleet.states()[2].node))
    assert fake.says("worker-03 has not been scanned yet")
    fake.click("Scan this node")
    assert ("scan", "worker-03") in fake.fleet.orders


def test_a_check_that_is_still_awaited_is_not_called_unchosen(fake: Window) -> None:
    fake.choose_node("worker-03")
    fake.put(scanning(fake.fleet.states()[2], 4))
    fake.choose_check("Source VIP belongs to this node's pod subnet")
    assert fake.says("Not answered yet", "“Source VIP belongs to this node's pod subnet”: what was found")
    fake.put(six_states()[2])
    assert not fake.says("Not answered yet")
