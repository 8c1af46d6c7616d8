"""What nobody expected: caught, written to a log and told, the window kept where that is safe."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler, qVersion

from checks.masking import mask

LOG_BYTES = 500_000
LOG = logging.getLogger("nodepane")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def report_of(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """The report as it may leave this computer: versions and the trace, no home folder, no password of a proxy."""
    import platform

    told = "".join(traceback.format_exception(kind, error, trace))
    told = mask(told).replace(str(Path.home()), "~")
    versions = f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
    return f"Nodepane, {versions}\n\n{told}"


class _LogFile(logging.Handler):
    """Opened with the first line: what rotates it costs more than the first picture may."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self._file is None:
            from logging.handlers import RotatingFileHandler

            self._file = RotatingFileHandler(
                self._path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
            )
            self._file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        self._file.handle(record)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()


class CrashReports(QObject):
    """Installs the hooks; `crashed` brings a report to the GUI thread, whichever thread it came from."""

    crashed = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fault_file = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            LOG.addHandler(_LogFile(folder / "nodepane.log"))
            self._fault_file = (folder / "fault.log").open("a", encoding="utf-8")
            faulthandler.enable(self._fault_file)
        except OSError:
            LOG.addHandler(logging.StreamHandler())
        sys.excepthook = self._on_error
        threading.excepthook = lambda told: self._on_error(
            told.exc_type, told.exc_value or RuntimeError("no error"), told.exc_traceback
        )
        qInstallMessageHandler(_on_qt_message)

    def _on_error(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        report = report_of(kind, error, trace)
        LOG.error("%s", report)
        self.crashed.emit(report)


def _on_qt_message(kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
    LOG.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", mask(text))
    if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg) and sys.stderr is not None:
        sys.stderr.write(f"Qt: {mask(text)}\n")
