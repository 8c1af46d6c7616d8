"""The arrows of the design: gui → checks, never back; values know nothing of what uses them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from pytest_archon import archrule

ROOT = Path(__file__).resolve().parents[2]
VALUES = ("checks.errors", "checks.node", "checks.facts", "checks.finding", "checks.ranges", "checks.command_line")


def modules(folder: str):
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path) -> set[str]:
    found: set[str] = set()
    for item in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(item, ast.Import):
            found.update(alias.name for alias in item.names)
        elif isinstance(item, ast.ImportFrom) and item.module:
            found.add(item.module)
    return found


def test_checks_never_import_qt_or_the_window():
    archrule("no Qt below").match("checks*").should_not_import("PySide6*", "gui*", "shiboken6*").check("checks")


def test_values_import_only_values():
    for name in VALUES:
        place = ROOT / name.replace(".", "/")
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
            used = {one for one in imported(path) if one.startswith("checks")}
            used = {one for one in used if not one.startswith("checks.facts")}
            assert used <= set(VALUES), f"{path.name} imports {used - set(VALUES)}"


def test_only_the_session_package_knows_the_network():
    network = {"winrm", "requests", "spnego", "socket", "urllib3", "requests_ntlm", "ssl"}
    allowed = ("checks/session/", "checks/simulator/", "checks/trust.py", "checks/connect")
    for path in modules("checks"):
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(allowed):
            used = {name.split(".")[0] for name in imported(path)}
            assert not used & network, f"{place} imports {used & network}"


def test_rules_are_pure():
    forbidden = {"os", "time", "subprocess", "socket", "random", "pathlib", "logging"}
    for path in modules("checks/rules"):
        used = {name.split(".")[0] for name in imported(path)}
        assert not used & forbidden, f"{path.name} imports {used & forbidden}"
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bdatetime\.(now|today|utcnow)\b", text), f"{path.name} reads the clock"


ROOTS = ("gui/app.py", "gui/self_test.py", "checks/cli.py", "checks/cli_site.py")


def test_only_composition_roots_choose_a_session():
    concrete = ("checks.session.winrm", "checks.simulator")
    for path in modules("checks") + modules("gui"):
        place = path.relative_to(ROOT).as_posix()
        if place in ROOTS or place.startswith(("checks/simulator/", "checks/session/")):
            continue
        used = {name for name in imported(path) if name.startswith(concrete)}
        assert not used, f"{place} imports {used}"


def test_only_background_knows_threads():
    for path in modules("gui"):
        if path.name in ("background.py", "crash.py"):
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(QThread|QThreadPool|QRunnable|threading\.Thread|ThreadPoolExecutor)\b", text), (
            path.name
        )


@pytest.mark.parametrize("folder", ["checks", "gui", "tests", "installer"])
def test_no_module_has_a_name_that_says_nothing(folder):
    for path in modules(folder):
        assert path.stem not in ("utils", "util", "helpers", "helper", "common", "manager", "misc"), path


def test_no_f_string_is_translated():
    """lupdate would extract it as literal text, without a warning."""
    for path in modules("gui"):
        for item in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(item, ast.Call) and getattr(item.func, "attr", "") == "tr" and item.args:
                assert not isinstance(item.args[0], ast.JoinedStr), f"{path.name}:{item.lineno}"


def test_the_fixed_top_level_folders():
    visible = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    visible -= {name for name in visible if name.endswith(".egg-info")} | {"build", "dist"}
    assert visible == {"checks", "gui", "installer", "resources", "tests"}


def test_the_window_opens_before_what_its_first_picture_does_not_need():
    """Each of these takes longer to load than the rest of the window together; it is loaded beside it, or when first used."""
    late = ("msgspec", "yaml", "winrm", "requests", "keyring", "cryptography", "checks.facts", "checks.rules")
    code = f"import sys, gui.__main__, gui.app, gui.workplace; print([one for one in {late} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_empty_window_opens_before_what_fills_it():
    late = (
        "gui.app",
        "gui.workplace",
        "gui.theme",
        "gui.fleet",
        "PySide6.QtSvg",
        "PySide6.QtNetwork",
        "json",
        "checks.node",
    )
    code = f"import sys, gui.__main__; print([one for one in {late} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _reached(path: Path) -> set[str]:
    """Modules that this one imports when it runs, inside of functions too; for the sake of types alone does not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for item in ast.walk(tree):
        if isinstance(item, ast.If) and getattr(item.test, "id", "") == "TYPE_CHECKING":
            item.body = []
    found: set[str] = set()
    for item in ast.walk(tree):
        if isinstance(item, ast.Import):
            found.update(alias.name for alias in item.names)
        elif isinstance(item, ast.ImportFrom) and item.module:
            found.add(item.module)
            found.update(f"{item.module}.{alias.name}" for alias in item.names)
    return found


def test_no_module_reaches_itself():
    places = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for folder in ("checks", "gui")
        for path in modules(folder)
    }
    graph = {name: _reached(path) & set(places) - {name} for name, path in places.items()}
    assert len(graph) > 200
    tuple(TopologicalSorter(graph).static_order())  # raises with the circle
