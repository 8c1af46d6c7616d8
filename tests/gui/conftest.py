from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from closing import close_parts, running_timers, settle
from fake_fleet import NOW, FakeFleet, six_states
from pages import Window
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from gui import app as front
from gui import start as begin
from gui.app import Parts, build
from gui.icons import Icons
from gui.main_window import MainWindow
from gui.scheme import Scheme
from gui.start import options_of
from gui.theme import Theme
from gui.wording import Wording
from gui.workplace import Workplace

RESOURCES = Path(__file__).resolve().parents[2] / "resources"


@pytest.fixture(autouse=True)
def leaves_nothing(qapp: QApplication) -> Iterator[None]:
    """After each test no window, no running timer and no job is left."""
    yield
    settle()
    assert [one for one in qapp.topLevelWidgets() if isValid(one)] == []
    assert running_timers() == []


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch) -> Path:
    """A person's node list, settings and language are never touched."""
    for one in (front, begin):
        monkeypatch.setattr(one, "own_folder", lambda: tmp_path / "own")
    for name in ("LC_ALL", "LANG", "LANGUAGE"):
        monkeypatch.setenv(name, "C.UTF-8")
    return tmp_path / "own"


@pytest.fixture
def start(qtbot) -> Iterator[Callable[..., Window]]:
    """Opens the real window as the program does, on the demo's simulated nodes or on a file; any number of times."""
    opened: list[Parts] = []

    def open_window(*words: str, latency_ms: int = 0, scan: bool = False, resize: bool = True) -> Window:
        parts = build(QApplication.instance(), options_of(list(words) or ["--demo"]), latency_ms=latency_ms)
        opened.append(parts)
        assert parts.desk is not None, "made after the first picture; here nobody waits for that"
        if resize:
            parts.window.resize(1280, 800)
        parts.window.show()
        window = Window(qtbot, parts.window, parts)
        if scan:
            window.scan_all()
        return window

    yield open_window
    for parts in opened:
        close_parts(parts)
        assert parts.background.finish(5000) if isValid(parts.background) else True


@pytest.fixture
def quick(monkeypatch) -> None:
    """Waiting between two looks at a node costs nothing on a simulated one."""
    monkeypatch.setattr("checks.repair.time.sleep", lambda _: None)


@pytest.fixture
def fake(qtbot, qapp: QApplication, words, tmp_path: Path) -> Iterator[Window]:
    """The window on six nodes in memory; `orders` of its fleet tells what it was asked for."""
    theme = Theme(qapp, RESOURCES / "theme", Scheme.LIGHT)
    fleet = FakeFleet(six_states())
    wording = Wording(words, lambda: NOW)
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(settings)
    window.fill(Workplace(fleet, wording, Icons(RESOURCES / "icons", theme), theme, settings))
    window.resize(1280, 800)
    window.show()
    page = Window(qtbot, window, None)
    page.fleet, page.theme = fleet, theme
    page.rest()
    yield page
    window.close()
    window.deleteLater()
    fleet.deleteLater()
    theme.deleteLater()
