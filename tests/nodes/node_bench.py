"""One planted node behind a WinRM server, and the app's own objects on this side of the wire."""

from __future__ import annotations

from pathlib import Path

from node_backend import NodeBackend

from checks.fix_list import FIXES
from checks.line import Line
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
        self.line = Line(self.open)
        """What only reads goes through one session, as in the window; a change opens its own."""

    def open(self) -> WinRmSession:
        return WinRmSession(self.node, WHO, self.scripts)

    def scan(self, only=()):
        """The report of all checks, or of some."""
        return self.scanner.read(self.line.session(), self.node, only)

    def rehearse(self, fix, values, report=None):
        """The plan of a fix, made from what a scan has just found, or from one of its own."""
        report = report or self.scan(FIXES[fix].reads)
        assert report.error is None
        return self.repair.rehearse(self.line.session(), self.node, fix, report.facts, values)

    def apply(self, plan, secrets=None):
        return self.repair.apply(self.open, self.node, plan, secrets or {}, self.told.append)

    def undo(self, receipt):
        return self.repair.undo(self.open, self.node, receipt, self.told.append)

    def close(self):
        """Hang up and stop listening; nobody's shell may be left."""
        self.line.drop()
        left = self.server.shells.open_count
        self.server.close()
        assert left == 0
