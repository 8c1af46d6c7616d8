"""Writes pictures of the window: python tests/gui/take_screens.py FOLDER [FONT]. Look at them before a visible change."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from fake_fleet import NOW, FakeFleet, scanning, six_states  # noqa: E402
from PySide6.QtCore import QSettings  # noqa: E402
from PySide6.QtGui import QFont  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from checks.catalogue import load_catalogue  # noqa: E402
from gui.checklist_filter import Filter  # noqa: E402
from gui.icons import Icons  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402
from gui.state import NodeState, Phase  # noqa: E402
from gui.theme import Scheme, Theme  # noqa: E402
from gui.wording import Wording  # noqa: E402


def take(app: QApplication, out: Path, scheme: Scheme) -> None:
    theme = Theme(app, ROOT / "resources" / "theme", scheme)
    icons = Icons(ROOT / "resources" / "icons", theme)
    wording = Wording(load_catalogue(ROOT / "resources" / "catalogue"), lambda: NOW)
    states = six_states()
    fleet = FakeFleet(states)
    settings = QSettings(str(out / "none.ini"), QSettings.Format.IniFormat)
    window = MainWindow(fleet, wording, icons, theme, settings)
    window.resize(1280, 800)
    window.show()

    def shoot(name: str) -> None:
        for _ in range(5):
            app.processEvents()
        window.grab().save(str(out / f"{name}-{scheme.value}.png"))

    window.select_node("worker-03")
    shoot("stale")
    window.select_node("worker-01")
    shoot("dead")
    window.select_check("network.hns-network-exists")
    shoot("consequence")
    window.select_node("worker-04")
    shoot("unreachable")
    window.select_node("edge-1")
    window.checklist.choose(Filter.FAILS)
    shoot("no-fails")
    window.select_node("worker-03")
    fleet.put(scanning(states[2], 4))
    shoot("scanning")
    fleet.put(NodeState(states[2].node))
    shoot("never")
    fleet.put(NodeState(states[2].node, Phase.WAITING))
    shoot("waiting")
    fleet.put(states[2])
    window.resize(900, 700)
    shoot("narrow")
    window.select_check("flannel.source-vip")
    window.panes.open_finding()
    window.panes.settle()
    shoot("narrow-finding")
    window.resize(1000, 800)
    shoot("thousand")
    window.resize(1280, 800)
    fleet.put_all(())
    shoot("welcome")
    window.close()
    window.deleteLater()
    theme.deleteLater()
    app.processEvents()


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    app.setFont(QFont(sys.argv[2] if len(sys.argv) > 2 else "Noto Sans", 10))
    for scheme in (Scheme.LIGHT, Scheme.DARK):
        take(app, out, scheme)


if __name__ == "__main__":
    main()
