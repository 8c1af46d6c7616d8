"""Writes pictures of every page and dialog: python tests/gui/take_screens.py FOLDER [en|ko] [FONT]. Look at them before a visible change."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # this folder is there, as that of the script

from fake_fleet import NOW, FakeFleet, scanning, six_states  # noqa: E402
from fix_screens import take_fixes  # noqa: E402
from PySide6.QtCore import QSettings  # noqa: E402
from PySide6.QtGui import QFont  # noqa: E402
from PySide6.QtWidgets import QApplication, QDialog  # noqa: E402
from studio import Studio  # noqa: E402

from checks.catalogue import load_catalogue  # noqa: E402
from checks.connect import ConnectStage, StageResult  # noqa: E402
from checks.errors import BadFile, CannotReachNode  # noqa: E402
from checks.fleet import FLEET_IDS  # noqa: E402
from gui.app import Parts, build  # noqa: E402
from gui.confirm_dialog import ConfirmDialog  # noqa: E402
from gui.connect_dialog import ConnectDialog  # noqa: E402
from gui.crash import report_of  # noqa: E402
from gui.crash_dialog import CrashDialog  # noqa: E402
from gui.evidence_table import EvidenceTable  # noqa: E402
from gui.filter_kind import Filter  # noqa: E402
from gui.help_dialog import HelpDialog  # noqa: E402
from gui.history_dialog import HistoryDialog  # noqa: E402
from gui.icons import Icons  # noqa: E402
from gui.language import Language  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402
from gui.report_dialog import ReportDialog  # noqa: E402
from gui.scheme import Scheme  # noqa: E402
from gui.site_dialog import SiteDialog  # noqa: E402
from gui.start import options_of  # noqa: E402
from gui.state import NodeState, Phase  # noqa: E402
from gui.theme import Theme  # noqa: E402
from gui.wording import Wording  # noqa: E402
from gui.workplace import Workplace  # noqa: E402


def take_pages(studio: Studio) -> None:
    app, scheme, out = studio.app, studio.scheme, studio.out
    theme = Theme(app, ROOT / "resources" / "theme", scheme)
    icons = Icons(ROOT / "resources" / "icons", theme)
    spoken = Language(app, ROOT / "resources" / "translations")
    spoken.speak(studio.language)
    wording = Wording(load_catalogue(ROOT / "resources" / "catalogue", studio.language), lambda: NOW)
    states = six_states()
    fleet = FakeFleet(states)
    settings = QSettings(str(out / "none.ini"), QSettings.Format.IniFormat)
    window = MainWindow(settings)
    window.fill(Workplace(fleet, wording, icons, theme, settings))
    window.resize(1280, 800)
    window.show()

    def shoot(name: str) -> None:
        studio.shoot(window, name)

    window.workplace.select_node("worker-03")
    shoot("stale")
    window.workplace.select_node("worker-01")
    shoot("dead")
    window.workplace.select_check("network.hns-network-exists")
    shoot("consequence")
    window.workplace.select_node("worker-04")
    shoot("unreachable")
    window.workplace.select_node("edge-1")
    window.workplace.checklist.choose(Filter.FAILS)
    shoot("no-fails")
    window.workplace.select_node("worker-03")
    fleet.put(scanning(states[2], 4))
    shoot("scanning")
    fleet.put(replace(states[2], pending=frozenset(FLEET_IDS)))
    shoot("comparing")
    fleet.put(NodeState(states[2].node))
    shoot("never")
    fleet.put(NodeState(states[2].node, Phase.WAITING))
    shoot("waiting")
    fleet.put(NodeState(states[2].node, Phase.CANCELLED))
    shoot("stopped")
    fleet.put(states[2])
    window.resize(900, 700)
    shoot("narrow")
    window.workplace.select_check("flannel.source-vip")
    window.workplace.panes.open_finding()
    window.workplace.panes.settle()
    shoot("narrow-finding")
    window.resize(window.minimumSize())
    shoot("smallest")
    window.resize(1000, 800)
    shoot("thousand")
    window.resize(1280, 800)
    fleet.put_all(())
    shoot("welcome")
    window.close()
    window.deleteLater()
    theme.deleteLater()
    spoken.speak("en")
    app.processEvents()


def take_dialogs(studio: Studio) -> None:
    """On the real demo site, through the window that a person has."""
    parts = build(studio.app, options_of(["--demo", "--theme", studio.scheme.value, "--language", studio.language]))
    parts.window.resize(1280, 800)
    parts.window.show()
    parts.fleet.scan_all()
    studio.wait(lambda: all(one.phase in (Phase.DONE, Phase.FAILED) for one in parts.fleet.states()))
    studio.wait(lambda: not any(one.pending for one in parts.fleet.states()))
    take_site(studio, parts)
    parts.desk.open_history()
    history = parts.window.findChild(HistoryDialog)
    studio.shoot(history, "history-empty")
    history.close()
    take_fixes(studio, parts)
    take_node_dialogs(studio, parts)
    take_messages(studio, parts)
    take_journal(studio, parts)
    studio.shoot(parts.window, "demo")
    parts.window.close()
    parts.close()
    parts.window.deleteLater()
    parts.theme.deleteLater()
    studio.app.processEvents()


def take_site(studio: Studio, parts: Parts) -> None:
    """The cluster, layout and paths of a node with a typed value, and of one that does not answer."""
    for node, size in (("worker-07", ""), ("worker-07", "tall"), ("worker-07", "smallest"), ("worker-04", "unread")):
        parts.desk.open_site(node)
        [dialog] = [one for one in parts.window.findChildren(SiteDialog) if one.isVisible()]
        studio.wait(lambda dialog=dialog: bool(dialog.findChildren(EvidenceTable)))
        if size == "tall":
            dialog.resize(dialog.width(), 1700)
        elif size == "smallest":
            dialog.resize(dialog.minimumSize())
        studio.shoot(dialog, f"site-{size}" if size else "site")
        dialog.close()


def take_node_dialogs(studio: Studio, parts: Parts) -> None:
    desk = parts.desk
    desk.nodes.add()
    [dialog] = [one for one in parts.window.findChildren(ConnectDialog) if one.isVisible()]
    studio.shoot(dialog, "node-add")
    dialog.form.port.setText("x")
    dialog._on_save()
    studio.shoot(dialog, "node-add-wrong")
    dialog.close()
    desk.nodes.edit("worker-07")
    [dialog] = [one for one in parts.window.findChildren(ConnectDialog) if one.isVisible()]
    dialog.form.host.setText("hv 01")
    dialog._on_save()
    studio.shoot(dialog, "node-host")
    dialog.close()
    desk.nodes.edit("worker-04")
    [dialog] = [one for one in parts.window.findChildren(ConnectDialog) if one.isVisible()]
    dialog.form.https.setChecked(True)
    stages = tuple(ConnectStage)
    dialog.stages.begin(stages)
    dialog.stages.add(StageResult(stages[0], "10.2.0.14", 0.003))
    studio.shoot(dialog, "node-testing")
    error = CannotReachNode(
        "connection-refused", "[Errno 111] Connection refused", node="worker-04", address="10.2.0.14", port="5986"
    )
    dialog.stages.add(StageResult(stages[1], "5986", 0.002, error))
    dialog._on_tested(dialog._number)
    studio.shoot(dialog, "node-refused")
    dialog.resize(dialog.width(), 1000)
    studio.shoot(dialog, "node-refused-tall")
    dialog.stages.begin(stages)
    for stage in stages:
        dialog.stages.add(StageResult(stage, {"name": "10.2.0.14", "powershell": "Server 2022"}.get(stage, ""), 0.02))
    studio.shoot(dialog, "node-connected")
    dialog._on_fingerprint(dialog._number, "sha256:" + "3f9c" * 16)
    studio.shoot(dialog, "node-fingerprint")
    dialog.close()


def take_messages(studio: Studio, parts: Parts) -> None:
    desk, theme = parts.desk, parts.theme
    desk.open_help()
    [further] = parts.window.findChildren(HelpDialog)
    studio.shoot(further, "help")
    further.close()
    desk.nodes.remove("worker-04")
    [box] = parts.window.findChildren(ConfirmDialog)
    studio.shoot(box, "node-remove")
    box.close()
    detail = "line 7: $.nodes[1].port: expected `int`, got `str`"
    desk.show_error(BadFile("node-list", detail, file="/home/admin/nodes.yaml"))
    [dialog] = [one for one in parts.window.findChildren(QDialog, "errorDialog") if one.isVisible()]
    studio.shoot(dialog, "error")
    dialog.close()
    try:
        raise ValueError("http://us:secret@proxy.plant.example:3128 is not what it should be")
    except ValueError as error:
        crash = CrashDialog(report_of(type(error), error, error.__traceback__), theme, parts.window)
    crash.show()
    studio.shoot(crash, "crash")
    crash.close()


def take_journal(studio: Studio, parts: Parts) -> None:
    parts.desk.open_history()
    history = parts.window.findChild(HistoryDialog)
    studio.wait(lambda: history.view.currentIndex().isValid())
    studio.shoot(history, "history")
    history.close()
    parts.desk.open_report()
    [report] = [one for one in parts.window.findChildren(ReportDialog) if one.isVisible()]
    studio.shoot(report, "report")
    report.close()


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    language = sys.argv[2] if len(sys.argv) > 2 else "en"
    usual = "Noto Sans CJK KR" if language == "ko" else "Noto Sans"
    app.setFont(QFont(sys.argv[3] if len(sys.argv) > 3 else usual, 10))
    for scheme in (Scheme.LIGHT, Scheme.DARK):
        studio = Studio(app, out, scheme, language)
        take_pages(studio)
        take_dialogs(studio)


if __name__ == "__main__":
    main()
