"""Composition root: builds every object of a window and connects them."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from checks.errors import ToolError
from checks.folders import own_folder
from checks.language import choose_language, languages, system_language
from checks.node import Credentials, Node
from checks.preferences import Preferences, load_preferences, save_preferences
from gui.background import Background
from gui.connections import Connections
from gui.fleet import Fleet
from gui.fronts import Fronts
from gui.icons import Icons
from gui.language import Language
from gui.main_window import SETTINGS, MainWindow
from gui.node_store import NodeStore
from gui.scheme import Scheme
from gui.sweeper import Sweeper
from gui.theme import Theme
from gui.wording import Wording
from gui.workplace import Workplace

if TYPE_CHECKING:
    import argparse

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
CLOSE_MS = 6000
"""What closing sessions may take after the window has gone, in milliseconds."""


@dataclass(slots=True)
class Parts:
    """One running window and what it stands on."""

    fronts: Fronts
    fleet: Fleet
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
    def window(self) -> MainWindow:
        return self.fronts.window

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


def _starting_language(options: argparse.Namespace) -> str:
    folder = RESOURCES / "catalogue"
    chosen = load_preferences(options.data or own_folder()).language
    return choose_language(languages(folder), options.language or "", chosen, system_language())


def build(
    app: QApplication,
    options: argparse.Namespace,
    *,
    latency_ms: int = 0,
    scan: bool = False,
    window: MainWindow | None = None,
) -> Parts:
    """All objects of a window. With `scan` all nodes wait to be read once `background` is released.

    `window`: an empty one, to be filled; else one is made and not shown yet.
    """
    stack = ExitStack()
    demo = bool(options.demo or options.self_test)
    folder = kept = options.data or own_folder()
    if demo:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nodepane-demo-")))
    store = NodeStore(None if demo else options.nodes or folder / "nodes.yaml", folder / "cache" / "nodes.json")
    site = _demo_site(stack, latency_ms) if demo else _real_site(store, must_exist=options.nodes is not None)
    settings = QSettings(str(folder / SETTINGS), QSettings.Format.IniFormat)
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

    def fill(empty: MainWindow | None) -> MainWindow:
        shown = empty or MainWindow(settings)
        place = Workplace(fleet, wording, icons, theme, settings)
        place.scheme_chosen.connect(lambda name: settings.setValue("window/scheme", name))
        place.orders.open_demo_requested.connect(_open_demo)
        if demo:
            shown.setWindowTitle("Nodepane — demo")
        theme.dress()
        shown.fill(place)
        return shown

    def make_desk(window: MainWindow) -> Desk:
        from gui.desk import Desk
        from gui.node_desk import NodeDesk

        look = (wording, icons, theme)
        nodes = NodeDesk(window, fleet, connections, background, trial, site.keep, site.forget, *look)
        return Desk(window, fleet, repair(), receipts(), scanner(), connections, background, nodes, *look)

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

    fronts = Fronts(fill, make_desk, lambda: language.code, speak, window)
    return Parts(
        fronts, fleet, theme, background, connections, receipts, language, site.load_error, site.demo, load, close, fronts.change,
    )  # fmt: skip


@cache
def _check_ids() -> frozenset[str]:
    from checks.rules import CHECKS

    return frozenset(check.id for check in CHECKS)


def _open_demo() -> None:
    """A window of its own: simulated nodes never stand among real ones."""
    from PySide6.QtCore import QProcess

    start = ["--demo"] if getattr(sys, "frozen", False) else ["-m", "gui", "--demo"]
    QProcess.startDetached(sys.executable, start, str(RESOURCES.parent))


def demo_latency() -> int:
    """Milliseconds that the demo's nodes take to answer when somebody looks at them."""
    from checks.simulator.site import DEMO_LATENCY_MS

    return DEMO_LATENCY_MS
