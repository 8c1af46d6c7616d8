"""Writes pictures of every page and dialog: python tests/gui/take_screens.py FOLDER [en|ko] [FONT]. Look at them before a visible change."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from fake_fleet import NOW, FakeFleet, scanning, six_states  # noqa: E402
from PySide6.QtCore import QSettings  # noqa: E402
from PySide6.QtGui import QFont  # noqa: E402
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget  # noqa: E402

from checks.catalogue import load_catalogue  # noqa: E402
from checks.connect import ConnectStage, StageResult  # noqa: E402
from checks.errors import BadFile, CannotReachNode, Refused  # noqa: E402
from checks.fleet import FLEET_IDS  # noqa: E402
from checks.plan import Outcome, StepResult, StepState  # noqa: E402
from gui.app import build  # noqa: E402
from gui.confirm_dialog import ConfirmDialog  # noqa: E402
from gui.connect_dialog import ConnectDialog  # noqa: E402
from gui.crash import report_of  # noqa: E402
from gui.crash_dialog import CrashDialog  # noqa: E402
from gui.evidence_table import EvidenceTable  # noqa: E402
from gui.filter_kind import Filter  # noqa: E402
from gui.fix_dialog import FixDialog  # noqa: E402
from gui.fix_flow import FixFlow, Stage  # noqa: E402
from gui.help_dialog import HelpDialog  # noqa: E402
from gui.history_dialog import HistoryDialog  # noqa: E402
from gui.icons import Icons  # noqa: E402
from gui.language import Language  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402
from gui.report_dialog import ReportDialog  # noqa: E402
from gui.scheme import Scheme  # noqa: E402
from gui.script_dialog import ScriptDialog  # noqa: E402
from gui.site_dialog import SiteDialog  # noqa: E402
from gui.start import options_of  # noqa: E402
from gui.state import NodeState, Phase  # noqa: E402
from gui.theme import Theme  # noqa: E402
from gui.wording import Wording  # noqa: E402
from gui.workplace import Workplace  # noqa: E402

LIMIT_S = 30.0
FIXES = (
    ("worker-05", "set-proxy-variables"),
    ("worker-03", "remove-stale-subnet-files"),
    ("worker-02", "restart-flanneld"),
)
PROXY = {"HTTPS_PROXY": "http://proxy.plant.example:3128"}


class Studio:
    def __init__(self, app: QApplication, out: Path, scheme: Scheme, language: str) -> None:
        self.app = app
        self.out = out
        self.scheme = scheme
        self.language = language

    def shoot(self, widget: QWidget, name: str) -> None:
        if isinstance(widget, MainWindow):
            self.wait(lambda: widget.workplace.is_settled)
        for _ in range(10):  # wrapped text and the rows around it settle one after the other
            self.app.processEvents()
            time.sleep(0.003)
        widget.grab().save(str(self.out / f"{name}-{self.scheme.value}.png"))

    def wait(self, done: Callable[[], bool]) -> None:
        until = time.monotonic() + LIMIT_S
        while not done():
            if time.monotonic() > until:
                raise TimeoutError
            self.app.processEvents()
            time.sleep(0.005)


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
    for node, fix in FIXES:
        parts.desk.open_fix(node, fix)
        take_fix(studio, *parts.desk.flow_of(node))
    take_warned(studio, parts)
    take_node_dialogs(studio, parts)
    take_messages(studio, parts)
    take_journal(studio, parts)
    studio.shoot(parts.window, "demo")
    parts.window.close()
    parts.close()
    parts.window.deleteLater()
    parts.theme.deleteLater()
    studio.app.processEvents()


def take_fix(studio: Studio, flow: FixFlow, dialog: FixDialog) -> None:
    name = f"fix-{flow.fix.id.split('-')[0]}"
    studio.shoot(dialog, f"{name}-reading")
    studio.wait(lambda: flow.state.stage in (Stage.CHOOSE, Stage.REVIEW))
    if flow.state.stage is Stage.CHOOSE:
        studio.shoot(dialog, f"{name}-choose")
        if field := dialog.findChild(QLineEdit, "HTTPS_PROXY"):
            field.setText("proxy")
            studio.shoot(dialog, f"{name}-choose-wrong")
            flow.rehearse({"HTTPS_PROXY": "http://us:secret@proxy.plant.example:3128"})
            studio.wait(lambda: flow.state.stage is Stage.REVIEW)
            studio.shoot(dialog, f"{name}-review-password")
            flow.choose_again()
        flow.rehearse({**dict(flow.state.defaults), **PROXY} if field else {})
        studio.wait(lambda: flow.state.stage is Stage.REVIEW)
    studio.shoot(dialog, f"{name}-review")
    size = dialog.size()
    dialog.resize(dialog.minimumSize())
    studio.shoot(dialog, f"{name}-review-smallest")
    dialog.resize(size)
    dialog._show_script()
    for script in dialog.findChildren(ScriptDialog):
        studio.shoot(script, f"{name}-script")
        script.close()
    plan = flow.state.plan
    flow._put(replace(flow.state, stage=Stage.APPLYING, results={plan.steps[0].id: StepResult("", StepState.RUNNING)}))
    studio.shoot(dialog, f"{name}-apply")
    flow._put(replace(flow.state, stage=Stage.REVIEW, results={}))
    flow.apply()
    studio.wait(lambda: flow.state.stage in (Stage.DONE, Stage.STOPPED))
    done = flow.state
    studio.shoot(dialog, f"{name}-fixed")
    if done.receipt is not None and flow.fix.id == FIXES[0][1]:
        message = "Access to the registry key 'HKEY_LOCAL_MACHINE' is denied. (0x80070005)"
        results = {plan.steps[0].id: StepResult("", StepState.FAILED, message)}
        for outcome, verdicts in ((Outcome.FAILED, ()), (Outcome.NOT_FIXED, (("node.proxy-variables", "warn"),))):
            shown = results if outcome is Outcome.FAILED else done.results
            flow._put(
                replace(
                    done,
                    receipt=replace(done.receipt, outcome=outcome, id=outcome.value, verdicts=verdicts),
                    results=shown,
                )
            )
            studio.shoot(dialog, f"{name}-{outcome.value}")
        lost = {step.id: StepResult(step.id, StepState.UNKNOWN) for step in plan.steps}
        verdicts = (("node.proxy-variables", "unknown"),)
        receipt = replace(done.receipt, outcome=Outcome.UNKNOWN, id="y", verdicts=verdicts, backup_folder="")
        flow._put(replace(done, receipt=receipt, results=lost, undoable=None))
        studio.shoot(dialog, f"{name}-unknown")
        flow._put(replace(done, stage=Stage.STOPPED, error=Refused("state-moved", node=flow.node.name)))
        studio.shoot(dialog, f"{name}-refused")
        flow._put(done)
    flow.undo()
    studio.wait(lambda: flow.state.stage is Stage.DONE)
    studio.shoot(dialog, f"{name}-undone")
    dialog.close()


def take_warned(studio: Studio, parts) -> None:
    """A proxy address with a password, confirmed with its warning: fixed, and the warning stays."""
    node, fix = FIXES[0]
    parts.desk.open_fix(node, fix)
    flow, dialog = parts.desk.flow_of(node)
    studio.wait(lambda: flow.state.stage is Stage.CHOOSE)
    address = "http://us:secret@proxy.example:3128"
    flow.rehearse({**dict(flow.state.defaults), "HTTPS_PROXY": address, "HTTP_PROXY": address})
    studio.wait(lambda: flow.state.stage is Stage.REVIEW)
    studio.shoot(dialog, "fix-set-warned-review")
    flow.apply()
    studio.wait(lambda: flow.state.stage in (Stage.DONE, Stage.STOPPED))
    studio.shoot(dialog, "fix-set-warned")
    flow.undo()
    studio.wait(lambda: flow.state.stage is Stage.DONE)
    dialog.close()


def take_site(studio: Studio, parts) -> None:
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


def take_node_dialogs(studio: Studio, parts) -> None:
    desk = parts.desk
    desk.add_node()
    [dialog] = [one for one in parts.window.findChildren(ConnectDialog) if one.isVisible()]
    studio.shoot(dialog, "node-add")
    dialog.form.port.setText("x")
    dialog._on_save()
    studio.shoot(dialog, "node-add-wrong")
    dialog.close()
    desk.edit_node("worker-07")
    [dialog] = [one for one in parts.window.findChildren(ConnectDialog) if one.isVisible()]
    dialog.form.host.setText("hv 01")
    dialog._on_save()
    studio.shoot(dialog, "node-host")
    dialog.close()
    desk.edit_node("worker-04")
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


def take_messages(studio: Studio, parts) -> None:
    desk, theme = parts.desk, parts.theme
    desk.open_help()
    [further] = parts.window.findChildren(HelpDialog)
    studio.shoot(further, "help")
    further.close()
    desk.remove_node("worker-04")
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


def take_journal(studio: Studio, parts) -> None:
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
