"""The program around the window: crashes, a second start, the self-test that finds what is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pages import Page, clipboard
from PySide6.QtCore import qInstallMessageHandler

from gui.background import Background
from gui.crash import LOG, CrashReports, report_of
from gui.crash_dialog import CrashDialog
from gui.single_instance import SingleInstance, socket_name, wake_other

ROOT = Path(__file__).resolve().parents[2]
SECRET = "s3cr:t!x"


def error_with_a_secret() -> Exception:
    try:
        raise ValueError(f"http://me:{SECRET}@proxy:3128 in {Path.home()}/nodes.yaml")
    except ValueError as error:
        return error


@pytest.fixture
def hooks(tmp_path: Path, monkeypatch):
    """The hooks of the program, taken out again afterwards."""
    monkeypatch.setattr("sys.excepthook", sys.excepthook)
    monkeypatch.setattr("threading.excepthook", threading.excepthook)
    monkeypatch.setattr("faulthandler.enable", lambda _: None)
    reports = CrashReports(tmp_path / "logs")
    yield reports
    qInstallMessageHandler(None)
    for handler in list(LOG.handlers):
        LOG.removeHandler(handler)
        handler.close()
    reports._fault_file.close()
    reports.deleteLater()


def test_a_crash_is_told_logged_and_redacted(qtbot, hooks, tmp_path: Path) -> None:
    error = error_with_a_secret()
    with qtbot.waitSignal(hooks.crashed) as told:
        threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
    report = told.args[0]
    log = (tmp_path / "logs" / "nodepane.log").read_text(encoding="utf-8")
    for text in (report, log):
        assert "ValueError" in text
        assert SECRET not in text
        assert str(Path.home()) not in text


def test_the_crash_dialog_can_be_copied_and_left(start) -> None:
    window = start()
    error = error_with_a_secret()
    dialog = CrashDialog(report_of(type(error), error, error.__traceback__), window.parts.theme, window.window)
    dialog.open()
    page = Page(window.qtbot, dialog)
    assert page.says("This is a fault of Nodepane, not of a node.", "ValueError")
    assert SECRET not in page.texts()
    page.click("Copy the report")
    assert "ValueError" in clipboard()
    assert SECRET not in clipboard()
    page.click("Go on")
    assert not dialog.isVisible()
    dialog.deleteLater()


def test_a_second_start_raises_the_first(qtbot) -> None:
    name = socket_name(f"test-{os.getpid()}")
    assert not wake_other(name)
    first = SingleInstance(name)
    with qtbot.waitSignal(first.raise_wanted):
        assert wake_other(name)
    first.close()
    assert not wake_other(name)
    first.deleteLater()


def self_test(*words: str, code: str = "") -> tuple[int, dict[str, object]]:
    start = ["-c", f"{code}\nimport sys\nfrom gui.start import main\nsys.exit(main(['nodepane', '--self-test']))"]
    run = subprocess.run(
        [sys.executable, *(start if code else ["-m", "gui", "--self-test", *words])],
        cwd=ROOT,
        capture_output=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        timeout=120,
    )
    assert run.stdout, (run.returncode, run.stderr[-2000:])
    return run.returncode, json.loads(run.stdout)


def test_the_self_test_passes_on_a_whole_installation() -> None:
    code, told = self_test()
    assert told["problems"] == []
    assert (code, told["ok"]) == (0, True)
    assert set(told["repairs"]) == {"set-proxy-variables", "remove-stale-subnet-files", "restart-flanneld"}
    dialogs = ("fix", "connect", "confirm", "history", "report", "error", "crash")
    assert {"mainWindow", *(f"{one}Dialog" for one in dialogs)} <= set(told["windows"])


BREAKS = {
    "an icon is missing": "from gui.icons import Icons\nIcons._draw = lambda *_: (_ for _ in ()).throw(FileNotFoundError('pass.svg'))",
    "a rule falls over": "from checks.rules import flannel\nflannel.wrong_flags = None",
}


@pytest.mark.parametrize("broken", list(BREAKS))
def test_the_self_test_fails_when_something_is_broken(broken: str) -> None:
    code, told = self_test(code=BREAKS[broken])
    assert (code, told["ok"]) == (1, False)
    assert told["problems"]


def test_what_is_started_before_the_first_picture_waits_for_what_it_needs(qtbot) -> None:
    background = Background()
    done: list[str] = []

    def call(name: str) -> Callable[[object], None]:
        return lambda _: done.append(name)

    background.hold()
    background.start("a", call("a1"))
    dropped = background.start("a", call("a2"))
    background.start("a", call("a3"))
    first = background.start("b", call("b1"))
    background.start("b", call("b2"))
    qtbot.wait(50)
    assert done == []
    assert background.is_busy("a")
    assert background.drop(dropped)
    assert background.drop(first)
    assert not background.drop(first)
    background.release(lambda: done.append("first"))
    qtbot.waitUntil(lambda: len(done) == 4)
    assert done[0] == "first"
    assert sorted(done[1:]) == ["a1", "a3", "b2"]
    assert done.index("a1") < done.index("a3")
    qtbot.waitUntil(lambda: not background.is_busy("a") and not background.is_busy("b"))
    background.deleteLater()


def test_what_waited_begins_even_where_loading_fell_over(qtbot) -> None:
    background = Background()
    done: list[str] = []
    background.hold()
    background.start("a", lambda _: done.append("a"))

    def fall_over() -> None:
        raise ValueError("broken")

    with qtbot.captureExceptions() as told:
        background.release(fall_over)
        qtbot.waitUntil(lambda: done == ["a"])
    assert [kind for kind, *_ in told] == [ValueError]
    background.deleteLater()
