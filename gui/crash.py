"""What nobody expected: written to a log, shown with a copy button, the window kept where that is safe."""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import platform
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, Slot, qInstallMessageHandler, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from gui.flow_text import FlowText
from gui.theme import Theme, mark

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
    from checks.plan_steps import mask

    told = "".join(traceback.format_exception(kind, error, trace))
    told = mask(told).replace(str(Path.home()), "~")
    versions = f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
    return f"Nodepane, {versions}\n\n{told}"


class CrashReports(QObject):
    """Installs the hooks; `crashed` brings a report to the GUI thread, whichever thread it came from."""

    crashed = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fault_file = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handler = logging.handlers.RotatingFileHandler(
                folder / "nodepane.log", maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
            )
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            LOG.addHandler(handler)
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
    from checks.plan_steps import mask

    LOG.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", mask(text))
    if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg) and sys.stderr is not None:
        sys.stderr.write(f"Qt: {mask(text)}\n")


class CrashDialog(QDialog):
    """Says what happened in three parts and holds the report for whoever looks into it."""

    def __init__(self, report: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("crashDialog")
        self._report = report
        self.setWindowTitle(self.tr("Something unexpected happened"))
        self.resize(theme.step(170), theme.step(110))
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.step(5), theme.step(4), theme.step(5), theme.step(4))
        box.setSpacing(theme.step(3))
        head = QLabel(self.tr("Something unexpected happened in Nodepane."))
        mark(head, heading=True)
        words = FlowText()
        words.setPlainText(
            self.tr(
                "This is a fault of Nodepane, not of a node. Nothing is sent to a node because of it. You can go on; if "
                "something looks wrong, start Nodepane again. The report below tells developers what happened; it "
                "holds no passwords."
            )
        )
        view = QPlainTextEdit(report)
        view.setReadOnly(True)
        view.setTabChangesFocus(True)
        view.setAccessibleName(self.tr("Report"))
        mark(view, mono=True)
        row = QHBoxLayout()
        copy, close = QPushButton(self.tr("Copy the report")), QPushButton(self.tr("Go on"))
        copy.setAutoDefault(False)
        close.setDefault(True)
        mark(close, primary=True)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        for widget in (head, words):
            box.addWidget(widget)
        box.addWidget(view, 1)
        box.addLayout(row)
        copy.clicked.connect(self._copy)
        close.clicked.connect(self.accept)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
