"""The language of the window: its own translations and Qt's, switched while it runs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

NAMES = {"en": "English", "ko": "한국어"}
"""Each language in its own words: whoever looks for it can read it."""


class Language:
    """Installs the translators of one language at a time. `folder` holds `nodepane_<language>.qm`."""

    def __init__(self, app: QCoreApplication, folder: Path) -> None:
        self._app = app
        self._folder = folder
        self._installed: list[QTranslator] = []
        self.code = "en"

    def speak(self, code: str) -> None:
        """Speak this language from now on; what is built later has its words. English needs no file."""
        for translator in self._installed:
            self._app.removeTranslator(translator)
        self._installed = []
        self.code = code
        QLocale.setDefault(QLocale(code))
        if code == "en":
            return
        from PySide6.QtCore import QLibraryInfo

        qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for name, place in ((f"qtbase_{code}", qt), (f"nodepane_{code}", str(self._folder))):
            translator = QTranslator(self._app)
            if translator.load(name, place):
                self._app.installTranslator(translator)
                self._installed.append(translator)
