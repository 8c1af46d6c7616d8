"""Adds a node or changes how it is reached: the form, the certificate's fingerprint, and a trial of the connection."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from checks.connect import StageResult, stages_of
from checks.errors import ToolError
from checks.host_settings import host_node
from checks.node import Credentials, Node
from checks.trust import fetch_fingerprint, readable
from gui.background import Background, Tell
from gui.framed_dialog import FramedDialog
from gui.icons import Icons
from gui.node_form import NodeForm
from gui.notice import Notice
from gui.stage_list import StageList
from gui.theme import Theme, mark
from gui.wording import Wording

Trial = Callable[[Node, Credentials | None], Iterable[StageResult]]
"""Tries the connection with what the form says; credentials None: those that are stored. Runs on a worker thread."""
QUEUE = "connect-dialog"


class ConnectDialog(FramedDialog):
    saved = Signal(object, object, bool)
    """`Node`, `Credentials` or None where no password was typed, and whether it goes to the keyring."""
    host_saved = Signal(object, object, bool)
    """The same for its Hyper-V host, told before; only where a password was typed for it."""

    def __init__(
        self,
        node: Node | None,
        taken: frozenset[str],
        groups: tuple[str, ...],
        trial: Trial,
        background: Background,
        wording: Wording,
        icons: Icons,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        title = self.tr("Change {node}").format(node=node.name) if node else self.tr("Add a node")
        super().__init__("connectDialog", title, theme, parent)
        self._old = node
        self._trial = trial
        self._background = background
        self._wording = wording
        self._number = 0
        self.resize(theme.step(160), theme.step(165))
        self.form = NodeForm(taken, groups, theme)
        self.stages = StageList(wording, icons, theme)
        self._notice = Notice(icons, theme)
        self._notice.hide()
        self.add_head(QLabel(title))
        self._build_body()
        self._build_foot(node)
        if node is not None:
            self.form.show_node(node)
        self.form.fingerprint_wanted.connect(self._ask_fingerprint)
        self.form.name.setFocus()

    def _build_body(self) -> None:
        theme = self._theme
        page = QWidget()
        page.setObjectName("page")
        box = QVBoxLayout(page)
        box.setContentsMargins(theme.step(5), theme.step(4), theme.step(5), theme.step(4))
        box.setSpacing(theme.step(3))
        box.addWidget(self.form)
        self._accept = QPushButton(self.tr("Keep this fingerprint"))
        self._accept.setAutoDefault(False)
        self._accept.hide()
        self._accept.clicked.connect(self._keep_fingerprint)
        box.addWidget(self._notice)
        box.addWidget(self._accept)
        box.addWidget(self.stages)
        box.addStretch(1)
        body = QScrollArea()
        body.setWidgetResizable(True)
        body.setFrameShape(QFrame.Shape.NoFrame)
        body.setWidget(page)
        self._body = body
        self.add_body(body)

    def _build_foot(self, node: Node | None) -> None:
        self._test = QPushButton(self.tr("Test the connection"))
        self._copy = QPushButton(self.tr("Copy for support"))
        mark(self._copy, flat_link=True)
        self._copy.hide()
        cancel = QPushButton(self.tr("Cancel"))
        self._save = QPushButton(self.tr("Save") if node else self.tr("Add node"))
        mark(self._save, primary=True)
        self.add_foot(self._save, (cancel, self._save), left=(self._test, self._copy))
        self._test.clicked.connect(self._on_test)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.stages.text()))
        cancel.clicked.connect(self.reject)
        self._save.clicked.connect(self._on_save)

    def _credentials(self) -> Credentials | None:
        password = self.form.password.text()
        return Credentials(self.form.user.text().strip(), password) if password else None

    # Trial

    @Slot()
    def _on_test(self) -> None:
        if not self.form.show_problems(everything=True):
            return
        node, credentials = self.form.node(), self._credentials()
        self._number += 1
        number = self._number
        self.stages.begin(stages_of(node))
        self._test.setEnabled(False)
        self._copy.hide()

        def call(tell: Tell) -> None:
            for result in self._trial(node, credentials):
                tell(result)

        self._background.start(
            QUEUE,
            call,
            lambda _: self._on_tested(number),
            lambda error: self._on_trial_failed(number, error),
            lambda result: self._on_stage(number, result),
            owner=self,
        )

    def _on_stage(self, number: int, result: object) -> None:
        if number == self._number and isinstance(result, StageResult):
            self.stages.add(result)
            self._show_end()

    def _on_tested(self, number: int) -> None:
        if number == self._number:
            self._test.setEnabled(True)
            self._test.setText(self.tr("Test again"))
            self._copy.show()
            self._show_end()

    def _on_trial_failed(self, number: int, error: Exception) -> None:
        if number != self._number:
            return
        self._on_tested(number)
        if isinstance(error, ToolError):
            self._tell("fail", error)
            return
        raise error

    def _show_end(self) -> None:
        # Once the rows have their places.
        QTimer.singleShot(0, self, lambda: self._body.ensureWidgetVisible(self.stages, 0, 0))

    # Certificate

    @Slot()
    def _ask_fingerprint(self) -> None:
        node = self.form.node()
        self._accept.hide()
        if not node.address or self.form.address in self.form.problems():
            self.form.show_problems(everything=True)
            return
        self._notice.show_html(
            "info", self.tr("Asking {node} for its certificate…").format(node=html.escape(node.address))
        )
        self._number += 1
        number = self._number
        self._test.setEnabled(True)
        self._background.start(
            QUEUE,
            lambda _: fetch_fingerprint(node),
            lambda found: self._on_fingerprint(number, str(found)),
            lambda error: self._on_no_fingerprint(number, error),
            owner=self,
        )

    def _on_fingerprint(self, number: int, fingerprint: str) -> None:
        if number != self._number:
            return
        self._accept.setProperty("fingerprint", fingerprint)
        words = self.tr(
            "<b>Compare before you keep it.</b> The node shows this certificate now (SHA-256). Keep it only if it is the "
            "one that the node's administrator names:"
        )
        self._notice.show_html("warn", f"{words}<br><code>{readable(fingerprint)}</code>")
        self._accept.show()

    def _on_no_fingerprint(self, number: int, error: Exception) -> None:
        if number != self._number:
            return
        if not isinstance(error, ToolError):
            raise error
        self._tell("fail", error)

    @Slot()
    def _keep_fingerprint(self) -> None:
        self.form.certificate.setText(str(self._accept.property("fingerprint")))
        self._accept.hide()
        self._notice.hide()

    def _tell(self, kind: str, error: ToolError) -> None:
        what, why, todo = (html.escape(part, quote=False) for part in self._wording.error(error))
        self._notice.show_html(kind, f"<b>{what}</b> {why} {todo}")

    # Ending

    @Slot()
    def _on_save(self) -> None:
        if not self.form.show_problems(everything=True):
            first = next(iter(self.form.problems()))
            first.setFocus()
            self._body.ensureWidgetVisible(first)
            return
        node, host_password = self.form.node(), self.form.host_password.text()
        host = host_node(node)
        if host is not None and host_password:
            self.host_saved.emit(host, Credentials(host.user, host_password), self.form.keep.isChecked())
        self.saved.emit(node, self._credentials(), self.form.keep.isChecked())
        self.accept()

    def done(self, result: int) -> None:
        self._number += 1  # what a trial still tells belongs to no window
        super().done(result)
