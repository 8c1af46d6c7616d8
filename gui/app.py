"""Composition root of the window: builds every object and connects them."""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication

from checks.errors import ToolError
from checks.folders import own_folder
from checks.language import choose_language, languages, system_language
from checks.node import Credentials, Node
from checks.preferences import Preferences, load_preferences, save_preferences
from gui.background import Background
from gui.connections import Connections
from gui.crash import CrashReports
from gui.fleet import Fleet
from gui.icons import Icons
from gui.language import NAMES, Language
from gui.main_window import MainWindow
from gui.node_store import NodeStore
from gui.sweeper import Sweeper
from gui.theme import Scheme, Theme
from gui.wording import Wording

if TYPE_CHECKING:
    from checks.catalogue import Catalogue
    from checks.connect import StageResult
    from checks.receipt import ReceiptStore
    from checks.repair import Repair
    from checks.scan import Scanner
    from checks.session import Script, Session
    from checks.simulator.site import RunningDemo
    from gui.desk import Desk

T = TypeVar("T")
RESOURCES = Path(__file__).resolve().parents[1] / "resources"
SWITCH_S = 0.0002
"""How long the thread whose turn it is may keep the interpreter while the window waits for it."""
CLOSE_MS = 6000
"""What closing sessions may take after the window has gone."""


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


@dataclass(slots=True)
class Parts:
    """One running window and what it stands on."""

    window: MainWindow
    fleet: Fleet
    fronts: _Fronts
    theme: Theme
    background: Background
    connections: Connections
    receipts: Callable[[], ReceiptStore]
    language: Language
    load_error: ToolError | None
    demo: RunningDemo | None
    """The simulated nodes, where the window stands on them."""
    load: Callable[[], None]
    """What the first picture did without: words, rules and what repairs. On any thread."""
    close: Callable[[], None]
    change_language: Callable[[str], None]
    """The same window in another language; `window` and `desk` are new ones then."""

    @property
    def desk(self) -> Desk:
        """Made when it is first needed: its dialogs cost more than showing the window."""
        return self.fronts.desk


class _Site(NamedTuple):
    """Where nodes and passwords come from."""

    nodes: tuple[Node, ...]
    find: Callable[[Node], Credentials | None]
    keep: Callable[[Node, str], None]
    forget: Callable[[Node], None]
    load_error: ToolError | None = None
    demo: RunningDemo | None = None


def _real_site(store: NodeStore, *, must_exist: bool) -> _Site:
    # Inside: keyring costs more than showing the window, and `credentials` imports it only when asked.
    from checks import credentials

    nodes: tuple[Node, ...] = ()
    problem: ToolError | None = None
    try:
        nodes = store.load(must_exist=must_exist)
    except ToolError as error:
        problem = error
    return _Site(nodes, credentials.find, credentials.save, credentials.forget, problem)


def _demo_site(stack: ExitStack, latency_ms: int) -> _Site:
    from checks.simulator.site import start_demo

    running = start_demo(RESOURCES, latency_ms)
    stack.callback(running.close)
    return _Site(running.nodes, lambda _: running.credentials, lambda *_: None, lambda _: None, demo=running)


def _once(make: Callable[[], T]) -> Callable[[], T]:
    """Made when it is first asked for, by whichever thread, and kept."""
    lock = threading.RLock()
    made: list[T] = []

    def give() -> T:
        with lock:
            if not made:
                made.append(make())
            return made[0]

    return give


@cache
def _scripts() -> Mapping[str, Script]:
    from checks.scripts import load_scripts

    return load_scripts(RESOURCES / "scripts")


def _open_session(node: Node, who: Credentials) -> Session:
    from checks.session.winrm import WinRmSession

    return WinRmSession(node, who, _scripts())


def _ready_to_connect() -> None:
    """Load what connections are made with, once: else the first nodes' threads all wait for one that loads it."""
    import checks.session.transport  # noqa: F401


def _catalogue(language: str) -> Catalogue:
    from checks.catalogue import load_catalogue

    return load_catalogue(RESOURCES / "catalogue", language)


