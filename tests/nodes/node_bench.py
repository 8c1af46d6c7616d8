"""One planted node behind a WinRM server, and the app's own objects on this side of the wire."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

from node_backend import NodeBackend

from checks.fix import FIXES
from checks.node import Credentials, Node
from checks.receipt import ReceiptStore
from checks.repair import Repair
from checks.scan import Scanner
from checks.session.winrm import WinRmSession
from checks.simulator.server import SimulatorServer

WHO = Credentials("admin", "pa ss; word")


class Bench:
    """One node behind a WinRM server, and the app's own objects on this side."""

    def __init__(self, winnode: Path, folder: Path, scripts, receipts: Path) -> None:
        self.folder = folder
        self.server = SimulatorServer(NodeBackend(winnode, folder), WHO)
        self.node = Node("worker-03", "127.0.0.1", self.server.port, user=WHO.user)
        self.scripts = scripts
        self.scanner = Scanner(scripts)
        self.receipts = ReceiptStore(receipts)
        self.repair = Repair(scripts, self.receipts, self.scanner)
        self.told = []

    def open(self) -> WinRmSession:
        return WinRmSession(self.node, WHO, self.scripts)

    @contextmanager
    def session(self):
        session = self.open()
        try:
            yield session
        finally:
            session.close()

    def scan(self, session=None, only=()):
        """The report of all checks, or of some."""
        if session is None:
            with self.session() as own:
                return self.scan(own, only)
        return self.scanner.read(session, self.node, only)

    def rehearse(self, fix, values, report=None):
        """The plan of a fix, made from what a scan has just found, or from one of its own."""
        with self.session() as session:
            report = report or self.scan(session, FIXES[fix].reads)
            assert report.error is None
            return self.repair.rehearse(session, self.node, fix, report.facts, values)

    def apply(self, plan, secrets=None):
        return self.repair.apply(self.open, self.node, plan, secrets or {}, self.told.append)

    def undo(self, receipt):
        return self.repair.undo(self.open, self.node, receipt, self.told.append)
