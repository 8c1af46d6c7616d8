"""A second start raises the first window: a local socket of this user, with a version so that old and new never talk."""

from __future__ import annotations

import getpass
import hashlib

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

VERSION = 1
WAIT_MS = 300
RAISE = b"raise\n"


def socket_name(purpose: str = "") -> str:
    """Per user; `purpose` parts instances that may stand side by side."""
    user = hashlib.sha256(getpass.getuser().encode()).hexdigest()[:12]
    return "-".join(part for part in ("nodepane", f"v{VERSION}", user, purpose) if part)


def wake_other(name: str) -> bool:
    """Ask the window that is open already to come forward; answers whether there is one."""
    wire = QLocalSocket()
    wire.connectToServer(name)
    if not wire.waitForConnected(WAIT_MS):
        return False
    wire.write(RAISE)
    wire.waitForBytesWritten(WAIT_MS)
    wire.disconnectFromServer()
    return True


class SingleInstance(QObject):
    """Listens for later starts."""

    raise_wanted = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        if not self._server.listen(name):
            QLocalServer.removeServer(name)  # what a crash left behind: nobody answered there
            self._server.listen(name)

    @Slot()
    def _on_connection(self) -> None:
        wire = self._server.nextPendingConnection()
        if wire is not None:
            wire.disconnected.connect(wire.deleteLater)
            self.raise_wanted.emit()

    def close(self) -> None:
        self._server.close()
