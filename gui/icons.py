"""Our SVG icons, drawn in colours of the theme: `currentColor` is the ink, `white` the sign cut into a filled shape."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap

from checks.finding import Verdict
from gui.theme import Theme

VERDICT_ICONS = {
    Verdict.PASS: "pass",
    Verdict.WARN: "warn",
    Verdict.FAIL: "fail",
    Verdict.INFO: "info",
    Verdict.UNKNOWN: "unknown",
    Verdict.NOT_APPLICABLE: "not-applicable",
}
"""File of a verdict's shape, and at the same time the name of its colour among the tokens."""


class Icons(QObject):
    """Pictures by name and colour token, drawn once for each size."""

    def __init__(self, folder: Path, theme: Theme) -> None:
        super().__init__(theme)
        self._folder = folder
        self._theme = theme
        self._sources: dict[str, str] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        self._icons: dict[tuple[str, str, int], QIcon] = {}
        theme.changed.connect(self.forget)

    @Slot()
    def forget(self) -> None:
        """Drop what was drawn: the colours have changed."""
        self._pixmaps.clear()
        self._icons.clear()

    def pixmap(self, name: str, token: str, size: int, ratio: float = 1.0) -> QPixmap:
        """`size` in logical pixels, `ratio` of the screen it goes to."""
        key = (name, token, size, ratio)
        found = self._pixmaps.get(key)
        if found is None:
            found = self._draw(name, self._theme.hex(token), size, ratio)
            self._pixmaps[key] = found
        return found

    def icon(self, name: str, token: str = "text", size: int = 0) -> QIcon:
        """For buttons and menus, with a muted look while disabled."""
        edge = size or self._theme.step(4)
        key = (name, token, edge)
        found = self._icons.get(key)
        if found is None:
            found = QIcon()
            for ratio in self._ratios():
                found.addPixmap(self.pixmap(name, token, edge, ratio), QIcon.Mode.Normal)
                found.addPixmap(self.pixmap(name, "border", edge, ratio), QIcon.Mode.Disabled)
            self._icons[key] = found
        return found

    @staticmethod
    def _ratios() -> set[float]:
        """Those of the screens there are: the window may be moved to any of them."""
        return {screen.devicePixelRatio() for screen in QGuiApplication.screens()} or {1.0}

    def app_icon(self) -> QIcon:
        """The application's own, in its own colours."""
        icon = QIcon()
        for edge in (16, 24, 32, 48, 64, 128, 256):
            icon.addPixmap(self._draw("nodepane", "#000000", edge, 1.0))
        return icon

    def verdict(self, verdict: Verdict, size: int, ratio: float = 1.0) -> QPixmap:
        """The shape of a verdict in its colour."""
        name = VERDICT_ICONS[verdict]
        return self.pixmap(name, name, size, ratio)

    def _draw(self, name: str, ink: str, size: int, ratio: float) -> QPixmap:
        # Only now: drawing is needed a moment after start, importing costs before it.
        from PySide6.QtSvg import QSvgRenderer

        source = self._sources.get(name)
        if source is None:
            source = (self._folder / f"{name}.svg").read_text(encoding="utf-8")
            self._sources[name] = source
        coloured = source.replace("currentColor", ink).replace('"white"', f'"{self._theme.hex("mark")}"')
        edge = round(size * ratio)
        pixmap = QPixmap(QSize(edge, edge))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(QByteArray(coloured.encode())).render(painter, QRectF(0, 0, edge, edge))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap
