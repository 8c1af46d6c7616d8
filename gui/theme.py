"""Colour tokens become a palette and a style sheet: light, dark, the system's choice, or high contrast."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette, QStyleHints
from PySide6.QtWidgets import QApplication, QWidget

from checks.kept_copy import keep, kept
from gui.scheme import Scheme


class _Sheet(Template):
    """Tokens have hyphens in their names."""

    idpattern = r"[a-z][a-z0-9-]*"


def high_contrast_tokens(palette: QPalette, names: Mapping[str, str]) -> dict[str, str]:
    """The system's palette under our names: every ground is the window's, every word its text; only frames are accented."""
    ground = palette.color(QPalette.ColorRole.Base).name()
    text = palette.color(QPalette.ColorRole.Text).name()
    special = {
        "accent": palette.color(QPalette.ColorRole.Highlight).name(),
        "accent-hover": palette.color(QPalette.ColorRole.Highlight).name(),
        "accent-pressed": palette.color(QPalette.ColorRole.Highlight).name(),
        "on-accent": palette.color(QPalette.ColorRole.HighlightedText).name(),
        "mark": ground,
    }
    grounds = {"bg", "surface", "raised", "sunken", "selection", "hover"}
    return {
        name: special.get(name) or (ground if name in grounds or name.endswith("-ground") else text) for name in names
    }


def _read_tables(file: Path, copy: Path | None) -> dict[str, dict[str, Any]]:
    raw = file.read_bytes()
    told = kept(copy, raw) if copy is not None else None
    if isinstance(told, dict):
        return told
    import tomllib

    read = tomllib.loads(raw.decode("utf-8"))
    if copy is not None:
        keep(copy, raw, read)
    return read


_asked: list[tuple[QStyleHints, Any]] = []


def _system_hints(app: QApplication) -> tuple[QStyleHints, Any]:
    """What the system wants of colours and, since Qt 6.10, of contrast (before, that is not known: None).

    Asked once and kept to the end: PySide drops the hints when the object they were asked of goes away, and ends the program
    where they are asked again after that.
    """
    if not _asked:
        hints = app.styleHints()
        _asked.append((hints, hints.accessibility() if hasattr(hints, "accessibility") else None))
    return _asked[0]


class Theme(QObject):
    """Colours, fonts and distances of the application. `changed` comes after all of them have."""

    changed = Signal()

    def __init__(
        self,
        app: QApplication,
        folder: Path,
        scheme: Scheme = Scheme.SYSTEM,
        *,
        dress: bool = True,
        copy: Path | None = None,
    ) -> None:
        """Without `dress` the style sheet waits for `dress`: a window that is built before it is styled once, not at each step.

        `copy`: where what the tokens came to is kept for the next start.
        """
        super().__init__(app)
        self._dressed = dress
        self._app = app
        self._tables = _read_tables(folder / "tokens.toml", copy)
        self._sheet = _Sheet((folder / "style.qss").read_text(encoding="utf-8"))
        self._folder = folder
        self._scheme = scheme
        self._tokens: dict[str, str] = {}
        self._applying = False
        self._pitch = 0
        self._colors: dict[str, QColor] = {}
        self._fonts: dict[tuple[str, bool, bool], QFont] = {}
        self._metrics: dict[tuple[str, bool], QFontMetrics] = {}
        app.setStyle("Fusion")
        self._hints, self._accessibility = _system_hints(app)
        self._hints.colorSchemeChanged.connect(self._on_system_changed)
        if self._accessibility is not None:
            self._accessibility.contrastPreferenceChanged.connect(self._on_system_changed)
        self._apply()

    def dress(self) -> None:
        """Give everything the style sheet that waited."""
        if not self._dressed:
            self._dressed = True
            self._app.setStyleSheet(self._sheet.substitute(self._names()))

    @property
    def scheme(self) -> Scheme:
        return self._scheme

    def set_scheme(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._apply()

    @property
    def is_dark(self) -> bool:
        """Whether the dark tokens are used; a system that does not say counts as light."""
        if self._scheme is Scheme.SYSTEM:
            return self._hints.colorScheme() is Qt.ColorScheme.Dark
        return self._scheme is Scheme.DARK

    @property
    def is_high_contrast(self) -> bool:
        if self._accessibility is None:
            return False
        return self._accessibility.contrastPreference() is Qt.ContrastPreference.HighContrast

    def hex(self, token: str) -> str:
        """The colour as `#rrggbb`, for rich text and pictures."""
        return self._tokens[token]

    def color(self, token: str) -> QColor:
        """Not to be changed by whoever gets it: rows ask for the same ones thousands of times."""
        found = self._colors.get(token)
        if found is None:
            found = self._colors[token] = QColor(self._tokens[token])
        return found

    def font(self, size: str = "", *, bold: bool = False, mono: bool = False) -> QFont:
        """The system's font, or its fixed-width one; `size` is a factor of tokens.toml (`title`, `heading`, `small`).

        Not to be changed by whoever gets it.
        """
        found = self._fonts.get((size, bold, mono))
        if found is None:
            found = self._fonts[size, bold, mono] = self._make_font(size, bold=bold, mono=mono)
        return found

    def metrics(self, size: str = "", *, bold: bool = False) -> QFontMetrics:
        """Measures of `font`."""
        found = self._metrics.get((size, bold))
        if found is None:
            found = self._metrics[size, bold] = QFontMetrics(self.font(size, bold=bold))
        return found

    def _make_font(self, size: str, *, bold: bool, mono: bool) -> QFont:
        font = QFont(self._app.font())
        if mono:
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            font.setPointSizeF(self._points("small"))
        if size:
            font.setPointSizeF(self._points(size))
        if bold:
            font.setWeight(QFont.Weight.DemiBold)
        return font

    def step(self, count: float = 1) -> int:
        """Distance in steps of a quarter line of the system's font: 4 px at the usual size."""
        return max(1, round(self._unit * count))

    @property
    def icon_size(self) -> int:
        """Edge of a verdict shape beside text, in pixels."""
        return self.step(4.5)

    def _points(self, size: str) -> float:
        return round(self._app.font().pointSizeF() * float(self._tables["fonts"].get(size, 1.0)), 2)

    @property
    def _unit(self) -> int:
        if not self._pitch:
            self._pitch = max(4, round(QFontMetrics(self._app.font()).height() / 4.25))
        return self._pitch

    @Slot()
    def _on_system_changed(self) -> None:
        if not self._applying:
            self._apply()

    def _apply(self) -> None:
        self._applying = True
        for made in (self._colors, self._fonts, self._metrics):
            made.clear()
        self._pitch = 0
        wish = {Scheme.LIGHT: Qt.ColorScheme.Light, Scheme.DARK: Qt.ColorScheme.Dark}
        # The system draws the window's frame: it should know, too.
        self._hints.setColorScheme(wish.get(self._scheme, Qt.ColorScheme.Unknown))
        self._tokens = dict(self._tables["dark" if self.is_dark else "light"])
        if self.is_high_contrast:
            self._app.setPalette(QPalette())  # the system's own again, to read it
            self._tokens = high_contrast_tokens(self._app.palette(), self._tokens)
        self._app.setPalette(self._palette())
        if self._dressed:
            self._app.setStyleSheet(self._sheet.substitute(self._names()))
        self._applying = False
        self.changed.emit()

    def _names(self) -> dict[str, str]:
        unit = self._unit
        line = QFontMetrics(self._app.font()).height()
        button = max(2, (unit * 30 // 4 - line - 2) // 2)
        chip = max(1, (unit * 26 // 4 - line - 2) // 2)
        sizes = {
            **{f"s{count}": unit * count for count in range(1, 7)},
            "line": line,
            "radius": round(unit * 1.5),
            "button-y": button,
            "button-y-focus": button - 1,
            "button-x-focus": unit * 3 - 1,
            "chip-y": chip,
            "chip-y-focus": max(0, chip - 1),
            "chip-x-focus": unit * 2 - 1,
            "chip-radius": (line + 2 * chip + 2) // 2,
            "input-y": button,
            "bar-radius": max(1, unit * 3 // 2 - round(unit * 0.75) - 1),
            "bar-gap": round(unit * 0.75),
            "progress": unit,
            "progress-radius": unit // 2,
        }
        fonts = {f"{name}-pt": self._points(name) for name in self._tables["fonts"]}
        mono = self.font(mono=True)
        return {
            **self._tokens,
            **{name: str(size) for name, size in sizes.items()},
            **{name: f"{points:g}" for name, points in fonts.items()},
            "tick": self._picture("tick", "on-accent"),
            "arrow": self._picture("arrow", "text"),
            "mono": mono.family(),
            "mono-pt": f"{mono.pointSizeF():g}",
        }

    def _picture(self, name: str, token: str) -> str:
        """The style sheet takes pictures from files only: the light or the dark one, whichever this colour is nearer to."""
        kind = "light" if self.color(token).lightnessF() > 0.5 else "dark"
        return (self._folder / f"{name}-{kind}.svg").as_posix()

    def _palette(self) -> QPalette:
        role = QPalette.ColorRole
        palette = QPalette()
        for target, token in {
            role.Window: "bg",
            role.WindowText: "text",
            role.Base: "surface",
            role.AlternateBase: "raised",
            role.Text: "text",
            role.Button: "surface",
            role.ButtonText: "text",
            role.BrightText: "on-accent",
            role.Highlight: "accent",
            role.HighlightedText: "on-accent",
            role.Link: "accent",
            role.LinkVisited: "accent",
            role.PlaceholderText: "muted",
            role.ToolTipBase: "raised",
            role.ToolTipText: "text",
            role.Accent: "accent",
            role.Mid: "border",
            role.Light: "raised",
            role.Dark: "border",
        }.items():
            palette.setColor(target, self.color(token))
        for target in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, target, self.color("muted"))
        return palette


def mark(widget: QWidget, **properties: object) -> None:
    """Set dynamic properties of the style sheet (`flat_link` means `flat-link`) and paint anew where they changed."""
    changed = False
    for name, value in properties.items():
        key = name.replace("_", "-")
        if widget.property(key) != value:
            widget.setProperty(key, value)
            changed = True
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
