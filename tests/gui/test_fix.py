"""Guided fixes through their dialogs, on the demo's nodes: nothing is done that was not read and confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixing import MACHINE, PROXY, SECRET, SECRET_PROXY, VERBS, bad, open_fix, receipts_folder, review_proxy, scan
from pages import Page, clipboard
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from gui.script_dialog import ScriptDialog
from gui.state import Phase


@pytest.mark.parametrize(
    ("node", "fix"),
    [
        ("worker-05", "set-proxy-variables"),
        ("worker-03", "remove-stale-subnet-files"),
        ("worker-02", "restart-flanneld"),
    ],
)
def test_a_fix_turns_its_node_green_and_is_undone(start, quick, node: str, fix: str) -> None:
    window = start()
    scan(window, node)
    ill = bad(window, node)
    assert ill
    dialog = open_fix(window, node, fix)
    dialog.wait(lambda: "Review the plan" in dialog.buttons() or VERBS[fix] in dialog.buttons())
    if "Review the plan" in dialog.buttons():
        if fix == "set-proxy-variables":
            dialog.type("Proxy for HTTPS (images are pulled over HTTPS)", PROXY)
        dialog.click("Review the plan")
    dialog.wait_text("Can be undone.", "Nothing on the node has been changed so far.", "1 · ")
    dialog.wait(dialog.button("Cancel").hasFocus)
    if fix == "restart-flanneld":
        assert not dialog.button(VERBS[fix]).isEnabled()
        dialog.type("Name of the node", "worker-03")
        assert not dialog.button(VERBS[fix]).isEnabled()
        dialog.type("Name of the node", node)
    dialog.click(VERBS[fix])
    dialog.wait_text("Fixed.", "Receipt ")
    window.wait(lambda: window.parts.fleet.state(node).phase is Phase.DONE and not bad(window, node))
    window.wait_text("Journal: 1 change, can be undone")
    dialog.click(f"Undo on {node}")
    dialog.wait_text("Undone.", "put back")
    window.wait(lambda: window.parts.fleet.state(node).phase is Phase.DONE and bool(bad(window, node)))
    window.wait_text("Journal: 1 change, none to undo")
    assert bad(window, node) <= ill
    dialog.click("Close")


def test_enter_confirms_nothing(start) -> None:
    window = start()
    scan(window, "worker-05")
    dialog = review_proxy(window)
    confirm = dialog.button(VERBS["set-proxy-variables"])
    assert not confirm.isDefault()
    confirm.setFocus()
    dialog.press(Qt.Key.Key_Return)
    dialog.press(Qt.Key.Key_Enter)
    assert dialog.says("Nothing on the node has been changed so far.")
    dialog.button("Cancel").setFocus()
    dialog.press(Qt.Key.Key_Return)
    assert not dialog.root.isVisible()
    assert window.parts.receipts().all() == ()


def test_values_are_checked_while_they_are_typed_and_kept(start) -> None:
    window = start()
    scan(window, "worker-05")
    dialog = open_fix(window, "worker-05", "set-proxy-variables")
    dialog.wait_text("Proxy for HTTPS")
    name = "Proxy for HTTPS (images are pulled over HTTPS)"
    dialog.type(name, "proxy")
    assert dialog.says("It has to start with http:// or https://.")
    assert not dialog.button("Review the plan").isEnabled()
    dialog.type(name, PROXY)
    assert ".svc" in dialog.field("Reached without the proxy").text()
    dialog.press(Qt.Key.Key_Return)
    dialog.wait_text("What stops, and for how long.", f"+ {PROXY}")
    dialog.click("Change values")
    assert dialog.field(name).text() == PROXY
    dialog.click("Cancel")


def test_a_password_in_the_proxy_address_is_shown_nowhere(start, quick, tmp_path: Path, monkeypatch) -> None:
    window = start()
    scan(window, "worker-05")
    dialog = review_proxy(window, SECRET_PROXY)
    assert dialog.says("The address holds a password.", "http://plant:***@proxy.plant.example:3128")
    assert SECRET not in dialog.texts()
    dialog.click("Show the script")
    script = Page(dialog.qtbot, next(one for one in dialog.root.findChildren(ScriptDialog) if one.isVisible()))
    assert SECRET not in script.texts()
    script.click("Copy the script")
    assert SECRET not in clipboard()
    script.click("Close")
    dialog.click(VERBS["set-proxy-variables"])
    dialog.wait_text("Fixed.", "What the plan warned of is left: The address holds a password.", "Receipt ")
    assert SECRET not in dialog.texts()
    window.wait(lambda: "node.proxy-variables" in bad(window, "worker-05") and not window.says("Stop all"))
    window.choose_check("Daemons use the right proxy variables")
    window.wait_text("http://plant:***@")
    window.click("Copy the whole finding as text")
    assert "***" in clipboard()
    assert SECRET not in clipboard() + window.texts()
    window.click("History")
    history = window.dialog("History")
    history.wait_text("Applied: ")
    history.click("Copy")
    assert SECRET not in clipboard() + history.texts()
    history.click("Close")
    window.click("Report…")
    report = window.dialog("Report")
    report.click("Copy")
    assert SECRET not in clipboard()
    report.click("Close")
    kept = b"".join(path.read_bytes() for path in receipts_folder(window).rglob("*") if path.is_file())
    assert b"***" in kept
    assert SECRET.encode() not in kept
    dialog.click("Close")


def test_the_exact_script_can_be_read_and_saved(start, tmp_path: Path) -> None:
    window = start()
    scan(window, "worker-05")
    dialog = review_proxy(window)
    dialog.click("Save as .ps1…")
    [chooser] = [one for one in dialog.root.findChildren(QFileDialog) if one.isVisible()]
    chooser.fileSelected.emit(str(tmp_path / "saved.ps1"))
    chooser.close()
    text = window.parts.desk.flow_of("worker-05")[0].script_text()
    assert (tmp_path / "saved.ps1").read_bytes() == b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    dialog.wait_text("Saved: ")
    dialog.click("Cancel")


def test_a_change_under_way_is_hidden_not_stopped(start, quick) -> None:
    window = start(latency_ms=60)
    scan(window, "worker-05")
    dialog = review_proxy(window)
    dialog.click(VERBS["set-proxy-variables"])
    dialog.click("Hide")
    assert not dialog.root.isVisible()
    window.parts.desk.open_fix("worker-05", "set-proxy-variables")
    assert dialog.root.isVisible(), "the same change is shown, not a second one"
    dialog.wait_text("Fixed.")
    assert len(window.parts.receipts().all()) == 1
    dialog.click("Close")


def test_closing_the_window_during_a_change_is_safe(start, quick) -> None:
    window = start(latency_ms=100)
    scan(window, "worker-05")
    dialog = review_proxy(window)
    dialog.click(VERBS["set-proxy-variables"])
    state = next(one.state for one in window.parts.demo.site.nodes if one.name == "worker-05")
    window.window.close()
    window.parts.close()
    assert state.registry.text(MACHINE, "HTTPS_PROXY") == PROXY, "the node ends what was sent"


def test_the_journal_leads_back(start, quick) -> None:
    window = start()
    scan(window, "worker-05")
    dialog = review_proxy(window)
    dialog.click(VERBS["set-proxy-variables"])
    dialog.wait_text("Fixed.")
    dialog.click("Close")
    window.click("History")
    history = window.dialog("History")
    history.wait_text("Journal: 1 change, can be undone", "Applied: fixed.", PROXY, "Receipt ")
    history.click("Undo on worker-05…")
    undo = window.dialog("Set proxy variables on worker-05")
    undo.click("Undo on worker-05")
    undo.wait_text("Undone.")
    history.wait_text("Undo: undone.", "none to undo")
    assert "Undo on worker-05…" not in history.buttons()
    undo.click("Close")
    history.click("Close")
    window.wait(lambda: window.parts.fleet.state("worker-05").phase is Phase.DONE)
    window.order("Undo the last change…")
    window.wait_text("Nothing to undo on worker-05.")