class _Fronts:
    """Builds the window and its desk; a new pair takes the place of the old one when the language changes."""

    def __init__(
        self,
        make_window: Callable[[], MainWindow],
        make_desk: Callable[[MainWindow], Desk],
        speak: Callable[[str], None],
    ) -> None:
        self._make_window = make_window
        self._make_desk = make_desk
        self._speak = speak
        self._desk: Desk | None = None
        self.window = self._new_window()
        self.parts: Parts | None = None

    def _new_window(self) -> MainWindow:
        window = self._make_window()
        # Queued: the window that asks is gone afterwards.
        window.language_chosen.connect(self.change, Qt.ConnectionType.QueuedConnection)
        # Through `desk`: an order that comes before there is one makes it.
        window.fix_requested.connect(lambda node, fix: self.desk.open_fix(node, fix))
        window.undo_requested.connect(lambda node: self.desk.open_undo(node))
        window.edit_node_requested.connect(lambda node: self.desk.edit_node(node))
        window.remove_node_requested.connect(lambda node: self.desk.remove_node(node))
        window.add_node_requested.connect(lambda: self.desk.add_node())
        window.import_requested.connect(lambda: self.desk.choose_import())
        window.history_requested.connect(lambda: self.desk.open_history())
        window.report_requested.connect(lambda: self.desk.open_report())
        window.help_requested.connect(lambda: self.desk.open_help())
        return window

    @property
    def desk(self) -> Desk:
        if self._desk is None:
            self._desk = self._make_desk(self.window)
        return self._desk

    def change(self, code: str) -> None:
        """The same window in another language: node, check, place and size stay. Not while a change runs on a node."""
        parts = self.parts
        if parts is None or code == parts.language.code:
            return
        old, desk = parts.window, parts.desk
        if desk.is_changing:
            desk.tell_busy()
            return
        shown = old.current_node, old.checklist.current_check, old.saveGeometry()
        self._speak(code)
        parts.window = self.window = self._new_window()
        self._desk = self._make_desk(self.window)
        parts.window.restoreGeometry(shown[2])
        parts.window.select_node(shown[0])
        parts.window.select_check(shown[1])
        parts.window.show()
        old.close()
        old.deleteLater()


def _starting_language(options: argparse.Namespace) -> str:
    folder = RESOURCES / "catalogue"
    chosen = load_preferences(options.data or own_folder()).language
    return choose_language(languages(folder), options.language or "", chosen, system_language())


def build(app: QApplication, options: argparse.Namespace, *, latency_ms: int = 0, scan: bool = False) -> Parts:
    """All objects of a window; nothing is shown yet. With `scan` all nodes wait to be read once `background` is released."""
    stack = ExitStack()
    demo = bool(options.demo or options.self_test)
    folder = kept = options.data or own_folder()
    if demo:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nodepane-demo-")))
    store = NodeStore(None if demo else options.nodes or folder / "nodes.yaml", folder / "cache" / "nodes.json")
    site = _demo_site(stack, latency_ms) if demo else _real_site(store, must_exist=options.nodes is not None)
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    scheme = Scheme(options.theme or str(settings.value("window/scheme", Scheme.SYSTEM.value)))
    theme = Theme(app, RESOURCES / "theme", scheme, dress=False, copy=folder / "cache" / "theme.json")
    icons = Icons(RESOURCES / "icons", theme)
    language = Language(app, RESOURCES / "translations")
    language.speak(_starting_language(options))
    wording = Wording(lambda: _catalogue(language.code))
    background = Background()
    connections = Connections(_open_session, site.find)

    # What reads, judges and repairs is loaded when it is first needed: it costs more than showing the window.
    @_once
    def scanner() -> Scanner:
        from checks.host_question import HyperVHosts
        from checks.node_ports import node_ports_aside
        from checks.probe import HOST_PROBE
        from checks.scan import Scanner
        from checks.session.knock import knock

        hosts = HyperVHosts(connections.host_credentials, _open_session, _scripts()[HOST_PROBE.script])
        tried = node_ports_aside(site.demo.knock if site.demo else knock)
        return Scanner(_scripts(), asides=(hosts.aside(), tried))

    @_once
    def receipts() -> ReceiptStore:
        from checks.receipt import ReceiptStore

        return ReceiptStore(folder / "receipts")

    @_once
    def repair() -> Repair:
        from checks.repair import Repair

        return Repair(_scripts(), receipts(), scanner())

    fleet = Fleet(site.nodes, scanner, connections, background, _check_ids, store.save)

    sweeper = Sweeper(fleet)
    if scan:
        background.hold()
        fleet.scan_all()

    def trial(node: Node, who: Credentials | None) -> Iterable[StageResult]:
        from checks.connect import try_connection

        credentials = who or connections.credentials(node)
        return try_connection(node, lambda: _open_session(node, credentials), _scripts())

    def make_window() -> MainWindow:
        window = MainWindow(fleet, wording, icons, theme, settings)
        if demo:
            window.setWindowTitle("Nodepane — demo")
        window.scheme_chosen.connect(lambda name: settings.setValue("window/scheme", name))
        window.open_demo_requested.connect(_open_demo)
        return window

    def make_desk(window: MainWindow) -> Desk:
        from gui.desk import Desk

        return Desk(
            window, fleet, repair(), receipts(), scanner(), connections, background, trial,
            site.keep, site.forget, wording, icons, theme,
        )  # fmt: skip

    def speak(code: str) -> None:
        language.speak(code)
        wording.speak(_catalogue(code))
        save_preferences(kept, Preferences(language=code))

    def load() -> None:
        _ = wording.catalogue
        repair()
        _ready_to_connect()
        sweeper.set_aside()

    def close() -> None:
        sweeper.close()
        fleet.stop()
        background.finish(CLOSE_MS)
        stack.close()

    fronts = _Fronts(make_window, make_desk, speak)
    parts = Parts(
        fronts.window, fleet, fronts, theme, background, connections, receipts, language,
        site.load_error, site.demo, load, close, fronts.change,
    )  # fmt: skip
    fronts.parts = parts
    theme.dress()
    return parts


