"""The window's own words in Korean: whole, compiled, and switched while it runs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from closing import close_parts
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from gui import app as front
from gui.app import build
from gui.language import Language
from gui.start import options_of

ROOT = Path(__file__).resolve().parents[2]
WORDS = ROOT / "resources" / "translations" / "nodepane_ko.ts"


def texts(path: Path) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for context in ET.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            done = translation.get("type") != "unfinished"
            place = (context.findtext("name", ""), message.findtext("source", ""))
            found[place] = (translation.text or "") if done else ""
    return found


@pytest.fixture(scope="module")
def translate():
    import importlib.util

    spec = importlib.util.spec_from_file_location("translate", ROOT / "installer" / "translate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_text_of_the_window_is_translated(translate, tmp_path):
    fresh = tmp_path / "nodepane_ko.ts"
    fresh.write_bytes(WORDS.read_bytes())
    translate.read(fresh)
    assert [place for place, text in texts(fresh).items() if not text] == []
    assert set(texts(fresh)) == set(texts(WORDS)), "run: python installer/run.py exec installer/translate.py"


def test_fields_are_the_same():
    from string import Formatter

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert [source for (_, source), text in texts(WORDS).items() if fields(source) != fields(text)] == []


def test_what_is_compiled_is_what_stands_there(translate, tmp_path):
    translate.compile_words(WORDS, tmp_path / "now.qm")
    assert (tmp_path / "now.qm").read_bytes() == WORDS.with_suffix(".qm").read_bytes()


@pytest.fixture
def parts(qapp: QApplication, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(front, "own_folder", lambda: tmp_path / "own")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    made = build(qapp, options_of(["--demo"]))
    yield made
    close_parts(made)


def shown(window) -> set[str]:
    buttons = {one.text() for one in window.findChildren(QPushButton)}
    return buttons | {one.text() for one in window.findChildren(QLabel)}


def test_the_language_is_switched_while_the_window_is_open(qtbot, parts, tmp_path):
    parts.window.show()
    parts.fleet.scan("worker-03")
    qtbot.waitUntil(lambda: bool(parts.fleet.state("worker-03").findings), timeout=20_000)
    parts.window.workplace.select_node("worker-03")
    assert "Scan all" in shown(parts.window)
    old = parts.window
    korean = next(one for one in old.workplace._actions.languages.actions() if one.text() == "한국어")
    korean.trigger()
    qtbot.waitUntil(lambda: parts.window is not old, timeout=5_000)
    assert "모두 검사" in shown(parts.window)
    assert "Scan all" not in shown(parts.window)
    assert parts.window.workplace.current_node == "worker-03"
    assert QLocale().language() == QLocale.Language.Korean
    parts.change_language("en")
    assert "Scan all" in shown(parts.window)
    assert (tmp_path / "own" / "settings.yaml").read_text(encoding="utf-8") == "language: en\n"


def test_the_language_is_remembered(qapp, tmp_path, monkeypatch):
    monkeypatch.setattr(front, "own_folder", lambda: tmp_path)
    (tmp_path / "settings.yaml").write_text("language: ko\n", encoding="utf-8")
    made = build(qapp, options_of(["--demo"]))
    try:
        assert made.language.code == "ko"
        assert "모두 검사" in shown(made.window)
    finally:
        close_parts(made)


def test_the_language_waits_for_a_change_that_runs(qtbot, parts, monkeypatch):
    parts.window.show()
    old = parts.window
    monkeypatch.setattr(type(parts.desk), "is_changing", property(lambda _: True))
    parts.change_language("ko")
    assert parts.window is old
    assert parts.language.code == "en"
    assert any("A change is running" in text for text in shown(old))


def test_a_language_without_a_file_stays_english(qapp, tmp_path):
    language = Language(qapp, tmp_path)
    language.speak("ko")
    assert qapp.translate("Actions", "Scan all") == "Scan all"
    language.speak("en")
