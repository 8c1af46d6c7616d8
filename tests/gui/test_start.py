"""The start: an empty window at once, in last time's place and colour; then what fills it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from closing import close_parts
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from gui.app import build
from gui.main_window import SETTINGS, MainWindow
from gui.start import options_of

ROOT = Path(__file__).resolve().parents[2]
NODES = "nodes:\n  - {name: worker-01, address: 192.0.2.1, user: me}\n"
SECRET = "s3cret"
WATCH = """
import sys
from PySide6.QtCore import QTimer
from gui import main_window, start

class Window(main_window.MainWindow):
    def __init__(self, settings):
        super().__init__(settings)
        self.appeared.connect(lambda: print("appeared", self.centralWidget(), "gui.workplace" in sys.modules, flush=True))
    def fill(self, workplace):
        super().fill(workplace)
        workplace.first_painted.connect(lambda: print("filled", workplace.current_node, flush=True))
        workplace.first_painted.connect(lambda: QTimer.singleShot(0, self.close))

start.MainWindow = Window
"""
GO = "sys.exit(start.main(['nodepane', '--nodes', sys.argv[1], '--data', sys.argv[2]]))"


def program(folder: Path, more: str = "") -> subprocess.CompletedProcess[str]:
    nodes = folder / "nodes.yaml"
    nodes.write_text(NODES, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-c", f"{WATCH}\n{more}\n{GO}", str(nodes), str(folder / "data")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        timeout=120,
    )


def settings_of(folder: Path) -> QSettings:
    return QSettings(str(folder / SETTINGS), QSettings.Format.IniFormat)


def test_the_window_appears_before_what_fills_it_is_loaded(tmp_path: Path):
    done = program(tmp_path)
    assert (done.returncode, done.stdout.split("\n")) == (
        0,
        ["appeared None False", "filled worker-01", ""],
    ), done.stderr
    assert QColor(str(settings_of(tmp_path / "data").value("window/ground"))).isValid()


def test_a_fault_before_there_is_anything_to_show_ends_the_program(tmp_path: Path):
    done = program(
        tmp_path, f"import gui.app\ndef fall(*_, **__): raise ValueError('http://me:{SECRET}@x')\ngui.app.build = fall"
    )
    assert done.returncode == 1
    assert "ValueError" in done.stderr
    log = (tmp_path / "data" / "logs" / "nodepane.log").read_text(encoding="utf-8")
    assert "ValueError" in log
    assert SECRET not in done.stderr + log


def test_an_empty_window_has_the_colour_and_place_of_last_time(qtbot, tmp_path: Path):
    settings = settings_of(tmp_path)
    before = MainWindow(settings)
    before.setGeometry(30, 40, 600, 500)
    settings.setValue("window/geometry", before.saveGeometry())
    settings.setValue("window/ground", "#123456")
    window = MainWindow(settings)
    with qtbot.waitSignal(window.appeared):
        window.show()
    assert window.size() == before.size()
    assert window.grab().toImage().pixelColor(300, 200) == QColor("#123456")
    window.close()
    assert settings.value("window/ground") == "#123456", "an empty window has nothing to say of it"
    for one in (before, window):
        one.deleteLater()


def test_the_next_empty_window_has_the_colour_that_was_closed(start, tmp_path: Path):
    grounds: set[str] = set()
    for theme in ("light", "dark"):
        window = start("--data", str(tmp_path), "--theme", theme)
        image = window.window.grab().toImage()
        width, height = image.width(), image.height()
        seen = Counter(image.pixelColor(x, y).name() for x in range(0, width, 20) for y in range(0, height, 20))
        window.window.close()
        ground = QColor(str(settings_of(tmp_path).value("window/ground"))).name()
        assert ground == seen.most_common(1)[0][0], "most of the window"
        grounds.add(ground)
    assert len(grounds) == 2


def test_the_first_full_picture_is_laid_out(qtbot, qapp, tmp_path: Path):
    nodes = tmp_path / "nodes.yaml"
    nodes.write_text(NODES, encoding="utf-8")
    window = MainWindow(None)
    with qtbot.waitSignal(window.appeared):
        window.show()
    parts = build(qapp, options_of(["--nodes", str(nodes), "--data", str(tmp_path)]), window=window)
    assert parts.window is window
    with qtbot.waitSignal(window.workplace.first_painted):
        pass
    parts_seen = window.workplace.findChildren(QWidget)
    first = [(one, one.geometry()) for one in parts_seen if one.isVisible()]
    window.workplace.settle()
    qtbot.wait(50)
    assert len(first) > 20
    assert [one.geometry() for one, _ in first] == [place for _, place in first]
    close_parts(parts)
