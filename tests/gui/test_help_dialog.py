"""The further-help page: three places to ask, each opened outside."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton

from checks.catalogue import load_catalogue
from gui.help_dialog import HelpDialog
from gui.icons import Icons
from gui.scheme import Scheme
from gui.theme import Theme
from gui.wording import Wording

RESOURCES = Path(__file__).resolve().parents[2] / "resources"


def test_each_place_opens_where_it_says(qtbot, qapp, monkeypatch):
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(QUrl(url).toString()) or True)
    theme = Theme(qapp, RESOURCES / "theme", Scheme.LIGHT)
    wording = Wording(load_catalogue(RESOURCES / "catalogue", "ko"))
    dialog = HelpDialog(wording, Icons(RESOURCES / "icons", theme), theme)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.windowTitle() == "추가 도움말"
    links = [one for one in dialog.findChildren(QPushButton) if one.toolTip().startswith("https://")]
    for one in links:
        one.click()
    assert opened == [one.address for one in wording.catalogue.links]
    assert len(opened) == 3
    theme.deleteLater()