@cache
def _check_ids() -> frozenset[str]:
    from checks.check import all_checks

    return frozenset(check.id for check in all_checks())


def _open_demo() -> None:
    """A window of its own: simulated nodes never stand among real ones."""
    from PySide6.QtCore import QProcess

    start = ["--demo"] if getattr(sys, "frozen", False) else ["-m", "gui", "--demo"]
    QProcess.startDetached(sys.executable, start, str(RESOURCES.parent))


def _run(app: QApplication, options: argparse.Namespace) -> int:
    sys.setswitchinterval(SWITCH_S)
    alone = not (options.demo or options.nodes or options.data)
    if alone and _woke_other():
        return 0
    crashes = CrashReports((options.data or own_folder()) / "logs")
    parts = build(app, options, latency_ms=_demo_latency() if options.demo else 0, scan=True)
    crashes.crashed.connect(lambda report: _show_crash(report, parts))
    parts.window.first_painted.connect(lambda: _go_on(parts))
    parts.window.show()
    gc.enable()  # off since the program's first line
    if alone:
        _listen(app, parts)
    try:
        return app.exec()
    finally:
        parts.window.hide()
        parts.close()


def _go_on(parts: Parts) -> None:
    """After the first picture, and beside the window: all this can wait for it, a person should not."""

    def read(_: object) -> None:
        # The desk keeps the journal's line at the foot: made now, without an order.
        if parts.load_error is not None:
            parts.desk.show_error(parts.load_error)
        _ = parts.desk

    parts.background.release(parts.load, read)


def _woke_other() -> bool:
    from gui.single_instance import socket_name, wake_other

    return wake_other(socket_name())


def _listen(app: QApplication, parts: Parts) -> None:
    from gui.single_instance import SingleInstance, socket_name

    only = SingleInstance(socket_name(), app)
    only.raise_wanted.connect(lambda: _raise(parts.window))


def _show_crash(report: str, parts: Parts) -> None:
    from gui.crash_dialog import CrashDialog

    CrashDialog(report, parts.theme, parts.window).open()


def _raise(window: MainWindow) -> None:
    window.showNormal()
    window.raise_()
    window.activateWindow()


def _demo_latency() -> int:
    from checks.simulator.site import DEMO_LATENCY_MS

    return DEMO_LATENCY_MS


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
    return _run(QApplication(words[:1]), options)
