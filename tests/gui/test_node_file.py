"""The node list's file: kept in the person's folder, imported, and never overwritten where it is wrong."""

from __future__ import annotations

from pathlib import Path

from pages import LIMIT_MS, clipboard
from PySide6.QtWidgets import QFileDialog

from gui.state import Phase


def test_a_node_list_is_kept_in_the_persons_folder(start, tmp_path: Path) -> None:
    window = start("--data", str(tmp_path / "kept"))
    assert window.says("No nodes yet")
    window.click("Add node…")
    dialog = window.dialog("Add a node")
    dialog.type("Name", "away")
    dialog.type("Address", "127.0.0.1")
    dialog.type("Port", "1")
    dialog.type("User", "admin")
    dialog.tick("Keep the password in this computer's keyring", on=False)
    dialog.type("Password", "only in memory")
    dialog.click("Add node")
    window.wait(lambda: window.parts.fleet.state("away").phase is Phase.FAILED)
    written = (tmp_path / "kept" / "nodes.yaml").read_text(encoding="utf-8")
    assert "name: away" in written
    assert "only in memory" not in written
    again = start("--data", str(tmp_path / "kept"))
    assert again.node_names() == ["away"]


def test_an_import_says_line_and_key_of_what_is_wrong(start, tmp_path: Path, resources) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("nodes:\n  - name: a\n    address: 10.0.0.1\n    prot: 5985\n", encoding="utf-8")
    window = start()
    window.order("Import a node list…")
    [chooser] = [one for one in window.window.findChildren(QFileDialog) if one.isVisible()]
    chooser.fileSelected.emit(str(wrong))
    chooser.close()
    error = window.dialog("Nodepane")
    error.wait_text("wrong.yaml is not right.", "line 4", "prot", "port")
    error.click("Copy for support")
    assert "line 4" in clipboard()
    error.click("Close")
    assert len(window.node_names()) == len(list((resources / "demo").glob("*.yaml")))


def test_an_import_leaves_known_nodes_as_they_are(start, tmp_path: Path) -> None:
    right = tmp_path / "more.yaml"
    text = "nodes:\n  - {name: worker-01, address: 10.9.9.9}\n  - {name: extra-1, address: 10.9.9.8, group: Line C}\n"
    right.write_text(text, encoding="utf-8")
    window = start()
    window.parts.desk.nodes.import_nodes(str(right))
    window.wait(lambda: "extra-1" in window.node_names(), LIMIT_MS)
    assert window.says("1 node added. In the list already: worker-01.")
    assert window.parts.fleet.state("worker-01").node.address == "127.0.0.1"


def test_a_node_list_that_is_wrong_at_start_is_never_overwritten(start, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "nodes.yaml").write_text("nodes:\n  - name: [1]\n", encoding="utf-8")
    window = start("--data", str(folder))
    assert window.parts.load_error is not None
    window.parts.desk.show_error(window.parts.load_error)
    window.dialog("Nodepane").wait_text("nodes.yaml is not right.", "line 2")
    window.parts.desk.nodes.import_nodes(str(folder / "none.yaml"))
    assert (folder / "nodes.yaml").read_text(encoding="utf-8") == "nodes:\n  - name: [1]\n"
