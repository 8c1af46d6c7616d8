"""Start to first painted window against an empty PySide6 window: programs started in turn, medians and their ratio.

python installer/run.py exec tests/bench/bench_start.py [ROUNDS]

Two pictures. The first is the window itself, where it stood and in its colour of last time, and still empty: it tells
that the start was heard, and the bound is held against it. The second is the window that stays, with nothing to come but
what scans find: bar with buttons and search, the node list with every node's name, address and "waiting", the chosen
node's head and page, the finding's page, the line at the foot; dressed in the theme, with its icons. Menus that are closed,
rows of findings, dialogs, words of checks and the rules are not in it and are loaded beside it afterwards.

Started as `python -m gui` starts it, not for the first time: the modules are compiled, and what the unchanged node list
came to is kept. The empty PySide6 window has a frame and nothing in it: no text (so no font is opened), no style sheet, no
colour.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from table import milliseconds, ratio, show, side_by_side  # noqa: E402

BOUND = "1.50"
EMPTY = """
import os
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, lambda: os._exit(0))
app = QApplication([])
window = Window()
window.resize(1280, 800)
window.show()
app.exec()
"""
OURS = """
import os, sys
from gui import __main__, main_window, start
last = sys.argv[3] == "last"
class Window(main_window.MainWindow):
    def __init__(self, settings):
        super().__init__(settings)
        if not last:
            self.appeared.connect(lambda: os._exit(0))
    def fill(self, workplace):
        super().fill(workplace)
        workplace.first_painted.connect(lambda: os._exit(0))
start.MainWindow = Window
sys.exit(__main__.main(["nodepane", "--nodes", sys.argv[1], "--data", sys.argv[2]]))
"""
GROUND = """
from pathlib import Path
import sys
from PySide6.QtCore import QSettings
from gui.main_window import SETTINGS
QSettings(str(Path(sys.argv[1]) / SETTINGS), QSettings.Format.IniFormat).setValue("window/ground", "#ffffff")
"""


def start(code: str, *words: str) -> None:
    """One program from its start to its end, which is its first picture."""
    # Compiled once, as an installed program is.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, env=environment, check=True, capture_output=True)


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        nodes = Path(folder) / "nodes.yaml"
        listed = "\n".join(f"  - {{name: worker-{n:02}, address: 192.0.2.{n}, user: me}}" for n in range(1, 7))
        nodes.write_text(f"nodes:\n{listed}\n", encoding="utf-8")
        start(GROUND, folder)
        ways = (
            lambda: start(EMPTY),
            lambda: start(OURS, str(nodes), folder, "first"),
            lambda: start(OURS, str(nodes), folder, "last"),
        )
        for way in ways:
            way()
        empty, first, last = side_by_side(rounds, *ways)
    rows = [
        ["what", "ms: median (min–max)", "of empty", "bound"],
        ["empty PySide6 window", milliseconds(empty), "1.00", ""],
        ["Nodepane: the window, empty", milliseconds(first), ratio(first, empty), BOUND],
        ["Nodepane: filled, with six nodes", milliseconds(last), ratio(last, empty), ""],
    ]
    show(f"Start to first painted window, {rounds} rounds in turn", rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
