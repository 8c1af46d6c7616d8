"""The report in the window: read, copied and saved."""

from __future__ import annotations

import json
from pathlib import Path

from pages import clipboard
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit


def test_a_report_is_read_and_saved(start, tmp_path: Path) -> None:
    window = start()
    window.choose_node("worker-03")
    window.order("Scan again")
    window.wait_text("Scanned just now")
    window.click("Report…")
    report = window.dialog("Report")
    assert report.says("worker-03 · 127.0.0.1", "Source VIP belongs to this node's pod subnet")
    view = report.root.findChild(QPlainTextEdit)
    pieces = {line.partition("\t")[0] for line in view.toPlainText().splitlines() if "\t" in line}
    widest = max(view.fontMetrics().horizontalAdvance(piece) for piece in pieces)
    assert {"    Pass", "    Fail", "    Not applicable"} <= pieces
    assert widest < view.tabStopDistance() < 2 * widest, "one stop for all of them, whatever their letters are"
    report.click("Copy")
    assert "    Fail            " in clipboard()
    assert "\t" not in clipboard()
    report.choose("Nodes in the report", "All nodes")
    assert report.says("worker-02", "Not scanned yet.")
    for name, opening in (("all.txt", "worker-"), ("all.json", "{")):
        report.click("Save…")
        [chooser] = [one for one in report.root.findChildren(QFileDialog) if one.isVisible()]
        chooser.fileSelected.emit(str(tmp_path / name))
        chooser.close()
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(opening)
    document = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in document["nodes"]] == ["worker-03"]
    report.click("Close")
