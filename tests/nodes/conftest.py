"""Planted nodes: planted once a run, shared by tests that only read, copied for those that write."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from node_bench import Bench

ROOT = Path(__file__).resolve().parents[2]
OWN = ("ProgramData/ClusterNode", "ProgramData/Nodepane", "users/", "windows/")


def files(folder: Path) -> dict[str, str]:
    """Sums of all files of the node's C: but Windows' own, the simulation's, and logs, which only grow."""
    drive = folder / "drive_c"
    found = {}
    for path in drive.rglob("*"):
        name = path.relative_to(drive).as_posix()
        if path.is_file() and not path.is_symlink() and not name.startswith(OWN) and not name.endswith(".log"):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


REGISTRY = r"""
foreach ($root in 'SYSTEM\CurrentControlSet\Services', 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment') {
    $waiting = New-Object System.Collections.Queue
    $waiting.Enqueue([Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($root))
    while ($waiting.Count) {
        $key = $waiting.Dequeue()
        foreach ($name in ($key.GetValueNames() | Sort-Object)) {
            '{0} {1} {2} {3}' -f $key.Name, $name, $key.GetValueKind($name), (@($key.GetValue($name, $null, 'DoNotExpandEnvironmentNames')) -join '|')
        }
        foreach ($name in ($key.GetSubKeyNames() | Sort-Object)) { $waiting.Enqueue($key.OpenSubKey($name)) }
    }
}
"""


@pytest.fixture(scope="session")
def winnode() -> Path:
    """The tool that makes Windows nodes on this computer; skips where it, or Wine, is missing."""
    told = os.environ.get("NODEPANE_WINNODE")
    tool = Path(told) if told else ROOT.parent / "shared" / "tools" / "powershell" / "winnode"
    if not tool.is_file():
        pytest.skip("no test node tool: set NODEPANE_WINNODE, or put shared/ beside this clone")
    if shutil.which("wine") is None:
        pytest.skip("Wine is not installed")
    return tool


def _run(winnode: Path, *words: object, timeout_s: float = 120) -> str:
    done = subprocess.run(
        [winnode, *map(str, words)], capture_output=True, text=True, timeout=timeout_s, check=False, errors="replace"
    )
    assert done.returncode == 0, f"winnode {words}: {done.stdout}{done.stderr}"
    return done.stdout


def _new(winnode: Path, folder: Path, name: str) -> Path:
    """A node in a folder like this one. On a busy computer Wine may be too slow for the tool: then once more, elsewhere."""
    for attempt in range(3):
        place = folder.with_name(f"{folder.name}-{attempt}")
        done = subprocess.run([winnode, "new", place, name], capture_output=True, text=True, timeout=120, check=False)
        if done.returncode == 0:
            return place
    raise AssertionError(f"winnode new {folder}: {done.stdout}{done.stderr}")


@pytest.fixture(scope="session")
def planted(winnode: Path, tmp_path_factory: pytest.TempPathFactory):
    """`planted(spec)`: the folder of a node that follows a description: a name of specs/, a path or a mapping."""
    home = tmp_path_factory.mktemp("planted")
    made: dict[str, Path] = {}

    def plant(spec: str | Path | dict[str, object], name: str = "WORKER-03") -> Path:
        key = (json.dumps(spec, sort_keys=True) if isinstance(spec, dict) else str(spec)) + name
        if key not in made:
            folder = home / f"node-{len(made)}"
            path = home / f"spec-{len(made)}.json"
            if isinstance(spec, dict):
                path.write_text(json.dumps(spec), encoding="utf-8")
            else:
                path = Path(spec) if Path(spec).suffix else winnode.parent / "clusternode" / "specs" / f"{spec}.json"
            folder = _new(winnode, folder, name)
            _run(winnode, "plant", folder, path)
            made[key] = folder
        return made[key]

    yield plant
    for folder in made.values():
        _run(winnode, "remove", folder)


@pytest.fixture
def fresh(winnode: Path, planted: Callable[..., Path], tmp_path: Path):
    """`fresh(spec)`: a copy of a planted node that a test may change."""
    made: list[Path] = []

    def copy(spec: str | Path | dict[str, object], name: str = "WORKER-03") -> Path:
        folder = tmp_path / f"fresh-{len(made)}"
        _run(winnode, "copy", planted(spec, name), folder)
        made.append(folder)
        return folder

    yield copy
    for folder in made:
        _run(winnode, "remove", folder)


@pytest.fixture
def truth(winnode: Path) -> Callable[[Path], dict[str, object]]:
    """`truth(folder)`: what really works on the node."""
    return lambda folder: json.loads(_run(winnode, "truth", folder))


@pytest.fixture
def passes(winnode: Path) -> Callable[[Path, int], str]:
    """`passes(folder, minutes)`: so much time passes there; which tasks ran."""
    return lambda folder, minutes: _run(winnode, "pass", folder, minutes)


@pytest.fixture
def on_node(winnode: Path) -> Callable[[Path, str], str]:
    """`on_node(folder, command)`: what a PowerShell command prints there."""
    return lambda folder, command: _run(
        winnode, "run", folder, "-NoProfile", "-ExecutionPolicy", "Bypass", "-Command", command
    )


@pytest.fixture
def picture(on_node):
    """What a change may touch: files and registry, whole."""
    return lambda folder: (files(folder), on_node(folder, REGISTRY))


@pytest.fixture
def bench(winnode, scripts, tmp_path):
    made = []

    def start(folder: Path) -> Bench:
        made.append(Bench(winnode, folder, scripts, tmp_path / "receipts"))
        return made[-1]

    yield start
    for one in made:
        one.server.close()
