"""The program from its first line to its end. Loads no more than the empty window takes, and the rest behind that."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Slot
from PySide6.QtWidgets import QApplication

from checks.folders import own_folder
from gui.crash import CrashReports
from gui.language import NAMES
from gui.main_window import SETTINGS, MainWindow
from gui.scheme import Scheme

if TYPE_CHECKING:
    from gui.app import Parts

SWITCH_S = 0.0002
"""How long the thread whose turn it is may keep the interpreter while the window waits for it."""


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nodepane", description="Health and repair of Windows Kubernetes nodes.")
    parser.add_argument("--demo", action="store_true", help="open on the built-in demo site")
    parser.add_argument(
        "--self-test", action="store_true", help="open the windows on the demo, unseen; print JSON; exit 0 or 1"
    )
    parser.add_argument("--nodes", type=Path, metavar="FILE", help="use this node list instead of the own one")
    parser.add_argument("--language", choices=tuple(NAMES), help="words; without it the last choice, else the system's")
    parser.add_argument("--theme", choices=[one.value for one in Scheme], help="colours")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="where node list, receipts and logs are kept")
    return parser.parse_args(arguments)


class Program(QObject):
    """One window: empty at first, then filled. `run` returns when it was closed."""

    def __init__(self, app: QApplication, options: argparse.Namespace, crashes: CrashReports, *, alone: bool) -> None:
        """`alone`: the one window on the person's own node list; a second start raises it."""
        super().__init__(app)
        self._app = app
        self._options = options
        self._alone = alone
        self._parts: Parts | None = None
        crashes.crashed.connect(self._on_crash)
        # The demo's place and colours are nobody's choice, and are not kept.
        kept = None if options.demo else (options.data or own_folder()) / SETTINGS
        settings = QSettings(str(kept), QSettings.Format.IniFormat) if kept else None
        self.window = MainWindow(settings)
        self.window.appeared.connect(self._fill)

    def run(self) -> int:
        self.window.show()
        try:
            return self._app.exec()
        finally:
            self.window.hide()
            if self._parts is not None:
                self._parts.window.hide()
                self._parts.close()

    @Slot()
    def _fill(self) -> None:
        from gui.app import build, demo_latency

        latency_ms = demo_latency() if self._options.demo else 0
        parts = build(self._app, self._options, latency_ms=latency_ms, scan=True, window=self.window)
        self._parts = parts
        parts.window.workplace.first_painted.connect(self._go_on)
        gc.enable()  # off since the program's first line
        if self._alone:
            self._listen()

    @Slot()
    def _go_on(self) -> None:
        """After the first picture, and beside the window: all this can wait for it, a person should not."""
        parts = self._parts
        assert parts is not None

        def read(_: object) -> None:
            # The desk keeps the journal's line at the foot: made now, without an order.
            if parts.load_error is not None:
                parts.desk.show_error(parts.load_error)
            _ = parts.desk

        parts.background.release(parts.load, read)

    def _listen(self) -> None:
        from gui.single_instance import SingleInstance, socket_name

        only = SingleInstance(socket_name(), self._app)
        only.raise_wanted.connect(self._raise)

    @Slot()
    def _raise(self) -> None:
        window = self._parts.window if self._parts else self.window
        window.showNormal()
        window.raise_()
        window.activateWindow()

    @Slot(str)
    def _on_crash(self, report: str) -> None:
        if self._parts is None:
            # Nothing to go on with: the log has the report, standard error where there is one, too.
            if sys.stderr is not None:
                sys.stderr.write(f"{report}\n")
            self._app.exit(1)
            return
        from gui.crash_dialog import CrashDialog

        CrashDialog(report, self._parts.theme, self._parts.window).open()


def _woke_other() -> bool:
    from gui.single_instance import socket_name, wake_other

    return wake_other(socket_name())


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the window, or its self-test. `arguments` as `sys.argv`."""
    words = list(sys.argv if arguments is None else arguments)
    options = options_of(words[1:])
    if options.self_test:
        from gui.self_test import run

        gc.enable()
        return run(options)
    QApplication.setApplicationName("Nodepane")
    QApplication.setOrganizationName("Nodepane")
    app = QApplication(words[:1])
    sys.setswitchinterval(SWITCH_S)
    alone = not (options.demo or options.nodes or options.data)
    if alone and _woke_other():
        return 0
    crashes = CrashReports((options.data or own_folder()) / "logs")
    return Program(app, options, crashes, alone=alone).run()
